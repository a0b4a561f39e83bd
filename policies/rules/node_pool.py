"""Node pools of all kinds in one form for the rules.

Sources of the paths: AKS API 2025-09-01 (pulumi-azure-native 3.29), OCM clusters_mgmt/v1 `NodePool`, openshift/api
machine/v1beta1, karpenter.sh/v1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .field import Field
from .resource import Kind, Resource

AKS: Kind = ("azure-native:containerservice", "AgentPool")
ROSA: Kind = ("rosa", "HcpNodePool")
MACHINE_SET: Kind = ("machine.openshift.io", "MachineSet")
KARPENTER: Kind = ("karpenter.sh", "NodePool")

POOL_KINDS = frozenset({AKS, ROSA, MACHINE_SET, KARPENTER})

POOL_LABEL = "modelyard.dev/pool"
"""Label with the pool's name on each of its nodes."""

# Azure's N series but NP, which has FPGAs; AWS' P and G families, with their variants (gr6, p4de, p6-b200). Inferentia
# and Trainium are no GPUs.
_GPU_SIZE = re.compile(r"Standard_N[CDGV].*|(p[2-9]|g[3-9]|gr[6-9])[a-z0-9-]*\..+")


@dataclass(frozen=True, slots=True)
class NodePool:
    """Properties of a node pool that the rules need, whichever kind of resource it is."""

    resource: Resource
    sizes: tuple[Field, ...]
    """Machine types; Karpenter may name several."""
    taints: Field
    labels: Field

    @property
    def has_gpus(self) -> bool:
        """True if its machines have GPUs.

        Raises:
            UndecidedError: the machine type is not known yet.
        """
        return any(_GPU_SIZE.fullmatch(size.text()) for size in self.sizes)

    @property
    def is_spot(self) -> bool:
        """True if its nodes may be taken back.

        Raises:
            UndecidedError: the price model is not known yet.
        """
        return any(_spot(self.resource))

    def keeps_pods_away(self) -> bool:
        """Say if a taint keeps pods off its nodes that do not tolerate it.

        Raises:
            UndecidedError: a taint is not known yet.
        """
        for taint in self.taints.items():
            # AKS writes key=value:Effect; OCM effect names like Kubernetes
            effect = taint.read().rpartition(":")[2] if isinstance(taint.read(), str) else taint.at("effect").read()
            if effect in ("NoSchedule", "NoExecute"):
                return True
        return False


def node_pools(resource: Resource) -> Iterator[NodePool]:
    """Yield the pool that `resource` is; nothing if it is of another kind."""
    body = resource.body
    if resource.kind == AKS:
        yield NodePool(resource, (body.at("vmSize"),), body.at("nodeTaints"), body.at("nodeLabels"))
    elif resource.kind == ROSA:
        size = body.at("aws_node_pool", "instance_type")
        yield NodePool(resource, (size,), body.at("taints"), body.at("labels"))
    elif resource.kind == MACHINE_SET:
        machine = body.at("spec", "template", "spec")
        value = machine.at("providerSpec", "value")
        yield NodePool(
            resource,
            (value.at("instanceType"), value.at("vmSize")),
            machine.at("taints"),
            machine.at("metadata", "labels"),
        )
    elif resource.kind == KARPENTER:
        template = body.at("spec", "template")
        sizes = tuple(_required(body, "node.kubernetes.io/instance-type"))
        yield NodePool(resource, sizes, template.at("spec", "taints"), template.at("metadata", "labels"))


def _spot(resource: Resource) -> Iterator[bool]:
    body = resource.body
    if resource.kind == AKS:
        yield body.at("scaleSetPriority").read() == "Spot"
    elif resource.kind == ROSA:
        yield body.at("aws_node_pool", "spot_market_options").read() is not None
    elif resource.kind == MACHINE_SET:
        value = body.at("spec", "template", "spec", "providerSpec", "value")
        yield from (value.at(key).read() is not None for key in ("spotMarketOptions", "spotVMOptions"))
    elif resource.kind == KARPENTER:
        yield any(value.read() == "spot" for value in _required(body, "karpenter.sh/capacity-type"))


def _required(body: Field, key: str) -> Iterator[Field]:
    """Values of the requirement `key` of a Karpenter pool."""
    for requirement in body.at("spec", "template", "spec", "requirements").items():
        if requirement.at("key").read() == key and requirement.at("operator").read() == "In":
            yield from requirement.at("values").items()
