"""Validated forms of workspaces, and checks of the names that they refer to."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneSpec, validate_fine_tune
from modelyard.components.kubernetes.workspaces.serve import ServeSpec, validate_server
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.stacks.environment.aliases import parse_path
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.section import Path
from modelyard.stacks.environment.team import FineTune, Serve, Team
from modelyard.stacks.environment.unsound import skip_unsound
from modelyard.stacks.validation.hardware import find_hardware_faults
from modelyard.stacks.validation.messages import Fault, argument_fault, nearest
from modelyard.stacks.workspaces import fine_tune_args, serve_args
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.serve.config import ServeConfig

LOCATIONS = ("train_data", "validation_data", "model", "tokenizer", "results")
"""Keys of workspaces that may lie on a volume."""
KEYS: Mapping[str, str] = {"deadline_seconds": "timeout", "memory_gib": "memory", "result": "fine_tune"}
"""Key of a workspace in the file, where it is not the argument's: amounts are written with their unit."""


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


@dataclass
class WorkspaceSpecs:
    """Validated forms of the workspaces by name, as far as they are sound, and their faults."""

    pools: Mapping[int, NodePoolSpec]
    """Validated node pools by their position in the file, whose GPUs must hold the jobs."""
    fine_tunes: dict[str, FineTuneSpec] = field(default_factory=dict)
    servers: dict[str, ServeSpec] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def validate_specs(
    environment: Environment, faults: Collection[Path], pools: Mapping[int, NodePoolSpec]
) -> WorkspaceSpecs:
    """Validate each workspace once, fine-tunes first, and check that the GPUs of its pool can hold its job.

    Args:
        environment: environment, with its faults.
        faults: paths of the known faults. A workspace that has one is left out, and so is a server of its result: the
            job would only repeat it.
        pools: validated pools by their position in the file.
    """
    refused = {path[:4] for path in faults if len(path) >= 4 and path[2] == "workspaces"}
    specs = WorkspaceSpecs(pools)
    for kind in (FineTune, Serve):
        for path, team, workspace in skip_unsound(environment.workspaces):
            if isinstance(workspace, kind) and path not in refused:
                specs.faults += skip_unsound(_validate_workspace, environment, team, workspace, path, specs)
    return specs


def _validate_workspace(
    environment: Environment,
    team: Team,
    workspace: FineTune | Serve,
    path: Path,
    specs: WorkspaceSpecs,
) -> Iterator[Fault]:
    name = workspace.name
    config: FineTuneConfig | ServeConfig
    try:
        if isinstance(workspace, FineTune):
            specs.fine_tunes[name] = validate_fine_tune(name, fine_tune_args(environment, team, workspace))
            config = FineTuneConfig.model_validate(specs.fine_tunes[name].config)
        elif workspace.fine_tune is None or workspace.fine_tune in specs.fine_tunes:
            specs.servers[name] = validate_server(name, serve_args(environment, team, workspace, specs.fine_tunes))
            config = ServeConfig.model_validate(specs.servers[name].config)
        else:
            return  # its fine-tune is refused
    except ArgumentError as error:
        for fault in error.faults:
            yield argument_fault(fault, (*path, *(KEYS.get(str(key), key) for key in parse_path(fault.argument))))
        return
    pool = environment.pool_of(team)
    position = environment.node_pools.index(pool) if pool is not None else -1
    pod = workspace.worker if isinstance(workspace, FineTune) else workspace.replica
    if position in specs.pools and pod.gpus:
        yield from find_hardware_faults(config, specs.pools[position], path)
