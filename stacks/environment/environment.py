"""The environment file: everything that makes one platform, as one typed object.

It is the value of the configuration key `modelyard:environment` in `Pulumi.<name>.yaml`, so that Pulumi's own commands
read and change it: `pulumi config set --path 'modelyard:environment.teams[0].quota.gpus' 2`. The types here say what a
file may hold; `checks` says what must fit together. Both refuse before any resource is registered.
"""

import enum
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from modelyard.stacks.environment.amounts import Cores, Count, Gpus, Memory, whole
from modelyard.stacks.environment.cloud_clusters import Aks, Rosa
from modelyard.stacks.environment.names import Image, Label, Name, PresetName
from modelyard.stacks.environment.section import Section
from modelyard.stacks.environment.team import FineTune, Serve, Team
from pydantic import BeforeValidator, Field

KEY = "modelyard:environment"


class Kind(enum.Enum):
    """Where the platform runs. Kinds that make their own cluster are further members."""

    LOCAL = "local"
    """On one machine; volumes are its folders, and its GPU may be pretended."""
    EXISTING = "existing"
    """In a cluster that somebody else made."""
    OPENSHIFT = "openshift"
    """In an OpenShift cluster that manages its own machines (AWS, Azure, vSphere); its GPU pools are made here."""
    AKS = "aks"
    """In an AKS cluster that is made here, with its network, identities, registry, vault and GPU pools."""
    ROSA = "rosa"
    """In a ROSA cluster with a hosted control plane that is made here, with its network, roles, key and GPU pools."""


class Capacity(Section):
    """What workloads and operators can have at most."""

    cpus: Cores
    memory: Memory
    gpus: Gpus = 0


class Cluster(Section):
    """How to reach the cluster, and what it has."""

    kubeconfig: str | None = None
    """Path of a kubeconfig. None only where the cluster is made here."""
    aks: Aks | None = None
    """For kind `aks`."""
    rosa: Rosa | None = None
    """For kind `rosa`."""
    context: str | None = None
    """None: the current one."""
    capacity: Capacity | None = None
    """Of all nodes that may run workloads. None: quotas are not checked against nodes."""
    gpu_node_labels: dict[str, str] = Field(default_factory=dict)
    """Labels of the nodes that the quota is counted on. Empty: every node. Not where there are `node_pools`."""
    owner: Label = "platform"
    """Who answers for the nodes that are made here."""
    cost_center: Label = "platform"
    """Who pays for them."""
    region: str | None = None
    """Region whose prices count. None: the cloud's reference region."""
    machine_set: dict[str, Any] = Field(default_factory=dict)
    """A machine set of the cluster that works, as `oc get machineset -o yaml` gives it; pools are derived from it. For
    kind `openshift`."""
    max_nodes: Count | None = None
    """Most nodes of the whole cluster, control plane included. For kind `openshift` with `node_pools`."""

    def made(self) -> Aks | Rosa | None:
        """The cluster that is made, of whichever cloud."""
        return self.aks or self.rosa


class NodePool(Section):
    """A pool of equal GPU nodes that grows and shrinks by itself. It is also what a team's quota is counted on."""

    name: Name
    instance_type: str | None = None
    """Name of the machine in the hardware catalogue; `generic-2xl40s` for one of your own. Or give `for_preset`."""
    for_preset: PresetName | None = None
    """The planner takes the cheapest machine that runs this preset."""
    task: str | None = None
    """What `for_preset` is planned for: `serve`, `full`, `lora`, `qlora`. None: `serve`."""
    min_nodes: Annotated[int, BeforeValidator(whole), Field(ge=0)] = 0
    """0: no node runs until a pod asks for one."""
    max_nodes: Count
    spot: bool = False
    """Spare capacity at a lower price, taken back at short notice."""
    max_price: Annotated[float, Field(gt=0)] | None = None
    """Most that an hour of a spot node may cost, USD. None: the price on demand. ROSA must be told."""
    zones: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    """Further labels of the nodes."""
    fabric: bool = False
    """Nodes compute together over InfiniBand (AKS) or EFA (OpenShift on AWS), which needs them in one place."""
    placement_group: str | None = None
    """Where they are near each other: AKS: id of a proximity placement group (with `fabric` one is made where none is
    given). OpenShift on AWS: name of a placement group, which `fabric` needs."""
    capacity_reservation: str | None = None
    """Id of capacity that was reserved, as the cloud writes it."""
    capacity_blocks: bool = False
    """The reservation is an AWS Capacity Block for ML."""
    taints: tuple[str, ...] = ()
    """Further taints, `key=value:Effect`. All GPU nodes have `nvidia.com/gpu=present:NoSchedule`."""
    mig_profile: str | None = None
    """Cuts every GPU into instances of one size, e.g. `1g.10gb`; the quota then counts instances."""
    disk: Memory | None = None
    """Root disk, whole GiB. None: as the machine set's."""
    driver: Literal["cloud", "operator"] | None = None
    """Who installs the NVIDIA driver: the node image has it, or NVIDIA's operator brings it. None: `operator`."""
    vm_template: str | None = None
    """vSphere: virtual machine template that has the GPU."""
    usd_per_hour: Annotated[float, Field(gt=0)] | None = None
    """What an hour of one node costs, where the catalogue cannot know. Only for the estimate."""


class Images(Section):
    """The workload images. One may be missing where no workspace needs it."""

    train: Image | None = None
    serve: Image | None = None


class OperatorSettings(Section):
    """How one operator gets into the cluster."""

    installer: Literal["bundle", "chart", "present"]
    """`present`: the cluster has it already."""
    source: str | None = None
    """File of a bundle; folder, archive or OCI address of a chart."""
    version: str | None = None
    """Of a chart that is fetched."""
    image: Image | None = None
    """In place of upstream's."""
    cpus: Cores = 0.1
    memory: Memory = 512


class Operators(Section):
    """The operators of the platform."""

    kuberay: OperatorSettings
    kueue: OperatorSettings


class Buckets(Section):
    """Buckets for models and checkpoints, made beside the cluster, and for each workspace an identity for its part."""

    name: str | None = None
    """AKS: name of the storage account, unlike any other in Azure. ROSA: what the names of the buckets begin with.
    None: made from the environment's name."""
    keep: bool = True
    """Protected, and kept in the cloud when the stack is destroyed."""
    deleted_days: Annotated[int, BeforeValidator(whole), Field(ge=1, le=365)] = 14
    """Days in which a deleted or overwritten object can be taken back."""


class Storage(Section):
    """What volumes are made from, and where models are kept."""

    storage_class: str | None = None
    host_folder: str | None = None
    """Folder on the only node; each volume is a folder in it. For kind `local`."""
    shared: bool = True
    """Whether volumes can be written from several nodes at once."""
    buckets: Buckets | None = None
    """For kinds `aks` and `rosa`. None: none are made."""


class Priority(Section):
    """A level of urgency."""

    name: Name
    value: Annotated[int, Field(ge=-(2**31), le=10**9)]
    description: str = ""


PRIORITIES = (
    Priority(name="low", value=100, description="May wait: sweeps and trials"),
    Priority(name="normal", value=1000, description="Ordinary training"),
    Priority(name="high", value=10000, description="Someone is waiting: servers, urgent runs"),
)


class Environment(Section):
    """One platform."""

    name: Name
    """Names in the cloud and in the state follow it. Another name is another platform, and deletes the old one."""
    kind: Kind
    cluster: Cluster
    node_pools: tuple[NodePool, ...] = ()
    images: Images = Images()
    operators: Operators
    storage: Storage = Storage()
    priorities: tuple[Priority, ...] = PRIORITIES
    teams: tuple[Team, ...] = ()

    def workspaces(self) -> Iterator[tuple[int, int, FineTune | Serve]]:
        """Every workspace, with the index of its team and its own."""
        for i, team in enumerate(self.teams):
            for j, workspace in enumerate(team.workspaces):
                yield i, j, workspace
