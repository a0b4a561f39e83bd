"""What the arguments of an AKS cluster come to once every rule has been looked at."""

import re
from dataclasses import dataclass
from typing import Any

from modelyard.components.clusters import (
    aks_capacity,
    aks_kubeconfig,
    aks_maintenance,
    aks_names,
    aks_network,
    aks_regions,
    aks_versions,
)
from modelyard.components.clusters.aks_arguments import (
    AksApiArgs,
    AksBudgetArgs,
    AksClusterArgs,
    AksNetworkArgs,
    AksPoolArgs,
)
from modelyard.components.clusters.aks_network import Addresses
from modelyard.components.clusters.aks_rule import AksRuleError
from modelyard.components.clusters.aks_versions import Version

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SIZE = re.compile(r"Standard_[A-Z]{1,3}[0-9]+(-[0-9]+)?(?P<features>[a-z]*)(_\w+)*")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


AUTO_PROVISIONING = "AKS, node auto-provisioning limitations"

FIXED_SIZE = "is min_nodes in a cluster with node auto-provisioning, which AKS refuses beside the cluster autoscaler"


@dataclass(frozen=True, kw_only=True)
class PlainPool:
    """A pool without GPUs, checked."""

    vm_size: str
    min_nodes: int
    max_nodes: int
    zones: tuple[str, ...]
    ephemeral: bool
    """Whether the size has a local disk for the operating system."""

    @property
    def autoscaled(self) -> bool:
        """Whether the cluster autoscaler sizes it; a pool of fixed size has as many nodes as its minimum."""
        return self.min_nodes < self.max_nodes


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A cluster whose arguments keep every rule."""

    cluster: str
    resource_group: str
    location: str
    version: Version
    production: bool
    addresses: Addresses
    outbound: str
    cilium: bool
    nodes: int
    pods_per_node: int
    private: bool
    authorized_ranges: tuple[str, ...]
    admin_groups: tuple[str, ...]
    system: PlainPool
    general: PlainPool
    auto_provisioning: bool
    channel: str
    node_channel: str
    window: Any
    login: str
    log_days: int


def planned(name: str, args: AksClusterArgs) -> Plan:
    """What `args` come to.

    Raises:
        AksRuleError: with the argument, the rule, and where it is written.
    """
    cluster = aks_names.CLUSTER.checked(name, "cluster_name", args.get("cluster_name", name))
    group = aks_names.RESOURCE_GROUP.checked(name, "resource_group", args.get("resource_group", cluster))
    location = aks_regions.region(name, args["location"])
    channel, node_channel = aks_maintenance.channels(name, args.get("maintenance", {}))
    version = aks_versions.version(name, "kubernetes_version", args["kubernetes_version"])
    nodes, pods = int(args.get("max_nodes", 100)), int(args.get("pods_per_node", 110))
    provisioning = _provisioning(name, args)
    system = _pool(name, "system_pool", location, args.get("system_pool", {}), (2, 2 if provisioning else 4))
    general = _pool(name, "general_pool", location, args.get("general_pool", {}), (1, 1 if provisioning else 6))
    for argument, one in (("system_pool", system), ("general_pool", general)):
        if provisioning and one.autoscaled:
            raise AksRuleError(name, f"{argument}.max_nodes", one.max_nodes, FIXED_SIZE, AUTO_PROVISIONING)
    aks_capacity.within_nodes(
        name,
        [
            aks_capacity.Demand(pool=pool, nodes=one.max_nodes + 1, vcpus_per_node=0, family="")
            for pool, one in (("system", system), ("general", general))
        ],
        nodes,
    )
    private, ranges = _api(name, args.get("api", {}))
    _monthly(name, args.get("budget"))
    return Plan(
        cluster=cluster,
        resource_group=group,
        location=location,
        version=aks_versions.beside_channel(name, version, channel),
        production=bool(args.get("production", False)),
        addresses=_addresses(name, args.get("network", {}), nodes, pods),
        outbound=_outbound(name, args.get("network", {})),
        cilium=bool(args.get("cilium", True)),
        nodes=nodes,
        pods_per_node=pods,
        private=private,
        authorized_ranges=ranges,
        admin_groups=_groups(name, args["admin_groups"]),
        system=system,
        general=general,
        auto_provisioning=provisioning,
        channel=channel,
        node_channel=node_channel,
        window=aks_maintenance.window(name, args.get("maintenance", {})),
        login=aks_kubeconfig.login(name, args.get("login", "azurecli")),
        log_days=_log_days(name, int(args.get("log_days", 30))),
    )


def has_local_disk(size: str) -> bool:
    """Whether a size's name says that it has a local disk: the feature `d` (Azure, VM size naming conventions)."""
    found = _SIZE.fullmatch(size)
    return found is not None and "d" in found["features"]


def _addresses(name: str, args: AksNetworkArgs, nodes: int, pods: int) -> Addresses:
    def taken(key: str, default: str | None) -> Any:
        text = args.get(key, default)
        return None if text is None else aks_network.parsed(name, f"network.{key}", str(text))

    existing = args.get("existing_subnet") is not None
    for key in ("nodes",) if existing else ():
        if args.get(key) is None:
            raise AksRuleError(name, f"network.{key}", None, "is needed with existing_subnet", aks_network.PLANNING)
    overlay = args.get("pod_subnet") is None
    if not overlay and existing and args.get("existing_pod_subnet") is None:
        rule = "needs existing_pod_subnet where the subnet of the nodes exists"
        raise AksRuleError(name, "network.pod_subnet", args.get("pod_subnet"), rule, aks_network.PLANNING)
    services = taken("services", "10.0.0.0/16")
    dns = args.get("dns")
    try:
        address = aks_network.default_dns(services) if dns is None else aks_network.IPv4Address(dns)
    except ValueError:
        raise AksRuleError(name, "network.dns", dns, "must be an IPv4 address", aks_network.PLANNING) from None
    found = Addresses(
        network=None if existing else taken("virtual_network", "10.224.0.0/16"),
        nodes=taken("nodes", "10.224.0.0/20"),
        pods=taken("pods", "10.244.0.0/14") if overlay else None,
        pod_subnet=taken("pod_subnet", None),
        services=services,
        dns=address,
    )
    return aks_network.checked(name, found, nodes=nodes, pods_per_node=pods)


def _outbound(name: str, args: AksNetworkArgs) -> str:
    allowed = ("loadBalancer", "managedNATGateway", "userDefinedRouting")
    outbound = args.get("outbound", "loadBalancer")
    if outbound == "none":
        rule = "needs a registry that caches Microsoft's images for nodes that start, which is not made here"
        raise AksRuleError(name, "network.outbound", outbound, rule, "AKS, network isolated clusters")
    if outbound not in allowed:
        raise AksRuleError(name, "network.outbound", outbound, f"is one of {', '.join(allowed)}", "AKS, outbound types")
    if args.get("existing_subnet") is None and outbound == "userDefinedRouting":
        rule = "needs a subnet with a route table, which is an existing one"
        raise AksRuleError(name, "network.outbound", outbound, rule, "AKS, outbound types")
    if args.get("existing_subnet") is not None and outbound == "managedNATGateway":
        rule = "goes only with a network that is made here; a subnet that exists brings its own gateway"
        raise AksRuleError(name, "network.outbound", outbound, rule, "AKS, outbound types")
    return outbound


def _pool(name: str, argument: str, location: str, args: AksPoolArgs, sizes: tuple[int, int]) -> PlainPool:
    """The pool; `sizes` are the fewest nodes that it may have, and the most that it has by default."""
    smallest, largest = sizes
    size = args.get("vm_size", "Standard_D8ds_v5")
    if not _SIZE.fullmatch(size):
        rule = "is no name of a VM size, such as 'Standard_D8ds_v5'"
        raise AksRuleError(name, f"{argument}.vm_size", size, rule, "Azure, VM size naming conventions")
    fewest = int(args.get("min_nodes", smallest))
    most = int(args.get("max_nodes", max(largest, fewest)))
    if fewest < smallest:
        rule = f"must be {smallest} or more" + (", or an upgrade takes DNS away" if smallest > 1 else "")
        raise AksRuleError(name, f"{argument}.min_nodes", fewest, rule, "AKS, system node pools")
    if not fewest <= most <= 1000:
        raise AksRuleError(name, f"{argument}.max_nodes", most, f"must be {fewest} to 1000", "AKS, cluster autoscaler")
    default = aks_regions.ZONES if location in aks_regions.WITH_ZONES else ()
    zones = aks_regions.zones(name, f"{argument}.zones", location, args.get("zones", default))
    return PlainPool(vm_size=size, min_nodes=fewest, max_nodes=most, zones=zones, ephemeral=has_local_disk(size))


def _api(name: str, args: AksApiArgs) -> tuple[bool, tuple[str, ...]]:
    private, ranges = bool(args.get("private", True)), tuple(args.get("authorized_ranges", ()))
    source = "AKS, API server authorized IP ranges; checkov CKV_AZURE_6"
    if private and ranges:
        rule = "does not go with a private API server, which no public address reaches"
        raise AksRuleError(name, "api.authorized_ranges", list(ranges), rule, source)
    if not private and not ranges:
        rule = "a public API server needs authorized_ranges: who may reach it"
        raise AksRuleError(name, "api.private", private, rule, source)
    for text in ranges:
        if aks_network.parsed(name, "api.authorized_ranges", text).prefixlen == 0:
            raise AksRuleError(name, "api.authorized_ranges", text, "lets the whole internet in", source)
    return private, ranges


def _groups(name: str, groups: list[str]) -> tuple[str, ...]:
    source = "AKS, Microsoft Entra integration"
    if not groups:
        raise AksRuleError(name, "admin_groups", groups, "names at least one group: local accounts are off", source)
    for one in groups:
        if not _GUID.fullmatch(one):
            raise AksRuleError(name, "admin_groups", one, "is the object id of a group, a GUID, not its name", source)
    return tuple(groups)


def _provisioning(name: str, args: AksClusterArgs) -> bool:
    wanted = bool(args.get("node_auto_provisioning", False))
    if wanted and args.get("network", {}).get("pod_subnet") is not None:
        rule = "needs Azure CNI overlay; leave network.pod_subnet out"
        raise AksRuleError(name, "node_auto_provisioning", wanted, rule, "AKS, node auto-provisioning networking")
    return wanted


def _log_days(name: str, days: int) -> int:
    if not 30 <= days <= 730:
        raise AksRuleError(name, "log_days", days, "is 30 to 730", "Azure Monitor, Log Analytics retention")
    return days


def _monthly(name: str, args: AksBudgetArgs | None) -> None:
    if args is None:
        return
    source = "Azure, budgets"
    if args["amount_per_month"] <= 0:
        raise AksRuleError(name, "budget.amount_per_month", args["amount_per_month"], "is more than 0", source)
    if not 1 <= len(args["emails"]) <= 50 or any("@" not in one for one in args["emails"]):
        raise AksRuleError(name, "budget.emails", args["emails"], "are 1 to 50 addresses", source)
    if not _MONTH.fullmatch(args["from_month"]):
        raise AksRuleError(name, "budget.from_month", args["from_month"], "is written YYYY-MM", source)
