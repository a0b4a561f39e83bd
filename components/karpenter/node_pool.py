"""GPU nodes that Karpenter starts for the pods that wait, on AWS or Azure.

KarpenterGpuNodePool("gpu-l4", {
    "ownership": …, "cloud": "aws", "cluster": "research", "role": "KarpenterNodeRole-research",
    "instance_type": "g6.4xlarge", "max_nodes": 4, "driver": Driver.CLOUD, "image": "al2023@v20260801",
})
"""

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifest import Manifest, in_cluster, no_wait, until
from modelyard.components.kubernetes.manifests import karpenter
from modelyard.components.node_pools.args import Driver, NodePoolArgs
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from typing_extensions import TypedDict

_MOST_BUDGETS = 50
"""karpenter.sh/v1 NodePool, `spec.disruption.budgets` maxItems."""

_REASONS = ("Empty", "Drifted", "Underutilized")

AZURE_IMAGES = ("Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux")
"""karpenter.azure.com/v1beta1, AKSNodeClass `imageFamily`."""


class BudgetArgs(TypedDict):
    """How many nodes may be taken away at once, and when."""

    nodes: str
    """A number or a percentage: `1`, `10%`, `0`."""
    schedule: NotRequired[str]
    """Cron expression in UTC of when it begins to hold, e.g. `0 8 * * mon-fri`. Default: always."""
    duration: NotRequired[str]
    """How long it holds after each beginning, e.g. `10h`. Goes with `schedule`."""
    reasons: NotRequired[list[str]]
    """`Empty`, `Drifted`, `Underutilized`. Default: all."""


class KarpenterGpuNodePoolArgs(NodePoolArgs):
    """A pool, and what Karpenter needs beyond it."""

    cloud: str
    """`aws` or `azure`: whose Karpenter runs in the cluster."""
    region: NotRequired[str]
    """Machines that it does not sell are refused; on Azure, needed where `zones` are given as numbers."""
    cluster: NotRequired[str]
    """AWS: name of the cluster; its subnets and security groups carry the tag `karpenter.sh/discovery`."""
    role: NotRequired[str]
    """AWS: IAM role of the nodes."""
    image: NotRequired[str]
    """AWS: alias (`al2023@v20260801`) or id (`ami-…`). Azure: image family; default `Ubuntu2204`."""
    disk_gib: NotRequired[int]
    """Root disk. Default 200: images of model servers take 20 GiB each."""
    capacity_reservation: NotRequired[str]
    """AWS: id `cr-…`."""
    placement_group: NotRequired[str]
    """AWS: name of a cluster placement group. Machines with EFA get their adapters then."""
    idle_seconds: NotRequired[int]
    """An empty node goes after this time. Default 600."""
    expire_seconds: NotRequired[int]
    """Age at which a node is replaced, whatever runs on it. Default: never."""
    grace_seconds: NotRequired[int]
    """Longest drain before pods are killed. Default: as long as they need."""
    budgets: NotRequired[list[BudgetArgs]]
    """Default: one node at a time."""
    weight: NotRequired[int]
    """1 to 100: the pool with the highest is tried first, e.g. spot before on-demand. Default 10."""


class KarpenterGpuNodePool(pulumi.ComponentResource):
    """A Karpenter node pool and its class of nodes. Nodes are empty before they go, and never expire by default."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: KarpenterGpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Not annotated on the class: an annotation would make it an output of the component.
        self.pool = validate_pool(name, args, cloud=_cloud(name, args), region=args.get("region"))
        bodies = _bodies(self.pool, args)
        super().__init__("modelyard:index:KarpenterGpuNodePool", name, None, opts)
        node_class = Manifest(f"{name}-class", bodies["class"], in_cluster(self, opts), wait=until("condition=Ready"))
        nodes = Manifest(
            f"{name}-pool", bodies["pool"], in_cluster(self, opts, depends_on=[node_class]), wait=no_wait()
        )
        self.ready: list[pulumi.Resource] = [node_class, nodes]
        self.nodes = pulumi.Output.from_input(dict(self.pool.labels))
        self.register_outputs({"nodes": self.nodes})


def _cloud(name: str, args: KarpenterGpuNodePoolArgs) -> str:
    if args["cloud"] not in ("aws", "azure"):
        rule = "must be 'aws' or 'azure': Karpenter has no nodes of another kind that this library knows"
        raise ArgumentError(name, "cloud", args["cloud"], rule)
    return args["cloud"]


def _bodies(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> dict[str, dict[str, Any]]:
    if pool.min_nodes:
        rule = "Karpenter starts nodes for pods that wait, and keeps no minimum; use 0"
        raise ArgumentError(pool.name, "min_nodes", pool.min_nodes, rule, "karpenter.sh/v1, NodePool")
    weight = int(args.get("weight", 10))
    if not 1 <= weight <= 100:
        raise ArgumentError(pool.name, "weight", weight, "must be 1 to 100", "karpenter.sh/v1, NodePool")
    make = {"aws": _aws, "azure": _azure}[args["cloud"]]
    node_class, zones = make(pool, args)
    node = pool.node_template()
    reference = karpenter.reference(node_class)
    placed = type(node)(**{**vars(node), "zones": zones})
    return {"class": node_class, "pool": karpenter.node_pool(placed, reference, _disruption(pool, args), weight)}


def _aws(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> tuple[dict[str, Any], tuple[str, ...]]:
    missing = [key for key in ("cluster", "role", "image") if not args.get(key)]
    if missing:
        rule = "is missing; nodes on AWS need cluster, role and image"
        raise ArgumentError(pool.name, missing[0], None, rule, "karpenter.k8s.aws/v1, EC2NodeClass")
    image = str(args.get("image"))
    if not image.startswith("ami-"):
        if "@" not in image or image.endswith("@latest"):
            rule = "pin the version (al2023@v20260801), or give an id (ami-…): a moving image replaces nodes unasked"
            raise ArgumentError(pool.name, "image", image, rule, "karpenter.k8s.aws/v1, amiSelectorTerms")
        if pool.driver is Driver.OPERATOR:
            rule = (
                "Karpenter gives GPU machines the variant of this image that has a driver already; use driver 'cloud'"
            )
            raise ArgumentError(
                pool.name, "driver", "operator", rule, "Karpenter, AL2023 and Bottlerocket for accelerators"
            )
    wanted = karpenter.Ec2Class(
        cluster=str(args.get("cluster")),
        role=str(args.get("role")),
        image=image,
        disk_gib=int(args.get("disk_gib", 200)),
        capacity_reservation=args.get("capacity_reservation"),
        placement_group=args.get("placement_group"),
    )
    return karpenter.ec2_node_class(pool.node_template(), wanted), pool.zones


def _azure(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> tuple[dict[str, Any], tuple[str, ...]]:
    for key in ("capacity_reservation", "placement_group", "role"):
        if args.get(key):
            rule = "AKSNodeClass has no such field; use a pool of AgentPool, or leave it out"
            raise ArgumentError(pool.name, key, args.get(key), rule, "karpenter.azure.com/v1beta1")
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        rule = (
            "is cut by the GPU operator's MIG manager, which needs driver 'operator'; AKSNodeClass has no field for it"
        )
        raise ArgumentError(pool.name, "mig_profile", pool.mig_profile, rule, "karpenter.azure.com/v1beta1")
    if pool.instance.fabric == "infiniband":
        rule = "its InfiniBand joins only nodes of one scale set, which Karpenter does not make; use an AksGpuNodePool"
        raise ArgumentError(pool.name, "instance_type", pool.instance.name, rule, "AKS, node auto-provisioning")
    image = args.get("image", "Ubuntu2204")
    if image not in AZURE_IMAGES:
        raise ArgumentError(
            pool.name, "image", image, f"allowed: {', '.join(AZURE_IMAGES)}", "karpenter.azure.com/v1beta1"
        )
    made = karpenter.aks_node_class(
        pool.node_template(),
        image=image,
        disk_gib=int(args.get("disk_gib", 200)),
        cloud_driver=pool.driver is Driver.CLOUD,
    )
    return made, tuple(_azure_zone(pool, zone, args.get("region")) for zone in pool.zones)


def _azure_zone(pool: NodePoolSpec, zone: str, region: str | None) -> str:
    """Azure's zones are numbers; nodes are labelled `<region>-<number>`."""
    if not zone.isdigit():
        return zone
    if region is None:
        rule = "needs region as well: nodes are labelled 'eastus-1', not '1'"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, "AKS, availability zones")
    return f"{region}-{zone}"


def _disruption(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> karpenter.Disruption:
    given = args.get("budgets", [])
    if len(given) > _MOST_BUDGETS:
        raise ArgumentError(pool.name, "budgets", None, f"at most {_MOST_BUDGETS}", "karpenter.sh/v1, NodePool")
    expire, grace = args.get("expire_seconds"), args.get("grace_seconds")
    return karpenter.Disruption(
        idle_seconds=int(args.get("idle_seconds", 600)),
        expire_seconds=None if expire is None else int(expire),
        grace_seconds=None if grace is None else int(grace),
        budgets=tuple(_budget(pool, one) for one in given) or karpenter.Disruption.budgets,
    )


def _budget(pool: NodePoolSpec, budget: BudgetArgs) -> karpenter.Budget:
    if (budget.get("schedule") is None) != (budget.get("duration") is None):
        rule = "schedule and duration go together: one says when it begins to hold, the other for how long"
        raise ArgumentError(pool.name, "budgets", None, rule, "karpenter.sh/v1, NodePool")
    nodes = budget["nodes"]
    if not (nodes.isdigit() or (nodes.endswith("%") and nodes[:-1].isdigit() and int(nodes[:-1]) <= 100)):
        raise ArgumentError(
            pool.name, "budgets", nodes, "nodes must be a number or a percentage", "karpenter.sh/v1, NodePool"
        )
    for reason in budget.get("reasons", []):
        if reason not in _REASONS:
            rule = f"reasons are {', '.join(_REASONS)}"
            raise ArgumentError(pool.name, "budgets", reason, rule, "karpenter.sh/v1, NodePool")
    return karpenter.Budget(
        nodes=nodes,
        schedule=budget.get("schedule"),
        duration=budget.get("duration"),
        reasons=tuple(budget.get("reasons", ())),
    )
