"""Where the nodes of a GPU pool in AKS come from and how near they are: InfiniBand, placement groups, reservations."""

from modelyard.components.azure.node_pool.args import AksGpuNodePoolArgs
from modelyard.components.azure.node_pool.sizes import series
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec


def infiniband(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> None:
    """Nothing, if the nodes can compute together as asked.

    Raises:
        ArgumentError: the size has no InfiniBand, the zones are several, or the driver cannot.
    """
    source = "AKS, proximity placement groups"
    if args.get("infiniband") and pool.instance.fabric != "infiniband":
        rule = f"{pool.instance.name} has no InfiniBand; ND sizes whose name has an 'r' have"
        raise ArgumentError(pool.name, "infiniband", args.get("infiniband"), rule, "Azure, ND series")
    together = bool(args.get("infiniband")) or args.get("placement_group") is not None
    if together and len(pool.zones) > 1:
        rule = "a placement group lies in one zone, and InfiniBand joins no nodes of several: name one"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, source)
    if args.get("infiniband") and pool.driver is not Driver.OPERATOR:
        rule = "GPUDirect RDMA needs driver 'operator': AKS' own has no peer memory module"
        raise ArgumentError(pool.name, "driver", pool.driver.value, rule, "aks-rdma-infiniband 700dabb")


def placed(args: AksGpuNodePoolArgs) -> bool:
    """Whether nodes are placed together already: by a given group, or by the reservation that they come from."""
    return args.get("placement_group") is not None or args.get("capacity_reservation") is not None


def reservation(pool: NodePoolSpec, args: AksGpuNodePoolArgs) -> None:
    """Nothing, if the pool can take its nodes from the reservation that it names.

    Raises:
        ArgumentError: spot nodes, a size that cannot be reserved, something else than a group, or nobody to use it.
    """
    group = args.get("capacity_reservation")
    if group is None:
        return
    source = "AKS, capacity reservation groups"
    known = series(pool.instance.name)
    if pool.spot:
        raise ArgumentError(
            pool.name, "capacity_reservation", group, "spot nodes are not taken from a reservation", source
        )
    if known and not known.reservable:
        rule = f"capacity for {pool.instance.name} cannot be reserved"
        raise ArgumentError(pool.name, "capacity_reservation", group, rule, "Azure, CapacityReservationSupported")
    if "/capacityreservationgroups/" not in group.lower():
        rule = "is the id of a group: /subscriptions/…/providers/Microsoft.Compute/capacityReservationGroups/<name>"
        raise ArgumentError(pool.name, "capacity_reservation", group, rule, source)
    if args["cluster"].get("identity") is None:
        rule = "needs cluster.identity, which gets the right to use it"
        raise ArgumentError(pool.name, "capacity_reservation", group, rule, source)
