"""Validated form of a GPU node pool in AKS, made without Azure's SDK.

The rules that hold on every kind of cluster are in `node_pools.spec`; the rules of AKS follow here. Their sources are
documents of azure-aks-docs fb060ab.
"""

from dataclasses import dataclass

from modelyard.components.azure import naming, regions, versions
from modelyard.components.azure.capacity import SPOT_FAMILY, PoolDemand, surge_nodes, validate_capacity
from modelyard.components.azure.cluster import network
from modelyard.components.azure.cluster.args import AksClusterReference
from modelyard.components.azure.cluster.spec import AUTO_PROVISIONING, FIXED_SIZE
from modelyard.components.azure.node_pool.args import DEPRECATED, AksEvictionPolicy, AksGpuNodePoolArgs, AksOsSku
from modelyard.components.azure.node_pool.placement import validate_fabric, validate_reservation
from modelyard.components.azure.node_pool.sizes import find_series, largest_os_disk_gib
from modelyard.components.common.choices import validate_choice, validate_range
from modelyard.components.common.deprecated import resolve_deprecated
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from modelyard.components.node_pools.taints import Taint

SPOT = Taint(key="kubernetes.azure.com/scalesetpriority", value="spot", effect="NoSchedule")
"""Taint that AKS itself puts on spot nodes, and that cannot be removed (AKS, spot node pools)."""

MIG_PROFILES = ("1g", "2g", "3g", "4g", "7g")
"""Shares that AKS partitions GPUs into, without regard to memory (AKS, multi-instance GPU)."""

PRICE_ON_DEMAND = -1.0
"""Largest price of a spot node that means: up to the price on demand (AKS, spot node pools)."""

_SPOT_POOLS = "AKS, spot node pools"
_IMAGES = "pulumi_azure_native 3.29, containerservice.OSSKU"


@dataclass(frozen=True, kw_only=True)
class AksNodePoolSpec:
    """Validated GPU node pool in AKS. Fields are named after the arguments that they come from."""

    pool: NodePoolSpec
    """Part that pools of every kind of cluster share."""
    pool_name: str
    kubernetes_version: str | None
    os_sku: AksOsSku
    disk_gib: int
    ephemeral_disk: bool
    max_pods: int
    max_surge: str
    drain_minutes: int
    eviction_policy: AksEvictionPolicy
    max_price: float
    creates_placement_group: bool
    demand: PoolDemand
    """Nodes and vCPUs at its largest, nodes of an upgrade included."""

    @property
    def autoscaled(self) -> bool:
        """True if the cluster autoscaler sizes it; a pool of fixed size has `min_nodes` nodes."""
        return self.pool.min_nodes < self.pool.max_nodes


def validate_node_pool(name: str, args: AksGpuNodePoolArgs) -> AksNodePoolSpec:
    """Validate the pool's arguments without creating anything.

    Raises:
        ArgumentError: a rule of Kubernetes, of AKS or of the cluster is broken.
    """
    args = resolve_deprecated(name, args, DEPRECATED)
    cluster = args["cluster"]
    location = cluster["location"]
    cloud_taints = (SPOT,) if args.get("spot", False) else ()
    pool = validate_pool(name, args, cloud="azure", region=location, cloud_taints=cloud_taints)
    regions.validate_zones(name, "zones", location, pool.zones)
    max_surge, demand = _validate_surge(pool, str(args.get("max_surge", "0")))
    validate_capacity(
        name,
        [demand],
        vcpu_quota=cluster.get("vcpu_quota", {}),
        max_nodes=cluster.get("max_nodes"),
        path="cluster.",
    )
    _validate_labels_and_taints(pool)
    if cluster.get("node_auto_provisioning") and pool.min_nodes < pool.max_nodes:
        rule = f"{FIXED_SIZE}; or let Karpenter create the nodes: KarpenterGpuNodePool"
        raise ArgumentError(name, "max_nodes", pool.max_nodes, rule, AUTO_PROVISIONING)
    _validate_driver(pool)
    creates_placement_group = validate_fabric(pool, args)
    validate_reservation(pool, args)
    disk_gib, ephemeral_disk = _validate_disk(pool, args)
    return AksNodePoolSpec(
        pool=pool,
        pool_name=naming.NODE_POOL.validate(name, "pool_name", args.get("pool_name", name)),
        kubernetes_version=_validate_version(name, cluster, args.get("kubernetes_version")),
        os_sku=validate_choice(name, "os_sku", args.get("os_sku", AksOsSku.UBUNTU), AksOsSku, _IMAGES),
        disk_gib=disk_gib,
        ephemeral_disk=ephemeral_disk,
        max_pods=_validate_max_pods(name, cluster, args.get("max_pods")),
        max_surge=max_surge,
        drain_minutes=validate_range(
            name, "drain_minutes", args.get("drain_minutes", 60), (1, 1440), "AKS, node drain timeout"
        ),
        eviction_policy=_validate_eviction(pool, args.get("eviction_policy")),
        max_price=_validate_price(pool, args.get("max_price")),
        creates_placement_group=creates_placement_group,
        demand=demand,
    )


def _validate_version(name: str, cluster: AksClusterReference, text: str | None) -> str | None:
    control_plane = versions.parse_version(name, "cluster.kubernetes_version", cluster["kubernetes_version"])
    if text is None:
        return None
    version = versions.parse_version(name, "kubernetes_version", text)
    return str(versions.validate_skew(name, control_plane, version))


def _validate_surge(pool: NodePoolSpec, max_surge: str) -> tuple[str, PoolDemand]:
    surge = surge_nodes(pool.name, max_surge, pool.max_nodes)
    if pool.spot and surge:
        rule = "must be 0 beside spot, because spot pools upgrade without surge"
        raise ArgumentError(pool.name, "max_surge", max_surge, rule, _SPOT_POOLS)
    series = find_series(pool.instance.name)
    family = series.quota if series else pool.instance.name
    demand = PoolDemand(
        pool=pool.name,
        nodes=pool.max_nodes + surge,
        vcpus_per_node=pool.instance.vcpus,
        family=SPOT_FAMILY if pool.spot else family,
    )
    return max_surge, demand


def _validate_labels_and_taints(pool: NodePoolSpec) -> None:
    """Refuse the labels and taints that AKS keeps for itself."""
    keys = {"labels": tuple(pool.own_labels), "taints": tuple(taint.key for taint in pool.own_taints)}
    for argument, names in keys.items():
        for key in names:
            if key.partition("/")[0].endswith("kubernetes.azure.com"):
                rule = "must not start with 'kubernetes.azure.com/', which is kept for AKS' own labels and taints"
                raise ArgumentError(pool.name, argument, key, rule, "AKS, labels")
    if "CriticalAddonsOnly" in keys["taints"]:
        rule = "must not be given, because it is kept for system pools"
        raise ArgumentError(pool.name, "taints", "CriticalAddonsOnly", rule, "AKS, system node pools")


def _validate_max_pods(name: str, cluster: AksClusterReference, value: int | None) -> int:
    planned = int(cluster.get("pods_per_node", 110))
    max_pods = validate_range(
        name, "max_pods", planned if value is None else value, network.PODS_PER_NODE, network.PLANNING
    )
    if cluster.get("pod_subnet") is not None and max_pods > planned:
        rule = f"must be at most {planned}, for which the subnet of the pods was planned (cluster.pods_per_node)"
        raise ArgumentError(name, "max_pods", max_pods, rule, network.PLANNING)
    return max_pods


def _validate_driver(pool: NodePoolSpec) -> None:
    series = find_series(pool.instance.name)
    if series and series.grid and pool.driver is not Driver.CLOUD:
        rule = f"must be 'cloud': {pool.instance.name} needs NVIDIA's GRID driver, which only AKS installs"
        raise ArgumentError(pool.name, "driver", pool.driver.value, rule, "AKS, NVIDIA GPU operator")
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        share, _, rest = pool.mig_profile.partition(".")
        if share not in MIG_PROFILES or "+" in rest:
            rule = f"must be a profile of {', '.join(MIG_PROFILES)}, or driver must be 'operator'"
            raise ArgumentError(pool.name, "mig_profile", pool.mig_profile, rule, "AKS, multi-instance GPU")


def _validate_disk(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> tuple[int, bool]:
    """Return the GiB of the OS disk, and True if it lies on the node itself."""
    source = "AKS, ephemeral OS disks"
    room = largest_os_disk_gib(pool.instance)
    default = 128 if 128 <= room < 256 else 256
    disk = validate_range(pool.name, "disk_gib", args.get("disk_gib") or default, (64, 2048), source, unit="GiB")
    ephemeral = bool(args.get("ephemeral_disk", disk <= room))
    if ephemeral and disk > room:
        rule = f"must be false, because {pool.instance.name} has room for {room} GiB and disk_gib is {disk}"
        raise ArgumentError(pool.name, "ephemeral_disk", ephemeral, rule, source)
    return disk, ephemeral


def _validate_eviction(pool: NodePoolSpec, policy: AksEvictionPolicy | None) -> AksEvictionPolicy:
    if policy is None:
        return AksEvictionPolicy.DELETE
    choice = validate_choice(pool.name, "eviction_policy", policy, AksEvictionPolicy, _SPOT_POOLS)
    if not pool.spot:
        rule = "must be left out without spot, because only spot nodes are evicted"
        raise ArgumentError(pool.name, "eviction_policy", choice.value, rule, _SPOT_POOLS)
    return choice


def _validate_price(pool: NodePoolSpec, price: float | None) -> float:
    if price is None:
        return PRICE_ON_DEMAND
    if not pool.spot:
        rule = "must be left out without spot, because only spot nodes have a variable price"
        raise ArgumentError(pool.name, "max_price", price, rule, _SPOT_POOLS)
    if price <= 0 or round(price, 5) != price:
        rule = "must be above 0, with at most five decimals"
        raise ArgumentError(pool.name, "max_price", price, rule, _SPOT_POOLS)
    return float(price)
