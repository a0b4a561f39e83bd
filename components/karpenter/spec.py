"""Rules of GPU node pools of Karpenter, and their validated form.

The rules that hold on every kind of cluster are in `node_pools.spec`. These add the rules of Karpenter's own
definitions: karpenter.sh/v1, karpenter.k8s.aws/v1 and karpenter.azure.com/v1beta1.
"""

from dataclasses import dataclass, replace
from typing import Any

from modelyard.components.common.choices import validate_choice, validate_range
from modelyard.components.common.errors import ArgumentError
from modelyard.components.karpenter.args import (
    DisruptionBudgetArgs,
    DisruptionReason,
    KarpenterCloud,
    KarpenterGpuNodePoolArgs,
)
from modelyard.components.kubernetes.manifests import karpenter
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool

_NODE_POOL = "karpenter.sh/v1, NodePool"
_AKS_NODE_CLASS = "karpenter.azure.com/v1beta1"

_MAX_BUDGETS = 50
"""karpenter.sh/v1 NodePool, `spec.disruption.budgets` maxItems."""

AZURE_IMAGES = ("Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux")
"""karpenter.azure.com/v1beta1, AKSNodeClass `imageFamily`."""


@dataclass(frozen=True, kw_only=True)
class KarpenterNodePoolSpec:
    """Validated GPU node pool of Karpenter, with its two manifests."""

    pool: NodePoolSpec
    node_class: dict[str, Any]
    node_pool: dict[str, Any]


def validate_node_pool(name: str, args: KarpenterGpuNodePoolArgs) -> KarpenterNodePoolSpec:
    """Validate a pool's arguments without creating anything.

    Raises:
        ArgumentError: a rule of the pool, of Karpenter or of its cloud is broken.
    """
    cloud = validate_choice(name, "cloud", args["cloud"], KarpenterCloud)
    pool = validate_pool(name, args, cloud=cloud.value, region=args.get("region"))
    if pool.min_nodes:
        rule = "Karpenter starts nodes for pods that wait, and keeps no minimum; use 0"
        raise ArgumentError(name, "min_nodes", pool.min_nodes, rule, _NODE_POOL)
    weight = validate_range(name, "weight", args.get("weight", 10), (1, 100), _NODE_POOL)
    node = pool.node_template()
    if cloud is KarpenterCloud.AWS:
        node_class = _aws_class(pool, args)
    else:
        node_class = _azure_class(pool, args)
        node = replace(node, zones=tuple(_azure_zone(pool, zone, args.get("region")) for zone in pool.zones))
    reference = karpenter.reference(node_class)
    node_pool = karpenter.node_pool(node, reference, _disruption(name, args), weight)
    return KarpenterNodePoolSpec(pool=pool, node_class=node_class, node_pool=node_pool)


def _aws_class(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> dict[str, Any]:
    missing = [argument for argument in ("cluster", "role", "image") if not args.get(argument)]
    if missing:
        rule = "is missing; nodes on AWS need cluster, role and image"
        raise ArgumentError(pool.name, missing[0], None, rule, "karpenter.k8s.aws/v1, EC2NodeClass")
    image = str(args.get("image"))
    if not image.startswith("ami-"):
        if "@" not in image or image.endswith("@latest"):
            rule = "pin the version (al2023@v20260801), or give an id (ami-…): a moving image replaces nodes unasked"
            raise ArgumentError(pool.name, "image", image, rule, "karpenter.k8s.aws/v1, amiSelectorTerms")
        if pool.driver is Driver.OPERATOR:
            rule = "Karpenter gives GPU machines the variant of this image that has a driver already; use 'cloud'"
            source = "Karpenter, AL2023 and Bottlerocket for accelerators"
            raise ArgumentError(pool.name, "driver", "operator", rule, source)
    settings = karpenter.Ec2NodeClassSettings(
        cluster=str(args.get("cluster")),
        role=str(args.get("role")),
        image=image,
        disk_gib=int(args.get("disk_gib", 200)),
        capacity_reservation=args.get("capacity_reservation"),
        placement_group=args.get("placement_group"),
    )
    return karpenter.ec2_node_class(pool.node_template(), settings)


def _azure_class(pool: NodePoolSpec, args: KarpenterGpuNodePoolArgs) -> dict[str, Any]:
    for argument in ("capacity_reservation", "placement_group", "role"):
        if args.get(argument):
            rule = "AKSNodeClass has no such field; leave it out, or use an AksGpuNodePool"
            raise ArgumentError(pool.name, argument, args.get(argument), rule, _AKS_NODE_CLASS)
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        rule = "needs the GPU operator's MIG manager, and so driver 'operator'; AKSNodeClass has no field for MIG"
        raise ArgumentError(pool.name, "mig_profile", pool.mig_profile, rule, _AKS_NODE_CLASS)
    if pool.instance.fabric == "infiniband":
        rule = "InfiniBand joins only nodes of one scale set, which Karpenter does not create; use an AksGpuNodePool"
        raise ArgumentError(pool.name, "instance_type", pool.instance.name, rule, "AKS, node auto-provisioning")
    image = args.get("image", "Ubuntu2204")
    if image not in AZURE_IMAGES:
        rule = f"must be one of {', '.join(AZURE_IMAGES)}"
        raise ArgumentError(pool.name, "image", image, rule, _AKS_NODE_CLASS)
    return karpenter.aks_node_class(
        pool.node_template(),
        image=image,
        disk_gib=int(args.get("disk_gib", 200)),
        cloud_driver=pool.driver is Driver.CLOUD,
    )


def _azure_zone(pool: NodePoolSpec, zone: str, region: str | None) -> str:
    """Name a zone as nodes are labelled, `<region>-<number>`; Azure's own names are the numbers."""
    if not zone.isdigit():
        return zone
    if region is None:
        rule = "needs region as well: nodes are labelled 'eastus-1', not '1'"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, "AKS, availability zones")
    return f"{region}-{zone}"


def _disruption(name: str, args: KarpenterGpuNodePoolArgs) -> karpenter.Disruption:
    budgets = args.get("budgets", [])
    if len(budgets) > _MAX_BUDGETS:
        raise ArgumentError(name, "budgets", None, f"must be at most {_MAX_BUDGETS}", _NODE_POOL)
    expire, grace = args.get("expire_seconds"), args.get("grace_seconds")
    return karpenter.Disruption(
        idle_seconds=int(args.get("idle_seconds", 600)),
        expire_seconds=None if expire is None else int(expire),
        grace_seconds=None if grace is None else int(grace),
        budgets=tuple(_budget(name, f"budgets[{index}]", budget) for index, budget in enumerate(budgets))
        or karpenter.Disruption.budgets,
    )


def _budget(name: str, argument: str, budget: DisruptionBudgetArgs) -> karpenter.Budget:
    if (budget.get("schedule") is None) != (budget.get("duration") is None):
        rule = "schedule and duration go together: the first gives the start of a period, the second its length"
        raise ArgumentError(name, argument, None, rule, _NODE_POOL)
    nodes = budget["nodes"]
    if not (nodes.isdigit() or (nodes.endswith("%") and nodes[:-1].isdigit() and int(nodes[:-1]) <= 100)):
        raise ArgumentError(name, f"{argument}.nodes", nodes, "must be a number or a percentage", _NODE_POOL)
    reasons = [
        validate_choice(name, f"{argument}.reasons", reason, DisruptionReason, _NODE_POOL)
        for reason in budget.get("reasons", [])
    ]
    return karpenter.Budget(
        nodes=nodes,
        schedule=budget.get("schedule"),
        duration=budget.get("duration"),
        reasons=tuple(reason.value for reason in reasons),
    )
