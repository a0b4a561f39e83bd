"""GPU nodes that Karpenter starts: a node pool, and the class of node it is made of on AWS or Azure.

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
"""Network cards with EFA of the machines that have several; others have the one. The first card of a p6-b300 has none
(AWS EC2 user guide, "EFA for AI/ML"; numbers of cards: karpenter-provider-aws 1.14.1, zz_generated.vpclimits.go)."""

DISCOVERY = "karpenter.sh/discovery"
"""Tag by which subnets and security groups of a cluster are found (Karpenter's getting-started guide)."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many nodes may be taken away at once, and when."""

    nodes: str
    """A number or a percentage: `1`, `10%`, `0`."""
    schedule: str | None = None
    """Cron expression (UTC) of when it begins to hold. None: always."""
    duration: str | None = None
    """How long it holds after each beginning, e.g. `8h`. Goes with `schedule`."""
    reasons: tuple[str, ...] = ()
    """`Empty`, `Drifted`, `Underutilized`. Empty: all."""


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """When nodes are taken away. The defaults suit training, which loses hours when its node goes."""

    idle_seconds: int = 600
    """An empty node goes after this time. Nodes with pods are never consolidated."""
    expire_seconds: int | None = None
    """Age at which a node is replaced, whatever runs on it. None: never."""
    grace_seconds: int | None = None
    """Longest that a drain may take before pods are killed. None: as long as they need."""
    budgets: tuple[Budget, ...] = (Budget(nodes="1"),)


def node_pool(node: NodeTemplate, reference: Mapping[str, str], disruption: Disruption, weight: int) -> dict[str, Any]:
    """Karpenter's pool of such nodes.

    Args:
        node: what they are. Its `min_nodes` is not used: Karpenter starts nodes for pods only.
        reference: group, kind and name of their class.
        disruption: when they go.
        weight: 1 to 100; the pool with the highest is tried first.
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
                "budgets": [_budget(one) for one in disruption.budgets],
            },
            # All nodes are of one type, so that the limit on GPUs is a limit on nodes. Karpenter stops at the first.
            "limits": {"cpu": str(node.vcpus * node.max_nodes), "nvidia.com/gpu": str(node.gpus * node.max_nodes)},
            "weight": weight,
        },
    }


@dataclass(frozen=True, kw_only=True)
class Ec2Class:
    """What AWS nodes need beside their type."""

    cluster: str
    """Name of the cluster, by which subnets and security groups are found."""
    role: str
    """IAM role of the nodes."""
    image: str
    """Alias such as `al2023@v20260801`, or id `ami-…`."""
    disk_gib: int
    capacity_reservation: str | None = None
    placement_group: str | None = None


def ec2_node_class(node: NodeTemplate, wanted: Ec2Class) -> dict[str, Any]:
    """The AWS class of `node`: encrypted disk, IMDSv2 only, EFA interfaces where the machine has them."""
    found = [{"tags": {DISCOVERY: wanted.cluster}}]
    image = {"id": wanted.image} if wanted.image.startswith("ami-") else {"alias": wanted.image}
    spec: dict[str, Any] = {
        "role": wanted.role,
        "amiSelectorTerms": [image],
        "subnetSelectorTerms": found,
        "securityGroupSelectorTerms": found,
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "rootVolume": True,
                "ebs": {
                    "volumeSize": f"{wanted.disk_gib}Gi",
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
    if wanted.capacity_reservation:
        spec["capacityReservationSelectorTerms"] = [{"id": wanted.capacity_reservation}]
    if wanted.placement_group:
        spec["placementGroupSelector"] = {"name": wanted.placement_group}
    if node.efa and wanted.placement_group:
        spec["networkInterfaces"] = _interfaces(EFA_CARDS.get(node.instance_type, range(1)))
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": node.name, "labels": node.ownership.labels()},
        "spec": spec,
    }


def aks_node_class(node: NodeTemplate, *, image: str, disk_gib: int, cloud_driver: bool) -> dict[str, Any]:
    """The Azure class of `node`.

    `gpu.mode` is written only to switch the driver off: the field came after karpenter-provider-azure 1.5.
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
    """How a node pool names `node_class`."""
    group = str(node_class["apiVersion"]).partition("/")[0]
    return {"group": group, "kind": node_class["kind"], "name": node_class["metadata"]["name"]}


def _requirements(node: NodeTemplate) -> list[dict[str, Any]]:
    def one_of(key: str, values: Sequence[str]) -> dict[str, Any]:
        return {"key": key, "operator": "In", "values": list(values)}

    made = [
        one_of("kubernetes.io/arch", ["amd64"]),
        one_of("kubernetes.io/os", ["linux"]),
        one_of("node.kubernetes.io/instance-type", [node.instance_type]),
        one_of("karpenter.sh/capacity-type", ["spot"] if node.spot else ["reserved", "on-demand"]),
    ]
    if node.zones:
        made.append(one_of("topology.kubernetes.io/zone", node.zones))
    return made


def _budget(budget: Budget) -> dict[str, Any]:
    made: dict[str, Any] = {"nodes": budget.nodes}
    if budget.reasons:
        made["reasons"] = list(budget.reasons)
    if budget.schedule is not None:
        made |= {"schedule": budget.schedule, "duration": budget.duration}
    return made


def _interfaces(cards: range) -> list[dict[str, Any]]:
    """The first card carries IP; each card that can has an EFA device, behind the IP interface on the first."""
    ip = {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"}
    return [ip, *({"networkCardIndex": card, "deviceIndex": 1, "interfaceType": "efa-only"} for card in cards)]
