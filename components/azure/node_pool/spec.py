"""What AKS refuses of a GPU pool, refused before anything is registered.

The rules that hold on every cloud are in `pool`; these come after. Sources: azure-aks-docs fb060ab.
"""

from dataclasses import dataclass
from typing import Any

from modelyard.components.azure import capacity, naming, regions, versions
from modelyard.components.azure.capacity import Demand
from modelyard.components.azure.cluster import network
from modelyard.components.azure.cluster.plain_pool import AUTO_PROVISIONING, FIXED_SIZE
from modelyard.components.azure.cluster.reference import AksClusterReference
from modelyard.components.azure.node_pool import placement
from modelyard.components.azure.node_pool.args import AksGpuNodePoolArgs
from modelyard.components.azure.node_pool.sizes import largest_os_disk_gib, series
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools import spec as pools
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.components.node_pools.taints import Taint

SPOT = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot", effect="NoSchedule")
"""AKS puts it on spot nodes by itself, and it cannot be taken away (AKS, spot node pools)."""

OS_SKUS = ("Ubuntu", "Ubuntu2204", "AzureLinux", "AzureLinux3")
"""Linux images of API 2025-09-01 that have GPU drivers; `CBLMariner` is the old name of `AzureLinux`."""

MIG_PROFILES = ("1g", "2g", "3g", "4g", "7g")
"""Shares that AKS cuts GPUs into, without regard to memory (AKS, multi-instance GPU)."""

EVICTIONS = ("Delete", "Deallocate")


@dataclass(frozen=True, kw_only=True)
class AksPool:
    """A pool that keeps all rules."""

    pool: NodePoolSpec
    name: str
    """In AKS."""
    version: str | None
    os_sku: str
    disk_gib: int
    ephemeral: bool
    max_pods: int
    max_surge: str
    surge_nodes: int
    drain_minutes: int
    eviction_policy: str
    spot_max_price: float
    makes_placement_group: bool
    demand: Demand
    """What it takes of quota and network at its largest."""


def checked(name: str, args: AksGpuNodePoolArgs) -> AksPool:
    """The pool `name`, if it breaks no rule of Kubernetes, AKS or the cluster.

    Raises:
        ArgumentError: with the rule and its source.
    """
    cluster = args["cluster"]
    location = cluster["location"]
    taints = (SPOT,) if args.get("spot", False) else ()
    pool = pools.validate_pool(name, args, cloud="azure", region=location, cloud_taints=taints)
    try:
        in_aks = naming.POOL.checked(name, "pool_name", args.get("pool_name", name))
        regions.zones(name, "zones", location, pool.zones)
        version = _version(name, cluster, args.get("kubernetes_version"))
        surge, surge_nodes = _surge(name, pool, args.get("max_surge", "0"))
        demand = _demand(pool, surge_nodes)
        if "max_nodes" in cluster:
            capacity.within_nodes(name, [demand], int(cluster["max_nodes"]))
        capacity.within_quota(name, [demand], cluster.get("vcpu_quota", {}))
    except ArgumentError as wrong:
        raise ArgumentError(name, wrong.argument, wrong.value, wrong.rule, wrong.source) from wrong
    _nodes(pool, cluster)
    _driver(pool)
    placement.infiniband(pool, args)
    placement.reservation(pool, args)
    disk, ephemeral = _disk(pool, args)
    return AksPool(
        pool=pool,
        name=in_aks,
        version=version,
        os_sku=_one_of(name, "os_sku", args.get("os_sku", "Ubuntu"), OS_SKUS),
        disk_gib=disk,
        ephemeral=ephemeral,
        max_pods=_pods(name, cluster, args.get("max_pods", cluster.get("pods_per_node", 110))),
        max_surge=surge,
        surge_nodes=surge_nodes,
        drain_minutes=_between(name, "drain_minutes", args.get("drain_minutes", 60), 1, 1440),
        eviction_policy=_eviction(pool, args.get("eviction_policy")),
        spot_max_price=_price(pool, args.get("spot_max_price")),
        makes_placement_group=bool(args.get("infiniband")) and not placement.placed(args),
        demand=demand,
    )


def _version(name: str, cluster: AksClusterReference, wanted: str | None) -> str | None:
    control_plane = versions.version(name, "cluster.kubernetes_version", cluster["kubernetes_version"])
    if wanted is None:
        return None
    version = versions.version(name, "kubernetes_version", wanted)
    return str(versions.within_skew(name, control_plane, name, version))


def _surge(name: str, pool: NodePoolSpec, max_surge: str) -> tuple[str, int]:
    try:
        nodes = capacity.surge(str(max_surge), pool.max_nodes)
    except ValueError as wrong:
        raise ArgumentError(name, "max_surge", max_surge, str(wrong), "AKS, upgrade settings") from wrong
    if pool.spot and nodes:
        raise ArgumentError(name, "max_surge", max_surge, "spot pools upgrade without surge", "AKS, spot node pools")
    return str(max_surge), nodes


def _demand(pool: NodePoolSpec, surge: int) -> Demand:
    known = series(pool.instance.name)
    family = known.quota if known else pool.instance.name
    return Demand(
        pool=pool.name,
        nodes=pool.max_nodes + surge,
        vcpus_per_node=pool.instance.vcpus,
        family=capacity.SPOT if pool.spot else family,
    )


def _nodes(pool: NodePoolSpec, cluster: AksClusterReference) -> None:
    """What AKS keeps for itself on nodes, and how many there may be."""
    for key in (*pool.own_labels, *(one.key for one in pool.own_taints)):
        if key.partition("/")[0].endswith("kubernetes.azure.com"):
            rule = "'kubernetes.azure.com/' is kept for AKS' own labels and taints"
            raise ArgumentError(pool.name, "labels" if key in pool.own_labels else "taints", key, rule, "AKS, labels")
    if any(one.key == "CriticalAddonsOnly" for one in pool.own_taints):
        rule = "'CriticalAddonsOnly' is kept for system pools"
        raise ArgumentError(pool.name, "taints", "CriticalAddonsOnly", rule, "AKS, system node pools")
    if cluster.get("node_auto_provisioning") and pool.min_nodes < pool.max_nodes:
        rule = f"{FIXED_SIZE}; or let Karpenter make the nodes: KarpenterGpuNodePool"
        raise ArgumentError(pool.name, "max_nodes", pool.max_nodes, rule, AUTO_PROVISIONING)


def _pods(name: str, cluster: AksClusterReference, wanted: Any) -> int:
    pods = _between(name, "max_pods", wanted, 10, network.MOST_PODS)
    planned = int(cluster.get("pods_per_node", 110))
    if cluster.get("pod_subnet") is not None and pods > planned:
        rule = f"is at most {planned}, for which the subnet of the pods was planned (pods_per_node)"
        raise ArgumentError(name, "max_pods", pods, rule, network.PLANNING)
    return pods


def _driver(pool: NodePoolSpec) -> None:
    known = series(pool.instance.name)
    if known and known.grid and pool.driver is not Driver.CLOUD:
        rule = f"{pool.instance.name} needs NVIDIA's GRID driver, which AKS installs and the operator does not: 'cloud'"
        raise ArgumentError(pool.name, "driver", pool.driver.value, rule, "AKS, NVIDIA GPU operator")
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        share, _, rest = pool.mig_profile.partition(".")
        if share not in MIG_PROFILES or "+" in rest:
            rule = f"AKS cuts GPUs into {', '.join(MIG_PROFILES)}; other profiles need driver 'operator'"
            raise ArgumentError(pool.name, "mig_profile", pool.mig_profile, rule, "AKS, multi-instance GPU")


def _disk(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> tuple[int, bool]:
    source = "AKS, ephemeral OS disks"
    room = largest_os_disk_gib(pool.instance)
    wanted = args.get("disk_gib")
    disk = _between(pool.name, "disk_gib", wanted, 64, 2048) if wanted else (128 if 128 <= room < 256 else 256)
    ephemeral = args.get("ephemeral_disk", disk <= room)
    if ephemeral and disk > room:
        rule = f"{disk} GiB do not fit on {pool.instance.name}, which has room for {room} GiB"
        raise ArgumentError(pool.name, "ephemeral_disk", ephemeral, rule, source)
    return disk, bool(ephemeral)


def _eviction(pool: NodePoolSpec, policy: str | None) -> str:
    if policy is None:
        return "Delete"
    if not pool.spot:
        raise ArgumentError(pool.name, "eviction_policy", policy, "only spot nodes are evicted", "AKS, spot node pools")
    return _one_of(pool.name, "eviction_policy", policy, EVICTIONS)


def _price(pool: NodePoolSpec, price: float | None) -> float:
    source = "AKS, spot node pools"
    if price is None:
        return -1
    if not pool.spot:
        raise ArgumentError(pool.name, "spot_max_price", price, "only goes with spot", source)
    if price <= 0 or round(price, 5) != price:
        raise ArgumentError(pool.name, "spot_max_price", price, "is above 0, with at most five decimals", source)
    return float(price)


def _one_of(name: str, argument: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ArgumentError(name, argument, value, f"is one of {', '.join(allowed)}", "azure-native 3.29")
    return value


def _between(name: str, argument: str, value: Any, least: int, most: int) -> int:
    if not least <= int(value) <= most:
        raise ArgumentError(name, argument, value, f"is {least} to {most}", network.PLANNING)
    return int(value)
