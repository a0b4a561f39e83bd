"""Validated form of a GPU machine pool, made without AWS's SDK.

The rules of all clouds are in `node_pools.spec`; ROSA's come after them. Sources: rosa d80ba25, ocm-sdk-go e2591bb.
"""

import re
from dataclasses import dataclass

from modelyard.components.common.choices import validate_range
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from modelyard.components.rosa.capacity import PoolDemand, quota_code, validate_capacity
from modelyard.components.rosa.cluster.args import RosaClusterReference
from modelyard.components.rosa.machine_pool.args import RosaGpuMachinePoolArgs
from modelyard.components.rosa.ocm.versions import parse_release

_CREATION = "rosa, create machinepool"
SPOT_SOURCE = "ocm-sdk-go e2591bb, AwsNodePoolSpotMarketOptions"

POOL_LAG = 2
"""Minor versions that a node pool may be older than the control plane (rosa d80ba25, `MinorVersionsSupported`)."""

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,52}[a-z0-9])?")
_FIRST_POOLS = re.compile(r"workers?(-[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class RosaMachinePoolSpec:
    """Validated machine pool. Fields are named after the arguments that they come from."""

    pool: NodePoolSpec
    zone: str
    version: str
    disk_gib: int
    max_price: float | None
    """USD per hour; None for nodes on demand."""
    capacity_reservation: str | None
    capacity_blocks: bool
    security_groups: tuple[str, ...]
    drain_minutes: int
    pod_pids_limit: int | None
    demand: PoolDemand


def validate_node_pool(name: str, args: RosaGpuMachinePoolArgs) -> RosaMachinePoolSpec:
    """Validate the pool's arguments by the rules of Kubernetes, ROSA and the cluster, without creating anything.

    Raises:
        ArgumentError: with the argument, the rule, and its source.
    """
    cluster = args["cluster"]
    pool = validate_pool(name, args, cloud="aws", region=cluster["region"])
    _validate_name(name)
    zone = _validate_zone(pool, cluster)
    # A Capacity Block was paid for in advance; AWS does not say which quota counts it.
    quota = None if args.get("capacity_blocks") else quota_code(pool.instance.name, spot=pool.spot)
    demand = PoolDemand(pool=name, zone=zone, nodes=pool.max_nodes, vcpus_per_node=pool.instance.vcpus, quota=quota)
    validate_capacity(
        name,
        [demand],
        vcpu_quota=cluster.get("vcpu_quota", {}),
        max_nodes=cluster.get("max_nodes"),
        subnet_prefix=cluster.get("subnet_prefix"),
        path="cluster.",
    )
    _validate_driver(pool)
    _validate_reservation(pool, args)
    return RosaMachinePoolSpec(
        pool=pool,
        zone=zone,
        version=_validate_version(name, args.get("version", cluster["version"]), cluster),
        disk_gib=validate_range(name, "disk_gib", args.get("disk_gib", 300), (75, 16384), _CREATION, unit="GiB"),
        max_price=_validate_price(pool, args.get("max_price"), cluster),
        capacity_reservation=args.get("capacity_reservation"),
        capacity_blocks=bool(args.get("capacity_blocks", False)),
        security_groups=tuple(args.get("security_groups", [])),
        drain_minutes=validate_range(name, "drain_minutes", args.get("drain_minutes", 30), (0, 10080), _CREATION),
        pod_pids_limit=(
            validate_range(name, "pod_pids_limit", args["pod_pids_limit"], (4096, 16384), _CREATION)
            if "pod_pids_limit" in args
            else None
        ),
        demand=demand,
    )


def _validate_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        rule = "must be at most 54 lower-case letters, digits and '-', from a letter to a letter or digit"
        raise ArgumentError(name, "name", name, rule, "rosa, MachinePoolKeyRE")
    if _FIRST_POOLS.fullmatch(name):
        rule = "must not be worker, workers or workers-N, the pools that a cluster starts with"
        raise ArgumentError(name, "name", name, rule, "terraform-provider-rhcs, standardNodePoolRegex")


def _validate_zone(pool: NodePoolSpec, cluster: RosaClusterReference) -> str:
    zones = pool.zones or (cluster["zones"][0],)
    if len(zones) != 1:
        rule = "must be one zone, because a machine pool lies in one subnet; create one pool per zone"
        raise ArgumentError(pool.name, "zones", list(zones), rule, "ocm-sdk-go e2591bb, NodePool.subnet")
    if zones[0] not in cluster["zones"]:
        rule = f"must be one of the cluster's: {', '.join(cluster['zones'])}"
        raise ArgumentError(pool.name, "zones", list(zones), rule)
    return zones[0]


def _validate_version(name: str, version: str, cluster: RosaClusterReference) -> str:
    try:
        nodes, control_plane = parse_release(version), parse_release(cluster["version"])
    except ValueError as error:
        rule = "must be an OpenShift version in full, such as '4.20.1'"
        raise ArgumentError(name, "version", version, rule, "OpenShift, versions") from error
    if nodes > control_plane:
        rule = f"must not be newer than the control plane's {control_plane}; upgrade the cluster first"
        source = "Kubernetes version skew policy: a kubelet is never newer than the API server"
        raise ArgumentError(name, "version", version, rule, source)
    major, minor, _ = control_plane.numbers
    if nodes.numbers[0] != major or minor - nodes.numbers[1] > POOL_LAG:
        rule = f"must be at most {POOL_LAG} minor versions older than the control plane's {control_plane}"
        raise ArgumentError(name, "version", version, rule, "rosa, GetMinimalHostedMachinePoolVersion")
    return version


def _validate_driver(pool: NodePoolSpec) -> None:
    if pool.driver is Driver.CLOUD:
        rule = "must be 'operator', because ROSA's node image has no NVIDIA driver"
        raise ArgumentError(pool.name, "driver", "cloud", rule, "Red Hat, NVIDIA GPU operator on OpenShift")


def _validate_reservation(pool: NodePoolSpec, args: RosaGpuMachinePoolArgs) -> None:
    reservation = args.get("capacity_reservation")
    if pool.spot and reservation:
        rule = "must not be given beside spot: spot capacity and a capacity reservation exclude each other"
        raise ArgumentError(pool.name, "capacity_reservation", reservation, rule, "rosa, create machinepool")
    if args.get("capacity_blocks") and not reservation:
        rule = "must be given with capacity_reservation, the id of the block"
        raise ArgumentError(pool.name, "capacity_blocks", None, rule, "ocm-sdk-go e2591bb, AWSCapacityReservation")
    if pool.instance.price(spot=False) is None and not pool.spot and not reservation:
        rule = f"must be given: {pool.instance.name} has no on-demand price, it is sold in Capacity Blocks"
        raise ArgumentError(pool.name, "capacity_reservation", None, rule, pool.instance.source)


def _validate_price(pool: NodePoolSpec, max_price: float | None, cluster: RosaClusterReference) -> float | None:
    if not pool.spot:
        if max_price is not None:
            raise ArgumentError(pool.name, "max_price", max_price, "must be given with spot only", SPOT_SOURCE)
        return None
    if not cluster.get("spot_drains", False):
        rule = "must be false: the cluster has neither spot_queue nor spot_queue_url to drain spot nodes before they go"
        raise ArgumentError(pool.name, "spot", pool.spot, rule, "ocm-sdk-go e2591bb, AWS.termination_handler_queue_url")
    price = max_price if max_price is not None else pool.instance.price(cluster["region"], spot=False)
    if price is None:
        rule = f"must be given: the price on demand of {pool.instance.name} in {cluster['region']} is not known here"
        raise ArgumentError(pool.name, "max_price", None, rule, SPOT_SOURCE)
    if price <= 0:
        raise ArgumentError(pool.name, "max_price", max_price, "must be more than 0, in USD per hour", SPOT_SOURCE)
    return float(price)
