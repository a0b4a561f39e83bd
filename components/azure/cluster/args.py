"""The arguments of an AKS cluster."""

from typing import NotRequired

import pulumi
from modelyard.components.azure.cluster.maintenance import AksMaintenanceArgs
from modelyard.components.common.ownership import OwnershipArgs
from typing_extensions import TypedDict


class AksNetworkArgs(TypedDict):
    """Address ranges, as `10.0.0.0/16`. Those of pods and services cannot be changed later."""

    virtual_network: NotRequired[str]
    """Range of the network that is made. Default `10.224.0.0/16`."""
    nodes: NotRequired[str]
    """Subnet of the nodes. Default `10.224.0.0/20`: 4,083 nodes."""
    pods: NotRequired[str]
    """Overlay of the pods, outside of the network. Default `10.244.0.0/14`: 1,024 nodes."""
    pod_subnet: NotRequired[str]
    """In place of the overlay: a subnet in which each pod takes an address that the network can reach."""
    services: NotRequired[str]
    """Default `10.0.0.0/16`."""
    dns: NotRequired[str]
    """Address of the cluster's DNS. Default: the tenth of `services`."""
    existing_subnet: NotRequired[pulumi.Input[str]]
    """Id of a subnet for the nodes; no network is made then. Give its range as `nodes`."""
    existing_pod_subnet: NotRequired[pulumi.Input[str]]
    """Id of a subnet for the pods, beside `existing_subnet`. Give its range as `pod_subnet`."""
    outbound: NotRequired[str]
    """How nodes reach the internet: `loadBalancer` (default), `managedNATGateway`, `userDefinedRouting`."""


class AksApiArgs(TypedDict):
    """Who reaches the API server."""

    private: NotRequired[bool]
    """Reachable from the virtual network only. Default true."""
    authorized_ranges: NotRequired[list[str]]
    """Of a public one: the ranges that may reach it."""


class AksPoolArgs(TypedDict):
    """A pool of nodes without GPUs."""

    vm_size: NotRequired[str]
    """Default `Standard_D8ds_v5`: 8 vCPUs, 32 GiB."""
    min_nodes: NotRequired[int]
    max_nodes: NotRequired[int]
    zones: NotRequired[list[str]]
    """Default: all three where the region has zones."""


class AksBudgetArgs(TypedDict):
    """Mails when a month costs more than planned. It stops nothing."""

    amount_per_month: float
    """In the currency of the subscription."""
    emails: list[str]
    from_month: str
    """First month, `2026-12`; Azure accepts the present one and later."""


class AksClusterArgs(TypedDict):
    """An AKS cluster with what belongs to it."""

    ownership: OwnershipArgs
    """Whose it is; becomes the tags of everything."""
    location: str
    """Region, e.g. `westeurope`."""
    kubernetes_version: str
    """`1.33`, of which AKS takes the newest patch, or `1.33.2`."""
    admin_groups: list[str]
    """Object ids of Entra groups whose members administer the cluster; local accounts do not exist."""
    production: NotRequired[bool]
    """Protects cluster and registry, takes the tier with a guaranteed API server. Default false."""
    cluster_name: NotRequired[str]
    """Name in Azure. Default: the component's. Give the old one when the component is renamed."""
    resource_group: NotRequired[str]
    """Name of a resource group that exists. Default: one is made, named after the cluster."""
    network: NotRequired[AksNetworkArgs]
    """Address ranges, or a subnet that exists."""
    cilium: NotRequired[bool]
    """Cilium moves packets and enforces network policies. Default true; false: Azure's own."""
    max_nodes: NotRequired[int]
    """Nodes of all pools together at most, surge included; the ranges are checked against it. Default 100."""
    pods_per_node: NotRequired[int]
    """Default 110."""
    api: NotRequired[AksApiArgs]
    """Who reaches the API server. Default: the virtual network only."""
    system_pool: NotRequired[AksPoolArgs]
    """Runs the cluster's own parts only. Default 2 to 4 nodes."""
    general_pool: NotRequired[AksPoolArgs]
    """Runs operators and work without GPUs. Default 1 to 6 nodes."""
    node_auto_provisioning: NotRequired[bool]
    """Karpenter makes nodes; all pools then have a fixed size, `min_nodes`, because AKS refuses it beside the cluster
    autoscaler. Default false."""
    maintenance: NotRequired[AksMaintenanceArgs]
    """Window and channels of upgrades."""
    registry: NotRequired[bool]
    """A container registry that the nodes may pull from. Default true."""
    vault: NotRequired[bool]
    """A key vault, and its provider for pods. Default true."""
    monitoring: NotRequired[bool]
    """Managed Prometheus, and the API server's logs. Default true."""
    log_days: NotRequired[int]
    """Days that logs are kept, 30 to 730. Default 30."""
    local_nvme: NotRequired[bool]
    """Storage class `local-csi` on the NVMe disks of nodes (Azure Container Storage). Default false."""
    budget: NotRequired[AksBudgetArgs]
    """Default: none."""
    login: NotRequired[str]
    """How kubelogin logs this program in: `azurecli` (default), `workloadidentity`, `msi`, `spn`."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The subscription's vCPUs by family, as `az vm list-usage` names them. Missing families are not judged."""
