"""Arguments of an AKS cluster, and the reference by which its node pools know it."""

import enum
from typing import NotRequired

import pulumi
from modelyard.components.common.ownership import OwnershipArgs
from typing_extensions import TypedDict


class AksOutbound(enum.Enum):
    """Way of the nodes to the internet (AKS, outbound types)."""

    LOAD_BALANCER = "loadBalancer"
    """The cluster's own load balancer."""
    NAT_GATEWAY = "managedNATGateway"
    """A gateway that AKS manages; only with a network that is created with the cluster."""
    ROUTE_TABLE = "userDefinedRouting"
    """The route table of an existing subnet."""


class AksLogin(enum.Enum):
    """Mode in which kubelogin logs in (AKS, kubelogin authentication)."""

    AZURE_CLI = "azurecli"
    """Session of the Azure CLI."""
    WORKLOAD_IDENTITY = "workloadidentity"
    """Federated token of a pipeline."""
    MANAGED_IDENTITY = "msi"
    """Identity of the machine."""
    SERVICE_PRINCIPAL = "spn"
    """Service principal from the environment."""
    DEVICE_CODE = "devicecode"
    """A person, with a code."""
    INTERACTIVE = "interactive"
    """A person, with a browser."""


class AksUpgradeChannel(enum.Enum):
    """Automatic upgrades of Kubernetes (AKS, automatically upgrade a cluster)."""

    NONE = "none"
    PATCH = "patch"
    STABLE = "stable"
    RAPID = "rapid"
    NODE_IMAGE = "node-image"


class AksNodeChannel(enum.Enum):
    """Automatic upgrades of node images (AKS, node OS auto-upgrade channels)."""

    NONE = "None"
    UNMANAGED = "Unmanaged"
    SECURITY_PATCH = "SecurityPatch"
    NODE_IMAGE = "NodeImage"


class Weekday(enum.Enum):
    """Day of the week."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


class QuietTimeArgs(TypedDict):
    """Days without upgrades, such as a week of training that must not be disturbed."""

    start: str
    """First day, `2026-12-20`."""
    end: str
    """Last day."""


class AksMaintenanceArgs(TypedDict):
    """Weekly window of all upgrades, and the channels that they come from."""

    day: NotRequired[Weekday]
    """Day of the week. Default `Sunday`."""
    start: NotRequired[str]
    """Local time, `HH:MM`. Default `01:00`."""
    hours: NotRequired[int]
    """Length, 4 to 24. Default 6."""
    utc_offset: NotRequired[str]
    """Default `+00:00`."""
    quiet_times: NotRequired[list[QuietTimeArgs]]
    """Ranges of days without upgrades."""
    channel: NotRequired[AksUpgradeChannel]
    """Upgrades of Kubernetes. Default `patch`."""
    node_channel: NotRequired[AksNodeChannel]
    """Upgrades of node images, which hold the GPU drivers of AKS. Default `NodeImage`."""


class AksNetworkArgs(TypedDict):
    """Address ranges, as `10.0.0.0/16`. Those of pods and services cannot be changed later."""

    virtual_network: NotRequired[str]
    """Range of the network that is created. Default `10.224.0.0/16`."""
    nodes: NotRequired[str]
    """Subnet of the nodes. Default `10.224.0.0/20`: 4,083 nodes."""
    pods: NotRequired[str]
    """Overlay of the pods, outside of the network. Default `10.244.0.0/14`: 1,024 nodes."""
    pod_subnet: NotRequired[str]
    """In place of the overlay: a subnet in which each pod takes an address that the network can reach."""
    services: NotRequired[str]
    """Range of the services. Default `10.0.0.0/16`."""
    dns: NotRequired[str]
    """Address of the cluster's DNS. Default: the tenth of `services`."""
    existing_subnet: NotRequired[pulumi.Input[str]]
    """Id of a subnet for the nodes; no network is created then. Give its range as `nodes`."""
    existing_pod_subnet: NotRequired[pulumi.Input[str]]
    """Id of a subnet for the pods, beside `existing_subnet`. Give its range as `pod_subnet`."""
    outbound: NotRequired[AksOutbound]
    """Way of the nodes to the internet. Default `loadBalancer`."""


class AksApiArgs(TypedDict):
    """Reach of the API server."""

    private: NotRequired[bool]
    """Reachable from the virtual network only. Default true."""
    authorized_ranges: NotRequired[list[str]]
    """Address ranges that may reach a public API server."""


class AksPoolArgs(TypedDict):
    """Pool of nodes without GPUs."""

    vm_size: NotRequired[str]
    """Default `Standard_D8ds_v5`: 8 vCPUs, 32 GiB."""
    min_nodes: NotRequired[int]
    """Nodes that always run. Default 2 in the system pool, 1 in the general pool."""
    max_nodes: NotRequired[int]
    """Nodes at which the autoscaler stops. Default 4 in the system pool, 6 in the general pool."""
    zones: NotRequired[list[str]]
    """Default: all three where the region has zones."""


class AksBudgetArgs(TypedDict):
    """Mails when a month costs more than planned. It stops nothing."""

    amount_per_month: float
    """In the currency of the subscription."""
    emails: list[str]
    """Addresses of the mails, 1 to 50."""
    from_month: str
    """First month, `2026-12`; Azure accepts the present one and later."""


class AksClusterArgs(TypedDict):
    """AKS cluster with its network, identities and services."""

    ownership: OwnershipArgs
    """Owner of the cluster; becomes the tags of all resources."""
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
    """Name of a resource group that exists. Default: one is created, named after the cluster."""
    network: NotRequired[AksNetworkArgs]
    """Address ranges, or a subnet that exists."""
    cilium: NotRequired[bool]
    """Cilium routes packets and enforces network policies. Default true; false: Azure's own."""
    max_nodes: NotRequired[int]
    """Nodes of all pools together at most, surge included; the ranges are checked against it. Default 100."""
    pods_per_node: NotRequired[int]
    """Pods on one node at most, 10 to 250. Default 110."""
    api: NotRequired[AksApiArgs]
    """Reach of the API server. Default: the virtual network only."""
    system_pool: NotRequired[AksPoolArgs]
    """Runs the cluster's own parts only. Default 2 to 4 nodes."""
    general_pool: NotRequired[AksPoolArgs]
    """Runs operators and work without GPUs. Default 1 to 6 nodes."""
    node_auto_provisioning: NotRequired[bool]
    """Karpenter creates nodes; all pools then have a fixed size, `min_nodes`, because AKS refuses it beside the cluster
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
    """Budget of the cluster's resource groups. Default: none."""
    login: NotRequired[AksLogin]
    """Mode in which kubelogin logs this program in. Default `azurecli`."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The subscription's vCPUs by family, as `az vm list-usage` lists them. Missing families are not compared."""


class AksClusterReference(TypedDict):
    """Cluster as its node pools need it: `AksCluster.reference`, or written down for a cluster created elsewhere."""

    name: pulumi.Input[str]
    """Name of the cluster in Azure."""
    resource_group: pulumi.Input[str]
    """Name of its resource group."""
    location: str
    """Region."""
    kubernetes_version: str
    """Version of the control plane."""
    node_subnet: pulumi.Input[str]
    """Id of the subnet for nodes."""
    pod_subnet: NotRequired[pulumi.Input[str]]
    """Id of the subnet for pods. Default: none; pods are on the overlay."""
    kubeconfig: NotRequired[pulumi.Input[str]]
    """Kubeconfig with which a pool's nodes are drained before the pool is deleted. Default: none; pods go with their
    nodes."""
    identity: NotRequired[pulumi.Input[str]]
    """Object id of the control plane's identity, which gets the right to use a pool's capacity reservation."""
    max_nodes: NotRequired[int]
    """Nodes of all pools that its network was planned for. Default: not compared."""
    pods_per_node: NotRequired[int]
    """Pods on one node at most. Default 110."""
    node_channel: NotRequired[str]
    """Deprecated: AKS applies the cluster's channel to its pools; it is not read."""
    node_auto_provisioning: NotRequired[bool]
    """Karpenter creates nodes; AKS then allows no pool that autoscales. Default false."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The subscription's vCPUs by family. Missing families are not compared."""
