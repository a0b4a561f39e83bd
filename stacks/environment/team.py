"""The section `teams`: their quotas, their volumes, and their workspaces."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from modelyard.stacks.environment.amounts import Cores, Count, CountOrZero, Duration, Memory
from modelyard.stacks.environment.names import Label, Name, PresetName, TeamName, Uri
from modelyard.stacks.environment.section import Section
from modelyard.stacks.environment.unsound import Unsound, require_sound
from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator


class Amounts(Section):
    """Amounts of compute."""

    cpus: Cores
    """Cores, in steps of 0.001."""
    memory: Memory
    """Memory with its unit, `8GiB`."""
    gpus: CountOrZero = 0
    """Whole GPUs; MIG instances where the pool is cut into them."""

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
    """Name of the claim; `pvc://claim/path` is a location in it."""
    size: Memory | None = None
    """None: the claim exists."""


class FineTune(Section):
    """A workspace that fine-tunes a preset."""

    kind: Literal["fine-tune"]
    name: Name
    """Name of the workspace; that of its job ends in a hash of its configuration."""
    preset: PresetName
    """Model preset; docs/presets-table.md lists them."""
    model: Uri | None = None
    """Location of the weights to start from. None: random weights."""
    tokenizer: Uri | None = None
    """Location of the tokenizer. None: that of `model`, or a byte-level one trained on the data."""
    train_data: Uri
    """Location of the text to train on."""
    validation_data: Uri | None = None
    """Location of the held-out text. None: the last tenth of `train_data`."""
    results: Uri
    """Location of the results; each run has a folder in it."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Other fields of modelyard.workloads.fine_tune.config.FineTuneConfig."""
    workers: Count = 1
    """Pods that train together."""
    worker: PodAmounts
    """Amounts of each worker's pod."""
    head: PodAmounts = PodAmounts(cpus=0.3, cpu_limit=2, memory="3GiB")  # type: ignore[arg-type]  # as in a file
    """Amounts of the pod of Ray's head, which does not train."""
    priority: str = "normal"
    """Name of a priority of the environment."""
    timeout: Duration = 86400
    """Limit of all tries together."""
    retries: CountOrZero = 3
    """New clusters after a failed one; each resumes from the last checkpoint."""


class Serve(Section):
    """A workspace that serves a model."""

    kind: Literal["serve"]
    name: Name
    """Name of the workspace, and of its service."""
    preset: PresetName | None = None
    """Preset to serve, or whose chat template and limits apply to `model` or `fine_tune`."""
    model: Uri | None = None
    """Location of the model. Not together with `fine_tune`."""
    fine_tune: str | None = None
    """Name of a fine-tune workspace of the same team, whose result is served once it is there."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Other fields of modelyard.workloads.serve.config.ServeConfig."""
    replicas: CountOrZero = 0
    """Copies in pods of their own; 0: one copy in the head's pod."""
    replica: PodAmounts
    """Amounts of each copy's pod."""
    priority: str = "high"
    """Name of a priority of the environment."""


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
    """Name of the team, and of its namespace and queue."""
    owner: Label
    """Label of the people who answer for the team's objects."""
    cost_center: Label
    """Label of the cost centre that pays for them."""
    quota: Quota
    """Limit of all workspaces together."""
    cohort: Name | None = None
    """Cohort whose teams lend each other unused quota. None: none is lent."""
    volumes: tuple[Volume, ...] = ()
    """Volume claims that the workspaces share."""
    workspaces: tuple[Workspace, ...] = ()
    """Fine-tunes and servers."""

    def fine_tunes(self) -> Iterable[FineTune]:
        """Return the workspaces that fine-tune."""
        require_sound(*self.workspaces)
        return [workspace for workspace in self.workspaces if isinstance(workspace, FineTune)]
