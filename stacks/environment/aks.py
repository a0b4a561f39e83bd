"""The section `cluster.aks`: an AKS cluster that this program creates. Its keys are the arguments of AksCluster."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from modelyard.stacks.environment.amounts import Count, CountOrZero, Price, whole
from modelyard.stacks.environment.section import Section
from pydantic import BeforeValidator, Field


class AksBudget(Section):
    """Mails when a month costs more than planned. It stops nothing."""

    amount_per_month: Price
    """In the currency of the subscription."""
    emails: tuple[str, ...]
    """Readers, 1 to 50."""
    from_month: str
    """First month, `2026-12`; Azure takes the present one and later."""


class AksNetwork(Section):
    """Address ranges, as `10.0.0.0/16`. Those of pods and services cannot be changed later."""

    virtual_network: str | None = None
    """Range of the network that is created. None: `10.224.0.0/16`."""
    nodes: str | None = None
    """Subnet of the nodes. None: `10.224.0.0/20`, which is 4,083 nodes."""
    pods: str | None = None
    """Overlay of the pods, outside of the network. None: `10.244.0.0/14`, which is 1,024 nodes."""
    pod_subnet: str | None = None
    """In place of the overlay: a subnet in which each pod takes an address that the network can reach."""
    services: str | None = None
    """None: `10.0.0.0/16`."""
    existing_subnet: str | None = None
    """Id of a subnet for the nodes; no network is created then. Give its range as `nodes`."""
    existing_pod_subnet: str | None = None
    """Id of a subnet for the pods, beside `existing_subnet`. Give its range as `pod_subnet`."""
    outbound: Literal["loadBalancer", "managedNATGateway", "userDefinedRouting", "none"] | None = None
    """Way of nodes to the internet. None: `loadBalancer`."""


class AksApi(Section):
    """Access to the API server."""

    private: bool = True
    """The API server is reached from the virtual network only."""
    authorized_ranges: tuple[str, ...] | None = None
    """Address ranges that may reach a public API server."""


class AksOwnPool(Section):
    """Pool of the cluster itself, without GPUs. It never has spot nodes."""

    vm_size: str | None = None
    """None: `Standard_D8ds_v5`, which is 8 vCPUs and 32 GiB."""
    min_nodes: Count | None = None
    """Fewest nodes."""
    max_nodes: Count | None = None
    """Most nodes."""
    zones: tuple[str, ...] | None = None
    """None: all three where the region has zones."""

    MISPLACED: ClassVar[Mapping[str, str]] = {
        "spot": "the cluster's own pools run what must not be evicted; spot is for node_pools (AKS, spot node pools)"
    }


class Aks(Section):
    """An AKS cluster, created with its network, identities, registry and vault."""

    location: str
    """Region, e.g. `westeurope`."""
    kubernetes_version: str
    """`1.33`, of which AKS takes the newest patch, or `1.33.2`."""
    admin_groups: tuple[str, ...]
    """Object ids of Entra groups whose members administer the cluster; local accounts do not exist."""
    production: bool = False
    """Protects cluster, network and registry from deletion, and pays for a guaranteed API server."""
    api: AksApi = AksApi()
    """Access to the API server. Default: from the virtual network only."""
    max_nodes: Count = 100
    """Nodes of all pools together, surge included; address ranges are checked against it."""
    pods_per_node: Annotated[int, BeforeValidator(whole), Field(ge=10, le=250)] = 110
    """Pods of one node, in each pool; address ranges are checked against it."""
    network: AksNetwork = AksNetwork()
    """Address ranges, and subnets that exist already."""
    system_pool: AksOwnPool = AksOwnPool()
    """Runs the cluster's own parts only. 2 to 4 nodes."""
    general_pool: AksOwnPool = AksOwnPool()
    """Runs operators and work without GPUs. 1 to 6 nodes."""
    vcpu_quota: dict[str, CountOrZero] = Field(default_factory=dict)
    """The subscription's vCPUs by family, as `az vm list-usage` names them; missing families are not checked."""
    local_nvme: bool = False
    """Storage class `local-csi` on the NVMe disks of nodes."""
    log_days: Count = 30
    """Days that logs are kept."""
    budget: AksBudget | None = None
    """None: no mails."""
