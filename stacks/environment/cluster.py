"""The section `cluster`: the kind of cluster, how it is reached or what is created, and what it can hold."""

import enum
from typing import Any

from modelyard.stacks.environment.aks import Aks
from modelyard.stacks.environment.amounts import Count
from modelyard.stacks.environment.names import Label, Text
from modelyard.stacks.environment.rosa import Rosa
from modelyard.stacks.environment.section import Section
from modelyard.stacks.environment.team import Amounts
from pydantic import Field


class Kind(enum.Enum):
    """Kind of cluster that the platform runs in. Each has a row in `platforms.registry`."""

    LOCAL = "local"
    """On one machine; volumes are its folders, and its GPU may be pretended."""
    EXISTING = "existing"
    """A cluster that exists already."""
    OPENSHIFT = "openshift"
    """An OpenShift cluster that manages its own machines (AWS, Azure, vSphere); its GPU pools are created here."""
    AKS = "aks"
    """An AKS cluster, created here with its network, identities, registry, vault and GPU pools."""
    ROSA = "rosa"
    """A ROSA cluster with a hosted control plane, created here with its network, roles, key and GPU pools."""


class Capacity(Amounts):
    """Upper limit of what workloads and operators can have together."""


class Cluster(Section):
    """Access to an existing cluster, or the cluster that is created, and its capacity."""

    kubeconfig: Text | None = None
    """Path of a kubeconfig. None only where the cluster is created here."""
    aks: Aks | None = None
    """For kind `aks`."""
    rosa: Rosa | None = None
    """For kind `rosa`."""
    context: Text | None = None
    """Context of the kubeconfig. None: the current one."""
    capacity: Capacity | None = None
    """Sum of all nodes that may run workloads. None: quotas are not checked against nodes."""
    gpu_node_labels: dict[str, str] = Field(default_factory=dict)
    """Labels of the nodes that the quota is counted on. Empty: every node. Not where there are `node_pools`."""
    owner: Label = "platform"
    """Label of the people who answer for the nodes that are created here."""
    cost_center: Label = "platform"
    """Label of the cost centre that pays for them."""
    region: str | None = None
    """Region whose prices count. None: the cluster's own, or the cloud's reference region."""
    machine_set: dict[str, Any] = Field(default_factory=dict)
    """A machine set of the cluster that works, as `oc get machineset -o yaml` gives it; pools are derived from it. For
    kind `openshift`."""
    max_nodes: Count | None = None
    """Most nodes of the whole cluster, control plane included. For kind `openshift` with `node_pools`."""
