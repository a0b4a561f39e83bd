"""Placement of a pool's nodes: InfiniBand, proximity placement groups, capacity reservations."""

from modelyard.components.azure.node_pool.args import AksGpuNodePoolArgs
from modelyard.components.azure.node_pool.sizes import find_series
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec


def validate_fabric(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> bool:
    """Return True if the nodes compute together and need a placement group of their own.

    Raises:
        ArgumentError: the size has no InfiniBand, there are several zones, or the driver cannot use it.
    """
    fabric, group = bool(args.get("fabric")), args.get("placement_group")
    if fabric and pool.instance.fabric != "infiniband":
        rule = f"must be false: {pool.instance.name} has no InfiniBand; ND sizes with an 'r' in their name have"
        raise ArgumentError(pool.name, "fabric", fabric, rule, "Azure, ND series")
    if (fabric or group is not None) and len(pool.zones) > 1:
        rule = "must be one zone, because a placement group lies in one, and InfiniBand joins no nodes of several"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, "AKS, proximity placement groups")
    if fabric and pool.driver is not Driver.OPERATOR:
        rule = "must be 'operator' beside fabric: AKS' own driver has no peer memory module for GPUDirect RDMA"
        raise ArgumentError(pool.name, "driver", pool.driver.value, rule, "aks-rdma-infiniband 700dabb")
    # A capacity reservation group places its nodes itself.
    return fabric and group is None and args.get("capacity_reservation") is None


def validate_reservation(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> None:
    """Check that the pool can take its nodes from the reservation that it names.

    Raises:
        ArgumentError: spot nodes, a size that cannot be reserved, another id than a group's, or no identity to use it.
    """
    group = args.get("capacity_reservation")
    if group is None:
        return
    rule, source = "", "AKS, capacity reservation groups"
    series = find_series(pool.instance.name)
    if pool.spot:
        rule = "must be left out beside spot, because spot nodes are not taken from a reservation"
    elif series and not series.reservable:
        rule = f"must be left out, because capacity for {pool.instance.name} cannot be reserved"
        source = "Azure, CapacityReservationSupported"
    elif "/capacityreservationgroups/" not in group.lower():
        rule = "must be a group's id: /subscriptions/…/providers/Microsoft.Compute/capacityReservationGroups/<name>"
    elif args["cluster"].get("identity") is None:
        rule = "needs cluster.identity, which gets the right to use it"
    if rule:
        raise ArgumentError(pool.name, "capacity_reservation", group, rule, source)
