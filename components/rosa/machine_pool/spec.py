"""What ROSA refuses of a GPU machine pool, refused before anything is registered.

The rules that hold on every cloud are in `pool`; these come after. Sources: rosa d80ba25, ocm-sdk-go e2591bb.
"""

from dataclasses import dataclass
from typing import Any, NotRequired

from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools import spec as pools
from modelyard.components.node_pools.args import Driver, NodePoolArgs
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.components.rosa import capacity
from modelyard.components.rosa.capacity import Demand
from modelyard.components.rosa.cluster import rules
from modelyard.components.rosa.cluster.reference import RosaClusterReference
from modelyard.components.rosa.cluster.rules import RosaRuleError
from modelyard.components.rosa.ocm import versions

SPOT_SOURCE = "ocm-sdk-go e2591bb, AwsNodePoolSpotMarketOptions"

BLOCKS, ON_DEMAND = "CapacityBlocks", "OnDemand"
"""Markets of a reservation, as OCM writes them."""


class RosaGpuMachinePoolArgs(NodePoolArgs):
    """A pool of one zone; for more zones make more pools."""

    cluster: RosaClusterReference
    """The cluster that it belongs to: `RosaCluster.reference`."""
    version: NotRequired[str]
    """OpenShift version of the nodes. Default: the cluster's."""
    disk_gib: NotRequired[int]
    """Root disk, 75 to 16384. Default 300: images of model servers are large."""
    max_price: NotRequired[float]
    """USD per hour that a spot node may cost. Default: the price on demand."""
    capacity_reservation: NotRequired[str]
    """Id of an AWS capacity reservation; not with `spot`."""
    capacity_blocks: NotRequired[bool]
    """The reservation is a Capacity Block for ML. Default false."""
    security_groups: NotRequired[list[str]]
    """Further security groups of the nodes."""
    drain_minutes: NotRequired[int]
    """How long pods may take to leave a node, 0 to 10080. Default 30."""
    pod_pids_limit: NotRequired[int]
    """Processes per pod, 4096 to 16384. Default: OpenShift's."""
    tuned: NotRequired[dict[str, Any]]
    """Spec of a `Tuned` (`profile`, `recommend`) for the node tuning operator."""


@dataclass(frozen=True, kw_only=True)
class RosaPool:
    """A pool that keeps all rules."""

    pool: NodePoolSpec
    zone: str
    version: str
    disk_gib: int
    max_price: float | None
    """Of a spot node, USD/h."""
    reservation: str | None
    market: str
    security_groups: tuple[str, ...]
    drain_minutes: int
    pod_pids_limit: int | None
    demand: Demand
    """What it takes of quota and network at its largest."""


def checked(name: str, args: RosaGpuMachinePoolArgs) -> RosaPool:
    """The pool `name`, if it breaks no rule of Kubernetes, ROSA or the cluster.

    Raises:
        ArgumentError: with the rule and its source.
    """
    cluster = args["cluster"]
    pool = pools.validate_pool(name, args, cloud="aws", region=cluster["region"])
    version = args.get("version", cluster["version"])
    zone = _zone(pool, cluster)
    demand = _demand(pool, zone, args)
    _within_cluster(pool, cluster, demand, version)
    _driver(pool)
    _reservation(pool, args)
    pids = args.get("pod_pids_limit")
    return RosaPool(
        pool=pool,
        zone=zone,
        version=version,
        disk_gib=_between(pool, "disk_gib", args.get("disk_gib", 300), 75, 16384),
        max_price=_price(pool, args.get("max_price"), cluster),
        reservation=args.get("capacity_reservation"),
        market=BLOCKS if args.get("capacity_blocks") else ON_DEMAND,
        security_groups=tuple(args.get("security_groups", [])),
        drain_minutes=_between(pool, "drain_minutes", args.get("drain_minutes", 30), 0, 10080),
        pod_pids_limit=None if pids is None else _between(pool, "pod_pids_limit", pids, 4096, 16384),
        demand=demand,
    )


def _zone(pool: NodePoolSpec, cluster: RosaClusterReference) -> str:
    zones = pool.zones or (cluster["zones"][0],)
    if len(zones) != 1:
        rule = "a machine pool lies in one subnet, and so in one zone; make one pool per zone"
        raise ArgumentError(pool.name, "zones", list(zones), rule, "ocm-sdk-go e2591bb, NodePool.subnet")
    if zones[0] not in cluster["zones"]:
        raise ArgumentError(pool.name, "zones", list(zones), f"the cluster has {', '.join(cluster['zones'])}")
    return zones[0]


def _demand(pool: NodePoolSpec, zone: str, args: RosaGpuMachinePoolArgs) -> Demand:
    # A Capacity Block was paid for in advance; which quota it counts in, AWS does not say.
    code = None if args.get("capacity_blocks") else capacity.quota_code(pool.instance.name, spot=pool.spot)
    return Demand(pool=pool.name, zone=zone, nodes=pool.max_nodes, vcpus_per_node=pool.instance.vcpus, quota=code)


def _within_cluster(pool: NodePoolSpec, cluster: RosaClusterReference, demand: Demand, version: str) -> None:
    try:
        rules.check_pool_name(pool.name)
        if "subnet_prefix" in cluster:
            rules.check_subnet_room(int(cluster["subnet_prefix"]), pool.max_nodes)
        if "max_nodes" in cluster:
            rules.check_total(pool.max_nodes, int(cluster["max_nodes"]))
        capacity.within_quota([demand], cluster.get("vcpu_quota", {}))
    except RosaRuleError as wrong:
        raise ArgumentError(pool.name, wrong.argument, wrong.value, wrong.rule, wrong.source) from wrong
    try:
        versions.check_skew(version, cluster["version"])
    except ValueError as wrong:
        raise ArgumentError(pool.name, "version", version, str(wrong)) from wrong


def _driver(pool: NodePoolSpec) -> None:
    if pool.driver is Driver.CLOUD:
        rule = "ROSA's node image has no NVIDIA driver; the GPU operator installs it"
        raise ArgumentError(pool.name, "driver", "cloud", rule, "Red Hat, NVIDIA GPU operator on OpenShift")


def _reservation(pool: NodePoolSpec, args: RosaGpuMachinePoolArgs) -> None:
    reserved = args.get("capacity_reservation")
    if pool.spot and reserved:
        rule = "spot capacity and a capacity reservation exclude each other"
        raise ArgumentError(pool.name, "capacity_reservation", reserved, rule, "rosa, create machinepool")
    if args.get("capacity_blocks") and not reserved:
        rule = "goes with capacity_reservation, the id of the block"
        raise ArgumentError(
            pool.name,
            "capacity_blocks",
            args.get("capacity_blocks"),
            rule,
            "ocm-sdk-go e2591bb, AWSCapacityReservation",
        )
    if pool.instance.price(spot=False) is None and not pool.spot and not reserved:
        rule = f"{pool.instance.name} has no on-demand price: it is sold in Capacity Blocks, so name a reservation"
        raise ArgumentError(pool.name, "capacity_reservation", None, rule, pool.instance.source)


def _price(pool: NodePoolSpec, price: float | None, cluster: RosaClusterReference) -> float | None:
    if not pool.spot:
        if price is not None:
            raise ArgumentError(pool.name, "max_price", price, "goes with spot", SPOT_SOURCE)
        return None
    if not cluster.get("spot_drains", False):
        rule = "the cluster has neither spot_queue nor spot_queue_url, so that its spot nodes would go without draining"
        raise ArgumentError(pool.name, "spot", pool.spot, rule, "ocm-sdk-go e2591bb, AWS.termination_handler_queue_url")
    found = price if price is not None else pool.instance.price(cluster["region"], spot=False)
    if found is None:
        rule = f"must be given: the price on demand of {pool.instance.name} in {cluster['region']} is not known here"
        raise ArgumentError(pool.name, "max_price", None, rule, SPOT_SOURCE)
    if found <= 0:
        raise ArgumentError(pool.name, "max_price", price, "is above 0, in USD per hour", SPOT_SOURCE)
    return float(found)


def _between(pool: NodePoolSpec, argument: str, value: Any, least: int, most: int) -> int:
    if not least <= int(value) <= most:
        raise ArgumentError(
            pool.name, argument, value, f"must be between {least} and {most}", "rosa, create machinepool"
        )
    return int(value)
