"""Karpenter's node pools, and their node classes on AWS and Azure.

Fields as in karpenter.sh/v1, karpenter.k8s.aws/v1 (karpenter-provider-aws 1.14.1) and karpenter.azure.com/v1beta1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.node_template import NodeTemplate

EFA_CARDS = {
    "g6e.24xlarge": range(2), "g6e.48xlarge": range(4), "g7e.24xlarge": range(2), "g7e.48xlarge": range(4),
    "p4d.24xlarge": range(4), "p4de.24xlarge": range(4), "p5.48xlarge": range(32), "p5e.48xlarge": range(32),
    "p5en.48xlarge": range(16), "p6-b200.48xlarge": range(8), "p6-b300.48xlarge": range(1, 17),
}  # fmt: skip
"""Network cards with EFA, for machines that have several; others have one. The first card of a p6-b300 has no EFA
(AWS EC2 user guide, "EFA for AI/ML"; numbers of cards: karpenter-provider-aws 1.14.1, zz_generated.vpclimits.go)."""

DISCOVERY = "karpenter.sh/discovery"
"""Tag that selects the subnets and security groups of a cluster (Karpenter's getting-started guide)."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Number of nodes that may be removed at once, and the hours for which it holds."""

    nodes: str
    """A number or a percentage: `1`, `10%`, `0`."""
    schedule: str | None = None
    """Cron expression, in UTC, of the times at which the budget begins. None: always."""
    duration: str | None = None
    """Length of each period of the schedule, e.g. `8h`. Goes with `schedule`."""
    reasons: tuple[str, ...] = ()
    """`Empty`, `Drifted`, `Underutilized`. Empty: all."""


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """Rules for removing nodes. The defaults suit training, which loses hours of work with a node."""

    idle_seconds: int = 600
    """Time after which an empty node is removed. Nodes with pods are never consolidated."""
    expire_seconds: int | None = None
    """Age at which a node is replaced, whatever runs on it. None: never."""
    grace_seconds: int | None = None
    """Longest drain before pods are killed. None: no limit."""
    budgets: tuple[Budget, ...] = (Budget(nodes="1"),)


def node_pool(node: NodeTemplate, reference: Mapping[str, str], disruption: Disruption, weight: int) -> dict[str, Any]:
    """Build a node pool.

    Args:
        node: properties of its nodes. `min_nodes` is not used: Karpenter starts nodes only for pods.
        reference: group, kind and name of the node class.
        disruption: rules for removing nodes.
        weight: priority among pools, 1 to 100; the highest is tried first.
    """
    template: dict[str, Any] = {
        "nodeClassRef": dict(reference),
        "requirements": _requirements(node),
        "taints": [dict(taint) for taint in node.taints],
        "expireAfter": "Never" if disruption.expire_seconds is None else f"{disruption.expire_seconds}s",
    }
    if disruption.grace_seconds is not None:
        template["terminationGracePeriod"] = f"{disruption.grace_seconds}s"
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": node.name, "labels": node.ownership.labels()},
        "spec": {
            "template": {"metadata": {"labels": dict(node.labels)}, "spec": template},
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": f"{disruption.idle_seconds}s",
                "budgets": [_budget(budget) for budget in disruption.budgets],
            },
            # All nodes are of one type, so a limit on GPUs is a limit on nodes. Karpenter stops at the first limit.
            "limits": {"cpu": str(node.vcpus * node.max_nodes), "nvidia.com/gpu": str(node.gpus * node.max_nodes)},
            "weight": weight,
        },
    }


@dataclass(frozen=True, kw_only=True)
class Ec2NodeClassSettings:
    """Settings of nodes on AWS beside their type."""

    cluster: str
    """Name of the cluster; selects subnets and security groups."""
    role: str
    """IAM role of the nodes."""
    image: str
    """Alias such as `al2023@v20260801`, or id `ami-…`."""
    disk_gib: int
    capacity_reservation: str | None = None
    placement_group: str | None = None


def ec2_node_class(node: NodeTemplate, settings: Ec2NodeClassSettings) -> dict[str, Any]:
    """Build the node class on AWS: encrypted disk, IMDSv2 only, EFA interfaces where the machine has them."""
    selector = [{"tags": {DISCOVERY: settings.cluster}}]
    image = {"id": settings.image} if settings.image.startswith("ami-") else {"alias": settings.image}
    spec: dict[str, Any] = {
        "role": settings.role,
        "amiSelectorTerms": [image],
        "subnetSelectorTerms": selector,
        "securityGroupSelectorTerms": selector,
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "rootVolume": True,
                "ebs": {
                    "volumeSize": f"{settings.disk_gib}Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "deleteOnTermination": True,
                },
            }
        ],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
        "tags": dict(node.tags),
    }
    if "id" in image:
        spec["amiFamily"] = "AL2023"  # an id alone does not say how the node is booted
    if node.nvme_gib > 0:
        spec["instanceStorePolicy"] = "RAID0"
    if settings.capacity_reservation:
        spec["capacityReservationSelectorTerms"] = [{"id": settings.capacity_reservation}]
    if settings.placement_group:
        spec["placementGroupSelector"] = {"name": settings.placement_group}
    if node.efa and settings.placement_group:
        spec["networkInterfaces"] = _interfaces(EFA_CARDS.get(node.instance_type, range(1)))
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": node.name, "labels": node.ownership.labels()},
        "spec": spec,
    }


def aks_node_class(node: NodeTemplate, *, image: str, disk_gib: int, cloud_driver: bool) -> dict[str, Any]:
    """Build the node class on Azure.

    `gpu.mode` is written only to switch the driver off: the field is newer than karpenter-provider-azure 1.5.
    """
    spec: dict[str, Any] = {"imageFamily": image, "osDiskSizeGB": disk_gib, "tags": dict(node.tags)}
    if not cloud_driver:
        spec["gpu"] = {"mode": "None"}
    return {
        "apiVersion": "karpenter.azure.com/v1beta1",
        "kind": "AKSNodeClass",
        "metadata": {"name": node.name, "labels": node.ownership.labels()},
        "spec": spec,
    }


def reference(node_class: Mapping[str, Any]) -> dict[str, str]:
    """Return the reference by which a node pool names `node_class`."""
    group = str(node_class["apiVersion"]).partition("/")[0]
    return {"group": group, "kind": node_class["kind"], "name": node_class["metadata"]["name"]}


def _requirements(node: NodeTemplate) -> list[dict[str, Any]]:
    def is_in(key: str, values: Sequence[str]) -> dict[str, Any]:
        return {"key": key, "operator": "In", "values": list(values)}

    requirements = [
        is_in("kubernetes.io/arch", ["amd64"]),
        is_in("kubernetes.io/os", ["linux"]),
        is_in("node.kubernetes.io/instance-type", [node.instance_type]),
        is_in("karpenter.sh/capacity-type", ["spot"] if node.spot else ["reserved", "on-demand"]),
    ]
    if node.zones:
        requirements.append(is_in("topology.kubernetes.io/zone", node.zones))
    return requirements


def _budget(budget: Budget) -> dict[str, Any]:
    body: dict[str, Any] = {"nodes": budget.nodes}
    if budget.reasons:
        body["reasons"] = list(budget.reasons)
    if budget.schedule is not None:
        body |= {"schedule": budget.schedule, "duration": budget.duration}
    return body


def _interfaces(cards: range) -> list[dict[str, Any]]:
    """Build the interfaces: IP on the first card, and an EFA device on each of `cards`, second on the first card."""
    ip = {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"}
    return [ip, *({"networkCardIndex": card, "deviceIndex": 1, "interfaceType": "efa-only"} for card in cards)]
