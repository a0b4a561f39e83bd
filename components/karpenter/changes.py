"""Effect of changing an argument of KarpenterGpuNodePool.

Karpenter compares each node with its pool and class and replaces nodes that drifted, within the pool's budgets.
Weight, limits and disruption settings never count as drift (Karpenter, disruption: drift).
"""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_DRIFT = "nodes that differ drift: Karpenter drains and replaces them within `budgets`"
_FITS = "nodes that no longer fit the requirements drift, within `budgets`"

KARPENTER_GPU_NODE_POOL_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership": ArgumentChange(Effect.ROLLING, _DRIFT),
    "instance_type": ArgumentChange(Effect.ROLLING, _FITS),
    "for_preset": ArgumentChange(Effect.ROLLING, "only if the planner selects another machine"),
    "task": ArgumentChange(Effect.ROLLING, "only if the planner selects another machine"),
    "min_nodes": ArgumentChange(Effect.REFUSED, "Karpenter keeps no minimum"),
    "max_nodes": ArgumentChange(Effect.IN_PLACE, "nodes above the new limit stay until they are empty"),
    "spot": ArgumentChange(Effect.ROLLING, _FITS),
    "zones": ArgumentChange(Effect.ROLLING, _FITS),
    "labels": ArgumentChange(Effect.ROLLING, _DRIFT),
    "taints": ArgumentChange(Effect.ROLLING, _DRIFT),
    "mig_profile": ArgumentChange(Effect.ROLLING, "a label of the nodes selects the profile: " + _DRIFT),
    "driver": ArgumentChange(Effect.ROLLING, _DRIFT),
    "cloud": ArgumentChange(
        Effect.REPLACE, "the node class is of another kind; the old class stays until its nodes are removed"
    ),
    "region": ArgumentChange(Effect.ROLLING, "part of Azure's zone names; " + _FITS),
    "cluster": ArgumentChange(Effect.ROLLING, "subnets and security groups are searched again; " + _DRIFT),
    "role": ArgumentChange(Effect.ROLLING, _DRIFT),
    "image": ArgumentChange(Effect.ROLLING, _DRIFT),
    "disk_gib": ArgumentChange(Effect.ROLLING, _DRIFT),
    "capacity_reservation": ArgumentChange(Effect.ROLLING, _DRIFT),
    "placement_group": ArgumentChange(Effect.ROLLING, _DRIFT),
    "idle_seconds": ArgumentChange(Effect.IN_PLACE),
    "expire_seconds": ArgumentChange(Effect.ROLLING, _DRIFT),
    "grace_seconds": ArgumentChange(Effect.ROLLING, _DRIFT),
    "budgets": ArgumentChange(Effect.IN_PLACE),
    "weight": ArgumentChange(Effect.IN_PLACE, "from the next node on"),
}
"""Changes of KarpenterGpuNodePool, by argument."""
