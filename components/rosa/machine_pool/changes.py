"""Effects of a change of each argument of RosaGpuMachinePool. Its pool acts on the table `ocm.fields.NODE_POOL`."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_RECREATED = "the pool drains, is deleted and recreated; a second pool beside it loses no capacity"

ROSA_GPU_POOL_CHANGES: Mapping[str, Change] = {
    "cluster": Change(Effect.REPLACE, "the pool is deleted in one cluster and created in the other"),
    "ownership": Change(Effect.IN_PLACE, "labels; the EC2 tags of nodes stay, which only a new pool can change"),
    "instance_type": Change(Effect.REPLACE, _RECREATED),
    "for_preset": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "task": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": Change(Effect.REPLACE, _RECREATED),
    "zones": Change(Effect.REPLACE, _RECREATED),
    "labels": Change(Effect.IN_PLACE, "on running nodes as well"),
    "taints": Change(Effect.IN_PLACE, "on running nodes as well; pods that run stay"),
    "mig_profile": Change(Effect.IN_PLACE, "the operator partitions a node anew once its GPUs are idle"),
    "driver": Change(Effect.REFUSED, "Red Hat's node image has no driver; `operator` is the only choice"),
    "version": Change(Effect.ROLLING, "never above the cluster's; no way back"),
    "disk_gib": Change(Effect.REPLACE, _RECREATED),
    "max_price": Change(Effect.REPLACE, _RECREATED),
    "capacity_reservation": Change(Effect.REPLACE, _RECREATED),
    "capacity_blocks": Change(Effect.REPLACE, _RECREATED),
    "security_groups": Change(Effect.REPLACE, _RECREATED),
    "drain_minutes": Change(Effect.IN_PLACE, "of the next upgrade or deletion"),
    "pod_pids_limit": Change(Effect.ROLLING, "each node restarts with the new setting"),
    "tuned": Change(Effect.ROLLING, "the node tuning operator may restart nodes"),
}
"""By argument."""
