"""Checks of workspaces: the names they refer to, and the configurations that their jobs would refuse."""

from collections.abc import Collection, Iterator, Mapping

from modelyard.components.kubernetes.workspaces.fine_tune import run_config
from modelyard.components.kubernetes.workspaces.serve import serve_config
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.section import Path
from modelyard.stacks.environment.team import FineTune, Serve, Team
from modelyard.stacks.environment.unsound import skip_unsound
from modelyard.stacks.validation.hardware import find_hardware_faults
from modelyard.stacks.validation.messages import Fault, nearest, setting_fault
from modelyard.stacks.workspaces import fine_tune_args, serve_args, serve_result
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError

LOCATIONS = ("train_data", "validation_data", "model", "tokenizer", "results")
"""Keys of workspaces that may lie on a volume."""


def references(environment: Environment) -> Iterator[Fault]:
    """Find priorities, images, volumes and fine-tunes that workspaces name and that there are not."""
    for check in (_priority, _image, _volumes, _source):
        for path, team, workspace in environment.workspaces():
            yield from skip_unsound(check, environment, team, workspace, path)


def _priority(environment: Environment, team: Team, workspace: FineTune | Serve, path: Path) -> Iterator[Fault]:
    _ = team
    priorities = [level.name for level in environment.priorities]
    if workspace.priority not in priorities:
        text = f"no such priority; {nearest(workspace.priority, priorities)}"
        yield Fault((*path, "priority"), workspace.priority, text)


def _image(environment: Environment, team: Team, workspace: FineTune | Serve, path: Path) -> Iterator[Fault]:
    _ = team, path
    image = "train" if workspace.kind == "fine-tune" else "serve"
    if getattr(environment.images, image) is None:
        yield Fault(("images", image), None, f"is missing, and workspace {workspace.name!r} needs it")


def _volumes(environment: Environment, team: Team, workspace: FineTune | Serve, path: Path) -> Iterator[Fault]:
    _ = environment
    claims = [volume.claim for volume in team.volumes]
    for key in LOCATIONS:
        uri = getattr(workspace, key, None)
        claim = parse(uri).claim if uri else None
        if claim and claim not in claims:
            text = f"team {team.name!r} has no volume {claim!r}; {nearest(claim, claims)}"
            yield Fault((*path, key), uri, text)


def _source(environment: Environment, team: Team, server: FineTune | Serve, path: Path) -> Iterator[Fault]:
    _ = environment
    if not isinstance(server, Serve):
        return
    sources = [key for key in ("model", "fine_tune") if getattr(server, key) is not None]
    if len(sources) == 2:
        yield Fault(path, server.name, "has both model and fine_tune; give one")
    if not sources and server.preset is None:
        yield Fault(path, server.name, "has nothing to serve; give preset, model or fine_tune")
    fine_tunes = [fine_tune.name for fine_tune in team.fine_tunes()]
    if server.fine_tune is not None and server.fine_tune not in fine_tunes:
        text = f"team {team.name!r} has no fine-tune workspace of that name; {nearest(server.fine_tune, fine_tunes)}"
        yield Fault((*path, "fine_tune"), server.fine_tune, text)


def configurations(
    environment: Environment, faults: Collection[Path], pools: Mapping[int, NodePoolSpec]
) -> Iterator[Fault]:
    """Find configurations that a job would refuse, and jobs that the GPUs of their pool cannot hold.

    Args:
        environment: environment, with its faults.
        faults: paths of the faults that are known. A workspace that has one is left out, and so is a server of its
            result: the job would only repeat it.
        pools: validated pools by their position in the file.
    """
    refused = {path[:4] for path in faults if len(path) >= 4 and path[2] == "workspaces"}
    for kind in (FineTune, Serve):
        for path, team, workspace in skip_unsound(environment.workspaces):
            if not isinstance(workspace, kind) or path in refused:
                continue
            if refused.isdisjoint(skip_unsound(_awaited, team, workspace, path)):
                found = list(skip_unsound(_configuration, environment, team, workspace, path, pools))
                refused |= {path} if found else set()
                yield from found


def _awaited(team: Team, workspace: FineTune | Serve, path: Path) -> Iterator[Path]:
    """Yield the path of the fine-tune whose result a server serves."""
    if isinstance(workspace, Serve) and workspace.fine_tune is not None:
        names = [other.name for other in team.workspaces]
        yield (*path[:3], names.index(workspace.fine_tune))


def _configuration(
    environment: Environment,
    team: Team,
    workspace: FineTune | Serve,
    path: Path,
    pools: Mapping[int, NodePoolSpec],
) -> Iterator[Fault]:
    kind = FineTuneConfig if isinstance(workspace, FineTune) else ServeConfig
    try:
        if isinstance(workspace, FineTune):
            content = run_config(workspace.name, fine_tune_args(environment, team, workspace))
        else:
            args = serve_args(environment, team, workspace)
            content = serve_config(workspace.name, args, serve_result(environment, team, workspace))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            keys = tuple(detail["loc"])
            is_setting = bool(keys) and keys[0] not in type(workspace).model_fields
            yield setting_fault(detail, (*path, *(("settings",) if is_setting else ()), *keys), kind.model_fields)
        return
    pool = environment.pool_of(team)
    position = environment.node_pools.index(pool) if pool is not None else -1
    pod = workspace.worker if isinstance(workspace, FineTune) else workspace.replica
    if position in pools and pod.gpus:
        yield from find_hardware_faults(kind.model_validate(content), pools[position], path)
