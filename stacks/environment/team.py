"""The section `teams`: their quotas, their volumes, and their workspaces."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from modelyard.stacks.environment.amounts import Cores, Count, Duration, Gpus, Memory, Retries
from modelyard.stacks.environment.names import Label, Name, PresetName, TeamName, Uri
from modelyard.stacks.environment.section import Section
from modelyard.stacks.environment.unsound import Unsound, require_sound
from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator


class Amounts(Section):
    """Amounts of compute."""

    cpus: Cores
    memory: Memory
    gpus: Gpus = 0

    def resources(self) -> Any:
        """Return the amounts as components take them, memory in GiB."""
        return {**self.arguments("memory", "pool"), "memory_gib": self.memory / 1024}


class PodAmounts(Amounts):
    """Resources that one pod requests."""

    cpu_limit: Cores | None = None
    """Most cores it may use while the node is idle. None: `cpus`."""


class Quota(Amounts):
    """Upper limit of what a team may hold at once."""

    pool: str | None = None
    """Node pool that it is counted on. None: the first one."""


class Volume(Section):
    """A volume claim of a team."""

    claim: Name
    size: Memory | None = None
    """None: the claim exists."""


class FineTune(Section):
    """A workspace that fine-tunes a preset."""

    kind: Literal["fine-tune"]
    name: Name
    preset: PresetName
    model: Uri | None = None
    tokenizer: Uri | None = None
    train_data: Uri
    validation_data: Uri | None = None
    results: Uri
    settings: dict[str, Any] = Field(default_factory=dict)
    """Other fields of modelyard.workloads.fine_tune.config.FineTuneConfig."""
    workers: Count = 1
    worker: PodAmounts
    head: PodAmounts = PodAmounts(cpus=0.3, cpu_limit=2, memory="3GiB")  # type: ignore[arg-type]  # as in a file
    priority: str = "normal"
    timeout: Duration = 86400
    """Limit of all tries together."""
    retries: Retries = 3


class Serve(Section):
    """A workspace that serves a model."""

    kind: Literal["serve"]
    name: Name
    preset: PresetName | None = None
    model: Uri | None = None
    fine_tune: str | None = None
    """Name of a fine-tune workspace of the same team, whose result is served once it is there."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Other fields of modelyard.workloads.serve.config.ServeConfig."""
    replicas: Annotated[int, Field(ge=0)] = 0
    """Copies in pods of their own; 0: one copy in the head's pod."""
    replica: PodAmounts
    priority: str = "high"


def _kind(workspace: Any) -> Any:
    return workspace.get("kind") if isinstance(workspace, dict) else getattr(workspace, "kind", None)


def _keep_unsound(workspace: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return workspace if isinstance(workspace, Unsound) else handler(workspace)


# Discriminated by a function: pydantic takes no field that has a validator, and every field of a Section has one.
Workspace = Annotated[
    Annotated[Annotated[FineTune, Tag("fine-tune")] | Annotated[Serve, Tag("serve")], Discriminator(_kind)],
    WrapValidator(_keep_unsound),
]


class Team(Section):
    """A team: its namespace, its quota, its workspaces."""

    name: TeamName
    owner: Label
    cost_center: Label
    quota: Quota
    cohort: Name | None = None
    volumes: tuple[Volume, ...] = ()
    workspaces: tuple[Workspace, ...] = ()

    def fine_tunes(self) -> Iterable[FineTune]:
        """Return the workspaces that fine-tune."""
        require_sound(*self.workspaces)
        return [workspace for workspace in self.workspaces if isinstance(workspace, FineTune)]
