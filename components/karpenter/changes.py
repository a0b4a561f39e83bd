"""Effect of changing an argument of KarpenterGpuNodePool.

Karpenter compares each node with its pool and class and replaces nodes that drifted, within the pool's budgets.
Weight, limits and disruption settings never count as drift (Karpenter, disruption: drift).
"""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_DRIFT = "nodes that differ drift: Karpenter drains and replaces them within `budgets`"
_FITS = "nodes that no longer fit the requirements drift, within `budgets`"

KARPENTER_GPU_NODE_POOL_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.ROLLING, _DRIFT),
    "instance_type": Change(Effect.ROLLING, _FITS),
    "for_preset": Change(Effect.ROLLING, "only if the planner selects another machine"),
    "task": Change(Effect.ROLLING, "only if the planner selects another machine"),
    "min_nodes": Change(Effect.REFUSED, "Karpenter keeps no minimum"),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new limit stay until they are empty"),
    "spot": Change(Effect.ROLLING, _FITS),
    "zones": Change(Effect.ROLLING, _FITS),
    "labels": Change(Effect.ROLLING, _DRIFT),
    "taints": Change(Effect.ROLLING, _DRIFT),
    "mig_profile": Change(Effect.ROLLING, "a label of the nodes selects the profile: " + _DRIFT),
    "driver": Change(Effect.ROLLING, _DRIFT),
    "cloud": Change(
        Effect.REPLACE, "the node class is of another kind; the old class stays until its nodes are removed"
    ),
    "region": Change(Effect.ROLLING, "part of Azure's zone names; " + _FITS),
    "cluster": Change(Effect.ROLLING, "subnets and security groups are searched again; " + _DRIFT),
    "role": Change(Effect.ROLLING, _DRIFT),
    "image": Change(Effect.ROLLING, _DRIFT),
    "disk_gib": Change(Effect.ROLLING, _DRIFT),
    "capacity_reservation": Change(Effect.ROLLING, _DRIFT),
    "placement_group": Change(Effect.ROLLING, _DRIFT),
    "idle_seconds": Change(Effect.IN_PLACE),
    "expire_seconds": Change(Effect.ROLLING, _DRIFT),
    "grace_seconds": Change(Effect.ROLLING, _DRIFT),
    "budgets": Change(Effect.IN_PLACE),
    "weight": Change(Effect.IN_PLACE, "from the next node on"),
}
"""Changes of KarpenterGpuNodePool, by argument."""
