"""GPU nodes of a ROSA cluster with a hosted control plane: a machine pool in one zone, scaled by the autoscaler."""

from typing import Any, NotRequired

import pulumi
from modelyard.components.clusters import rosa_rules
from modelyard.components.clusters.ocm import versions
from modelyard.components.clusters.ocm.node_configs import KubeletConfig, TuningConfig
from modelyard.components.clusters.ocm.node_pool import HcpNodePool
from modelyard.components.clusters.ocm.node_pool_ready import HcpNodePoolReady
from modelyard.components.clusters.rosa_cluster import RosaCluster
from modelyard.components.node_pools.pool import Driver, GpuPoolArgs, Pool, PoolError, checked
from modelyard.components.ownership import ownership, tags

SPOT_SOURCE = "ocm-sdk-go e2591bb, AwsNodePoolSpotMarketOptions"


class RosaGpuMachinePoolArgs(GpuPoolArgs):
    """A pool of one zone; for more zones make more pools."""

    cluster: Any
    """The `RosaCluster` that it belongs to."""
    version: NotRequired[str]
    """OpenShift version of the nodes. Default: the cluster's."""
    disk_gib: NotRequired[int]
    """Root disk, 75 to 16384. Default 300: images of model servers are large."""
    max_price: NotRequired[float]
    """Of a spot node, USD/h. Needed with `spot`."""
    capacity_reservation: NotRequired[str]
    """Id of an AWS capacity reservation; not with `spot`."""
    capacity_blocks: NotRequired[bool]
    """The reservation is a Capacity Block for ML. Default false."""
    security_groups: NotRequired[list[str]]
    """Further security groups of the nodes."""
    drain_minutes: NotRequired[int]
    """How long pods may take to leave a node. Default 30."""
    pod_pids_limit: NotRequired[int]
    """Processes per pod, 4096 to 16384. Default: OpenShift's."""
    tuned: NotRequired[dict[str, Any]]
    """Spec of a `Tuned` (`profile`, `recommend`) for the node tuning operator."""


class RosaGpuMachinePool(pulumi.ComponentResource):
    """A machine pool with GPUs, and the kubelet and tuning configurations that it names."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: RosaGpuMachinePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        cluster: RosaCluster = args["cluster"]
        pool = checked(name, args, cloud="aws", region=cluster.region)
        zone = _zone(pool, cluster)
        _check(pool, args, cluster)
        version = args.get("version", cluster.version)
        super().__init__("modelyard:index:RosaGpuMachinePool", name, None, opts)
        self.pool = pool
        # With the cluster its pools go; alone, a pool drains first.
        inside = pulumi.ResourceOptions(parent=self, deleted_with=cluster.cluster)
        needs: list[pulumi.Resource] = [*cluster.ready]
        inputs: dict[str, Any] = {
            "cluster_id": cluster.cluster_id,
            "id": name,
            "subnet": cluster.subnets[zone],
            "auto_repair": True,
            "autoscaling": {"min_replica": pool.min_nodes, "max_replica": pool.max_nodes},
            "labels": pool.labels,
            "taints": [{"key": one.key, "value": one.value, "effect": one.effect} for one in pool.taints],
            "aws_node_pool": _aws(pool, args),
            "node_drain_grace_period": {"value": int(args.get("drain_minutes", 30)), "unit": "minutes"},
            # GPUs are scarce: an upgrade takes a node away before it asks for another.
            "management_upgrade": {"max_surge": "0", "max_unavailable": "1"},
            "version": {"id": versions.version_id(version)},
        }
        if "pod_pids_limit" in args:
            needs.append(KubeletConfig(name, cluster.cluster_id, name, int(args["pod_pids_limit"]), inside))
            inputs["kubelet_configs"] = [name]
        if "tuned" in args:
            needs.append(TuningConfig(name, cluster.cluster_id, name, args["tuned"], inside))
            inputs["tuning_configs"] = [name]
        options = pulumi.ResourceOptions(
            parent=self, deleted_with=cluster.cluster, depends_on=needs, delete_before_replace=True
        )
        self.machine_pool = HcpNodePool(name, inputs, options)
        waiting = HcpNodePoolReady(f"{name}-ready", self.machine_pool.id, pool.min_nodes, inside)
        self.ready: list[pulumi.Resource] = [waiting]
        self.nodes = pulumi.Output.from_input(pool.labels)
        self.register_outputs({"nodes": self.nodes})


def _zone(pool: Pool, cluster: RosaCluster) -> str:
    zones = pool.zones or (cluster.zones[0],)
    if len(zones) != 1:
        rule = "a machine pool lies in one subnet, and so in one zone; make one pool per zone"
        raise PoolError(pool.name, "zones", list(zones), rule, "ocm-sdk-go e2591bb, NodePool.subnet")
    if zones[0] not in cluster.zones:
        raise PoolError(pool.name, "zones", list(zones), f"the cluster has {', '.join(cluster.zones)}")
    return zones[0]


def _check(pool: Pool, args: RosaGpuMachinePoolArgs, cluster: RosaCluster) -> None:
    try:
        rosa_rules.check_pool_name(pool.name)
        if cluster.subnet_prefix is not None:
            rosa_rules.check_subnet_room(cluster.subnet_prefix, pool.max_nodes)
        versions.check_skew(args.get("version", cluster.version), cluster.version)
    except ValueError as wrong:
        raise PoolError(pool.name, "", None, str(wrong)) from wrong
    if pool.driver is Driver.CLOUD:
        rule = "ROSA's node image has no NVIDIA driver; the GPU operator installs it"
        raise PoolError(pool.name, "driver", "cloud", rule, "Red Hat, NVIDIA GPU operator on OpenShift")
    reserved = args.get("capacity_reservation")
    if pool.spot and reserved:
        rule = "spot capacity and a capacity reservation exclude each other"
        raise PoolError(pool.name, "capacity_reservation", reserved, rule, "rosa, create machinepool")
    if pool.spot != ("max_price" in args):
        rule = "goes with spot, and spot needs it: the most to pay for a node, in USD/h"
        raise PoolError(pool.name, "max_price", args.get("max_price"), rule, SPOT_SOURCE)
    if pool.spot and not cluster.spot_drains:
        rule = "the cluster has no spot_queue_url, so that its spot nodes would go without draining"
        raise PoolError(pool.name, "spot", pool.spot, rule, "ocm-sdk-go e2591bb, AWS.termination_handler_queue_url")
    if pool.instance.price(spot=False) is None and not pool.spot and not reserved:
        rule = f"{pool.instance.name} has no on-demand price: it is sold in Capacity Blocks, so name a reservation"
        raise PoolError(pool.name, "capacity_reservation", None, rule, pool.instance.source)
    disk = int(args.get("disk_gib", 300))
    if not 75 <= disk <= 16384:
        raise PoolError(pool.name, "disk_gib", disk, "must be between 75 and 16384", "rosa, machine pool disk size")


def _aws(pool: Pool, args: RosaGpuMachinePoolArgs) -> dict[str, Any]:
    made: dict[str, Any] = {
        "instance_type": pool.instance.name,
        "root_volume": {"size": int(args.get("disk_gib", 300))},
        "ec2_metadata_http_tokens": "required",
        "tags": tags(ownership(args["ownership"])),
    }
    if args.get("security_groups"):
        made["additional_security_group_ids"] = list(args.get("security_groups", []))
    if pool.spot:
        made["spot_market_options"] = {"max_price": f"{args.get('max_price', 0):.4f}".rstrip("0").rstrip(".")}
    if "capacity_reservation" in args:
        made["capacity_reservation"] = {
            "id": args["capacity_reservation"],
            "market_type": "CapacityBlocks" if args.get("capacity_blocks") else "OnDemand",
            "preference": "capacity-reservations-only",
        }
    return made
