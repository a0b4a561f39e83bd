"""Effects of a change of each argument of RosaGpuMachinePool. Its pool acts on the table `ocm.fields.NODE_POOL`."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_RECREATED = "the pool drains, is deleted and recreated; a second pool beside it loses no capacity"

ROSA_GPU_POOL_CHANGES: Mapping[str, ArgumentChange] = {
    "cluster": ArgumentChange(Effect.REPLACE, "the pool is deleted in one cluster and created in the other"),
    "ownership": ArgumentChange(
        Effect.IN_PLACE, "labels; the EC2 tags of nodes stay, which only a new pool can change"
    ),
    "instance_type": ArgumentChange(Effect.REPLACE, _RECREATED),
    "for_preset": ArgumentChange(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "task": ArgumentChange(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "min_nodes": ArgumentChange(Effect.IN_PLACE),
    "max_nodes": ArgumentChange(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": ArgumentChange(Effect.REPLACE, _RECREATED),
    "zones": ArgumentChange(Effect.REPLACE, _RECREATED),
    "labels": ArgumentChange(Effect.IN_PLACE, "on running nodes as well"),
    "taints": ArgumentChange(Effect.IN_PLACE, "on running nodes as well; pods that run stay"),
    "mig_profile": ArgumentChange(Effect.IN_PLACE, "the operator partitions a node anew once its GPUs are idle"),
    "driver": ArgumentChange(Effect.REFUSED, "Red Hat's node image has no driver; `operator` is the only choice"),
    "version": ArgumentChange(Effect.ROLLING, "never above the cluster's; no way back"),
    "disk_gib": ArgumentChange(Effect.REPLACE, _RECREATED),
    "max_price": ArgumentChange(Effect.REPLACE, _RECREATED),
    "capacity_reservation": ArgumentChange(Effect.REPLACE, _RECREATED),
    "capacity_blocks": ArgumentChange(Effect.REPLACE, _RECREATED),
    "security_groups": ArgumentChange(Effect.REPLACE, _RECREATED),
    "drain_minutes": ArgumentChange(Effect.IN_PLACE, "of the next upgrade or deletion"),
    "pod_pids_limit": ArgumentChange(Effect.ROLLING, "each node restarts with the new setting"),
    "tuned": ArgumentChange(Effect.ROLLING, "the node tuning operator may restart nodes"),
}
"""By argument."""
