"""Validated form of an AKS cluster's arguments, made without Azure's SDK."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.azure import capacity, naming, regions, versions
from modelyard.components.azure.capacity import PoolDemand
from modelyard.components.azure.cluster import access, maintenance, network
from modelyard.components.azure.cluster.args import (
    AksBudgetArgs,
    AksClusterArgs,
    AksLogin,
    AksNetworkArgs,
    AksNodeChannel,
    AksOutbound,
    AksPoolArgs,
    AksUpgradeChannel,
)
from modelyard.components.azure.cluster.network import Addresses
from modelyard.components.azure.versions import Version
from modelyard.components.common.choices import validate_choice, validate_range
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import Ownership, parse_ownership

AUTO_PROVISIONING = "AKS, node auto-provisioning limitations"

FIXED_SIZE = "must be min_nodes beside node auto-provisioning, which AKS refuses together with the cluster autoscaler"

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

_VM_SIZE = re.compile(r"Standard_[A-Z]{1,3}[0-9]+(-[0-9]+)?(?P<features>[a-z]*)(_\w+)*")


@dataclass(frozen=True, kw_only=True)
class CpuPoolSpec:
    """Validated pool of nodes without GPUs."""

    vm_size: str
    min_nodes: int
    max_nodes: int
    zones: tuple[str, ...]

    @property
    def ephemeral_disk(self) -> bool:
        """True if the size has a local disk for the operating system."""
        return has_local_disk(self.vm_size)

    @property
    def autoscaled(self) -> bool:
        """True if the cluster autoscaler sizes it; a pool of fixed size has `min_nodes` nodes."""
        return self.min_nodes < self.max_nodes


@dataclass(frozen=True, kw_only=True)
class AksClusterSpec:
    """Validated AKS cluster. Fields are named after the arguments that they come from."""

    ownership: Ownership
    cluster_name: str
    resource_group: str
    creates_resource_group: bool
    location: str
    kubernetes_version: Version
    production: bool
    addresses: Addresses
    outbound: AksOutbound
    cilium: bool
    max_nodes: int
    pods_per_node: int
    private_api: bool
    authorized_ranges: tuple[str, ...]
    admin_groups: tuple[str, ...]
    system_pool: CpuPoolSpec
    general_pool: CpuPoolSpec
    node_auto_provisioning: bool
    channel: AksUpgradeChannel
    node_channel: AksNodeChannel
    maintenance_window: Mapping[str, Any]
    """Window in the form that `MaintenanceConfiguration` accepts."""
    registry: bool
    vault: bool
    monitoring: bool
    log_days: int
    local_nvme: bool
    budget: AksBudgetArgs | None
    login: AksLogin
    vcpu_quota: Mapping[str, int]

    @property
    def tags(self) -> dict[str, str]:
        """Tags of all resources."""
        return self.ownership.tags()

    @property
    def demands(self) -> tuple[PoolDemand, ...]:
        """Nodes of the cluster's own pools, with one of an upgrade each. Their sizes are compared with no quota."""
        pools = {"system": self.system_pool, "general": self.general_pool}
        return tuple(PoolDemand(pool=name, nodes=pool.max_nodes + 1) for name, pool in pools.items())


def validate_cluster(name: str, args: AksClusterArgs) -> AksClusterSpec:
    """Validate the cluster's arguments without creating anything.

    Raises:
        ArgumentError: with the argument, the rule, and its source.
    """
    cluster_name = naming.CLUSTER.validate(name, "cluster_name", args.get("cluster_name", name))
    group = naming.RESOURCE_GROUP.validate(name, "resource_group", args.get("resource_group", cluster_name))
    location = regions.validate_region(name, args["location"])
    channel, node_channel = maintenance.validate_channels(name, args.get("maintenance", {}))
    version = versions.parse_version(name, "kubernetes_version", args["kubernetes_version"])
    max_nodes, pods_per_node = int(args.get("max_nodes", 100)), int(args.get("pods_per_node", 110))
    provisioning = _validate_auto_provisioning(name, args)
    private, ranges = access.validate_api(name, args.get("api", {}))
    spec = AksClusterSpec(
        ownership=parse_ownership(args["ownership"]),
        cluster_name=cluster_name,
        resource_group=group,
        creates_resource_group=args.get("resource_group") is None,
        location=location,
        kubernetes_version=versions.validate_channel(name, version, channel.value),
        production=bool(args.get("production", False)),
        addresses=_validate_addresses(name, args.get("network", {}), max_nodes, pods_per_node),
        outbound=_validate_outbound(name, args.get("network", {})),
        cilium=bool(args.get("cilium", True)),
        max_nodes=max_nodes,
        pods_per_node=pods_per_node,
        private_api=private,
        authorized_ranges=ranges,
        admin_groups=access.validate_admin_groups(name, args["admin_groups"]),
        system_pool=_validate_pool(name, args, "system_pool", least=2, most=4),
        general_pool=_validate_pool(name, args, "general_pool", least=1, most=6),
        node_auto_provisioning=provisioning,
        channel=channel,
        node_channel=node_channel,
        maintenance_window=maintenance.validate_window(name, args.get("maintenance", {})),
        registry=bool(args.get("registry", True)),
        vault=bool(args.get("vault", True)),
        monitoring=bool(args.get("monitoring", True)),
        log_days=validate_range(
            name, "log_days", args.get("log_days", 30), (30, 730), "Azure Monitor, Log Analytics retention"
        ),
        local_nvme=bool(args.get("local_nvme", False)),
        budget=_validate_budget(name, args.get("budget")),
        login=validate_choice(
            name, "login", args.get("login", AksLogin.AZURE_CLI), AksLogin, "AKS, kubelogin authentication"
        ),
        vcpu_quota=dict(args.get("vcpu_quota", {})),
    )
    capacity.validate_capacity(name, spec.demands, vcpu_quota={}, max_nodes=max_nodes)
    return spec


def has_local_disk(vm_size: str) -> bool:
    """Tell from a size's name that it has a local disk: the feature `d` (Azure, VM size naming conventions)."""
    match = _VM_SIZE.fullmatch(vm_size)
    return match is not None and "d" in match["features"]


def _validate_pool(name: str, args: AksClusterArgs, argument: str, *, least: int, most: int) -> CpuPoolSpec:
    """Validate a pool that has `least` nodes or more, and by default `most` at most."""
    pool: AksPoolArgs = args.get(argument, {})
    fixed = bool(args.get("node_auto_provisioning", False))
    vm_size = pool.get("vm_size", "Standard_D8ds_v5")
    if not _VM_SIZE.fullmatch(vm_size):
        rule = "must be the name of a VM size, such as 'Standard_D8ds_v5'"
        raise ArgumentError(name, f"{argument}.vm_size", vm_size, rule, "Azure, VM size naming conventions")
    min_nodes = int(pool.get("min_nodes", least))
    max_nodes = int(pool.get("max_nodes", min_nodes if fixed else max(most, min_nodes)))
    if min_nodes < least:
        rule = f"must be {least} or more" + (", or an upgrade takes DNS away" if least > 1 else "")
        raise ArgumentError(name, f"{argument}.min_nodes", min_nodes, rule, "AKS, system node pools")
    validate_range(name, f"{argument}.max_nodes", max_nodes, (min_nodes, 1000), "AKS, cluster autoscaler")
    if fixed and max_nodes != min_nodes:
        raise ArgumentError(name, f"{argument}.max_nodes", max_nodes, FIXED_SIZE, AUTO_PROVISIONING)
    location = args["location"]
    zones = pool.get("zones", regions.ZONES if location in regions.WITH_ZONES else ())
    return CpuPoolSpec(
        vm_size=vm_size,
        min_nodes=min_nodes,
        max_nodes=max_nodes,
        zones=regions.validate_zones(name, f"{argument}.zones", location, zones),
    )


def _validate_addresses(name: str, args: AksNetworkArgs, max_nodes: int, pods_per_node: int) -> Addresses:
    def address_range(key: str, default: str | None = None) -> Any:
        text = args.get(key, default)
        return None if text is None else network.parse_range(name, f"network.{key}", str(text))

    existing, overlay = args.get("existing_subnet") is not None, args.get("pod_subnet") is None
    if existing and args.get("nodes") is None:
        rule = "must be given beside network.existing_subnet: the range of that subnet"
        raise ArgumentError(name, "network.nodes", None, rule, network.PLANNING)
    if existing and not overlay and args.get("existing_pod_subnet") is None:
        rule = "needs network.existing_pod_subnet where the subnet of the nodes exists"
        raise ArgumentError(name, "network.pod_subnet", args.get("pod_subnet"), rule, network.PLANNING)
    services, dns = address_range("services", "10.0.0.0/16"), args.get("dns")
    try:
        address = network.default_dns(services) if dns is None else network.IPv4Address(dns)
    except ValueError:
        raise ArgumentError(name, "network.dns", dns, "must be an IPv4 address", network.PLANNING) from None
    addresses = Addresses(
        virtual_network=None if existing else address_range("virtual_network", "10.224.0.0/16"),
        nodes=address_range("nodes", "10.224.0.0/20"),
        pods=address_range("pods", "10.244.0.0/14") if overlay else None,
        pod_subnet=address_range("pod_subnet"),
        services=services,
        dns=address,
    )
    return network.validate_addresses(name, addresses, max_nodes=max_nodes, pods_per_node=pods_per_node)


def _validate_outbound(name: str, args: AksNetworkArgs) -> AksOutbound:
    source, argument = "AKS, outbound types", "network.outbound"
    value: Any = args.get("outbound", AksOutbound.LOAD_BALANCER)
    if value == "none":
        rule = "needs a registry that caches Microsoft's images for new nodes, which AksCluster does not create"
        raise ArgumentError(name, argument, value, rule, "AKS, network isolated clusters")
    outbound = validate_choice(name, argument, value, AksOutbound, source)
    existing = args.get("existing_subnet") is not None
    if outbound is AksOutbound.ROUTE_TABLE and not existing:
        rule = "needs a subnet with a route table: give network.existing_subnet"
        raise ArgumentError(name, argument, outbound.value, rule, source)
    if outbound is AksOutbound.NAT_GATEWAY and existing:
        rule = "must not be given beside network.existing_subnet, which brings its own gateway"
        raise ArgumentError(name, argument, outbound.value, rule, source)
    return outbound


def _validate_auto_provisioning(name: str, args: AksClusterArgs) -> bool:
    provisioning = bool(args.get("node_auto_provisioning", False))
    if provisioning and args.get("network", {}).get("pod_subnet") is not None:
        rule = "needs Azure CNI overlay; leave network.pod_subnet out"
        source = "AKS, node auto-provisioning networking"
        raise ArgumentError(name, "node_auto_provisioning", provisioning, rule, source)
    return provisioning


def _validate_budget(name: str, args: AksBudgetArgs | None) -> AksBudgetArgs | None:
    if args is None:
        return None
    amount, emails, source = args["amount_per_month"], args["emails"], "Azure, budgets"
    if amount <= 0:
        raise ArgumentError(name, "budget.amount_per_month", amount, "must be more than 0", source)
    if not 1 <= len(emails) <= 50 or any("@" not in email for email in emails):
        raise ArgumentError(name, "budget.emails", emails, "must be 1 to 50 addresses", source)
    if not _MONTH.fullmatch(args["from_month"]):
        raise ArgumentError(name, "budget.from_month", args["from_month"], "must be YYYY-MM", source)
    return args
