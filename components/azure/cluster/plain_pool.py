"""The pools of an AKS cluster that have no GPUs: one for its own parts, one for everything else."""

import re
from dataclasses import dataclass

from modelyard.components.azure import regions
from modelyard.components.azure.cluster.args import AksPoolArgs
from modelyard.components.common.errors import ArgumentError

_SIZE = re.compile(r"Standard_[A-Z]{1,3}[0-9]+(-[0-9]+)?(?P<features>[a-z]*)(_\w+)*")

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


def has_local_disk(size: str) -> bool:
    """Whether a size's name says that it has a local disk: the feature `d` (Azure, VM size naming conventions)."""
    found = _SIZE.fullmatch(size)
    return found is not None and "d" in found["features"]


def plain_pool(name: str, argument: str, location: str, args: AksPoolArgs, sizes: tuple[int, int]) -> PlainPool:
    """The pool; `sizes` are the fewest nodes that it may have, and the most that it has by default."""
    smallest, largest = sizes
    size = args.get("vm_size", "Standard_D8ds_v5")
    if not _SIZE.fullmatch(size):
        rule = "is no name of a VM size, such as 'Standard_D8ds_v5'"
        raise ArgumentError(name, f"{argument}.vm_size", size, rule, "Azure, VM size naming conventions")
    fewest = int(args.get("min_nodes", smallest))
    most = int(args.get("max_nodes", max(largest, fewest)))
    if fewest < smallest:
        rule = f"must be {smallest} or more" + (", or an upgrade takes DNS away" if smallest > 1 else "")
        raise ArgumentError(name, f"{argument}.min_nodes", fewest, rule, "AKS, system node pools")
    if not fewest <= most <= 1000:
        raise ArgumentError(name, f"{argument}.max_nodes", most, f"must be {fewest} to 1000", "AKS, cluster autoscaler")
    default = regions.ZONES if location in regions.WITH_ZONES else ()
    zones = regions.zones(name, f"{argument}.zones", location, args.get("zones", default))
    return PlainPool(vm_size=size, min_nodes=fewest, max_nodes=most, zones=zones, ephemeral=has_local_disk(size))
