"""What workspaces name must be there, and what their jobs would refuse is refused here."""

from collections.abc import Iterator

from modelyard.components.kubernetes.workspaces.fine_tune import run_config
from modelyard.components.kubernetes.workspaces.serve import serve_config
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import FineTune, Serve, Team
from modelyard.stacks.validation.messages import Complaint, from_validation, nearest
from modelyard.stacks.workspaces import fine_tune_args, serve_args, serve_result
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError


def references(environment: Environment) -> Iterator[Complaint]:
    """Priorities, images, volumes and fine-tunes that workspaces name are there."""
    priorities = [one.name for one in environment.priorities]
    for i, j, workspace in environment.workspaces():
        path = ("teams", i, "workspaces", j)
        team = environment.teams[i]
        if workspace.priority not in priorities:
            text = f"no such priority; {nearest(workspace.priority, priorities)}"
            yield Complaint((*path, "priority"), workspace.priority, text)
        image = "train" if isinstance(workspace, FineTune) else "serve"
        if getattr(environment.images, image) is None:
            yield Complaint(("images", image), None, f"is missing, and workspace {workspace.name!r} needs it")
        claims = [volume.claim for volume in team.volumes]
        for key in ("train_data", "validation_data", "model", "tokenizer", "results"):
            uri = getattr(workspace, key, None)
            claim = parse(uri).claim if uri else None
            if claim and claim not in claims:
                text = f"team {team.name!r} has no volume {claim!r}; {nearest(claim, claims)}"
                yield Complaint((*path, key), uri, text)
        if isinstance(workspace, Serve):
            yield from _source(workspace, team, path)


def _source(server: Serve, team: Team, path: tuple[str | int, ...]) -> Iterator[Complaint]:
    given = [key for key in ("model", "fine_tune") if getattr(server, key) is not None]
    if len(given) == 2:
        yield Complaint(path, server.name, "has both model and fine_tune; give one")
    if not given and server.preset is None:
        yield Complaint(path, server.name, "has nothing to serve; give preset, model or fine_tune")
    trained = [one.name for one in team.workspaces if isinstance(one, FineTune)]
    if server.fine_tune is not None and server.fine_tune not in trained:
        text = f"team {team.name!r} has no fine-tune workspace of that name; {nearest(server.fine_tune, trained)}"
        yield Complaint((*path, "fine_tune"), server.fine_tune, text)


def configurations(environment: Environment) -> Iterator[Complaint]:
    """What the jobs themselves would refuse, refused here."""
    refused: set[str] = set()
    in_order = sorted(environment.workspaces(), key=lambda one: isinstance(one[2], Serve))
    for i, j, workspace in in_order:
        if isinstance(workspace, Serve) and workspace.fine_tune in refused:
            continue  # it would only repeat the complaint
        team, path = environment.teams[i], ("teams", i, "workspaces", j)
        known = FineTuneConfig if isinstance(workspace, FineTune) else ServeConfig
        try:
            if isinstance(workspace, FineTune):
                run_config(workspace.name, fine_tune_args(environment, team, workspace))
            else:
                args = serve_args(environment, team, workspace)
                serve_config(workspace.name, args, serve_result(environment, team, workspace))
        except ValidationError as wrong:
            refused.add(workspace.name)
            for one in from_validation(wrong, workspace.settings):
                inside = ("settings",) if one.path and one.path[0] not in type(workspace).model_fields else ()
                text = one.text
                if one.kind == "extra_forbidden":
                    text = f"unknown setting; {nearest(str(one.path[-1]), sorted(known.model_fields))}"
                yield Complaint((*path, *inside, *one.path), one.value, text)
