"""What the arguments of an AKS cluster come to once every rule has been looked at."""

import re
from dataclasses import dataclass
from typing import Any

from modelyard.components.azure import capacity, naming, regions, versions
from modelyard.components.azure.cluster import access, kubeconfig, maintenance, network
from modelyard.components.azure.cluster.args import AksBudgetArgs, AksClusterArgs, AksNetworkArgs
from modelyard.components.azure.cluster.network import Addresses
from modelyard.components.azure.cluster.plain_pool import AUTO_PROVISIONING, FIXED_SIZE, PlainPool, plain_pool
from modelyard.components.azure.versions import Version
from modelyard.components.common.errors import ArgumentError

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


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
        ArgumentError: with the argument, the rule, and where it is written.
    """
    cluster = naming.CLUSTER.checked(name, "cluster_name", args.get("cluster_name", name))
    group = naming.RESOURCE_GROUP.checked(name, "resource_group", args.get("resource_group", cluster))
    location = regions.region(name, args["location"])
    channel, node_channel = maintenance.channels(name, args.get("maintenance", {}))
    version = versions.version(name, "kubernetes_version", args["kubernetes_version"])
    nodes, pods = int(args.get("max_nodes", 100)), int(args.get("pods_per_node", 110))
    provisioning = _provisioning(name, args)
    system = plain_pool(name, "system_pool", location, args.get("system_pool", {}), (2, 2 if provisioning else 4))
    general = plain_pool(name, "general_pool", location, args.get("general_pool", {}), (1, 1 if provisioning else 6))
    for argument, one in (("system_pool", system), ("general_pool", general)):
        if provisioning and one.autoscaled:
            raise ArgumentError(name, f"{argument}.max_nodes", one.max_nodes, FIXED_SIZE, AUTO_PROVISIONING)
    capacity.within_nodes(
        name,
        [
            capacity.Demand(pool=pool, nodes=one.max_nodes + 1, vcpus_per_node=0, family="")
            for pool, one in (("system", system), ("general", general))
        ],
        nodes,
    )
    private, ranges = access.api(name, args.get("api", {}))
    _monthly(name, args.get("budget"))
    return Plan(
        cluster=cluster,
        resource_group=group,
        location=location,
        version=versions.beside_channel(name, version, channel),
        production=bool(args.get("production", False)),
        addresses=_addresses(name, args.get("network", {}), nodes, pods),
        outbound=_outbound(name, args.get("network", {})),
        cilium=bool(args.get("cilium", True)),
        nodes=nodes,
        pods_per_node=pods,
        private=private,
        authorized_ranges=ranges,
        admin_groups=access.admin_groups(name, args["admin_groups"]),
        system=system,
        general=general,
        auto_provisioning=provisioning,
        channel=channel,
        node_channel=node_channel,
        window=maintenance.window(name, args.get("maintenance", {})),
        login=kubeconfig.login(name, args.get("login", "azurecli")),
        log_days=_log_days(name, int(args.get("log_days", 30))),
    )


def _addresses(name: str, args: AksNetworkArgs, nodes: int, pods: int) -> Addresses:
    def taken(key: str, default: str | None) -> Any:
        text = args.get(key, default)
        return None if text is None else network.parsed(name, f"network.{key}", str(text))

    existing = args.get("existing_subnet") is not None
    for key in ("nodes",) if existing else ():
        if args.get(key) is None:
            raise ArgumentError(name, f"network.{key}", None, "is needed with existing_subnet", network.PLANNING)
    overlay = args.get("pod_subnet") is None
    if not overlay and existing and args.get("existing_pod_subnet") is None:
        rule = "needs existing_pod_subnet where the subnet of the nodes exists"
        raise ArgumentError(name, "network.pod_subnet", args.get("pod_subnet"), rule, network.PLANNING)
    services = taken("services", "10.0.0.0/16")
    dns = args.get("dns")
    try:
        address = network.default_dns(services) if dns is None else network.IPv4Address(dns)
    except ValueError:
        raise ArgumentError(name, "network.dns", dns, "must be an IPv4 address", network.PLANNING) from None
    found = Addresses(
        network=None if existing else taken("virtual_network", "10.224.0.0/16"),
        nodes=taken("nodes", "10.224.0.0/20"),
        pods=taken("pods", "10.244.0.0/14") if overlay else None,
        pod_subnet=taken("pod_subnet", None),
        services=services,
        dns=address,
    )
    return network.checked(name, found, nodes=nodes, pods_per_node=pods)


def _outbound(name: str, args: AksNetworkArgs) -> str:
    allowed = ("loadBalancer", "managedNATGateway", "userDefinedRouting")
    outbound = args.get("outbound", "loadBalancer")
    if outbound == "none":
        rule = "needs a registry that caches Microsoft's images for nodes that start, which is not made here"
        raise ArgumentError(name, "network.outbound", outbound, rule, "AKS, network isolated clusters")
    if outbound not in allowed:
        raise ArgumentError(
            name, "network.outbound", outbound, f"is one of {', '.join(allowed)}", "AKS, outbound types"
        )
    if args.get("existing_subnet") is None and outbound == "userDefinedRouting":
        rule = "needs a subnet with a route table, which is an existing one"
        raise ArgumentError(name, "network.outbound", outbound, rule, "AKS, outbound types")
    if args.get("existing_subnet") is not None and outbound == "managedNATGateway":
        rule = "goes only with a network that is made here; a subnet that exists brings its own gateway"
        raise ArgumentError(name, "network.outbound", outbound, rule, "AKS, outbound types")
    return outbound


def _provisioning(name: str, args: AksClusterArgs) -> bool:
    wanted = bool(args.get("node_auto_provisioning", False))
    if wanted and args.get("network", {}).get("pod_subnet") is not None:
        rule = "needs Azure CNI overlay; leave network.pod_subnet out"
        raise ArgumentError(name, "node_auto_provisioning", wanted, rule, "AKS, node auto-provisioning networking")
    return wanted


def _log_days(name: str, days: int) -> int:
    if not 30 <= days <= 730:
        raise ArgumentError(name, "log_days", days, "is 30 to 730", "Azure Monitor, Log Analytics retention")
    return days


def _monthly(name: str, args: AksBudgetArgs | None) -> None:
    if args is None:
        return
    source = "Azure, budgets"
    if args["amount_per_month"] <= 0:
        raise ArgumentError(name, "budget.amount_per_month", args["amount_per_month"], "is more than 0", source)
    if not 1 <= len(args["emails"]) <= 50 or any("@" not in one for one in args["emails"]):
        raise ArgumentError(name, "budget.emails", args["emails"], "are 1 to 50 addresses", source)
    if not _MONTH.fullmatch(args["from_month"]):
        raise ArgumentError(name, "budget.from_month", args["from_month"], "is written YYYY-MM", source)
