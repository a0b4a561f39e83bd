"""What changing an argument of RosaGpuMachinePool does. The table that its pool acts on is `ocm.fields.NODE_POOL`."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_MADE_ONCE = "the pool drains, is deleted and made again; a second pool beside it loses no capacity"

ROSA_GPU_POOL_CHANGES: Mapping[str, Change] = {
    "cluster": Change(Effect.REPLACE, "the pool leaves one cluster and is made in the other"),
    "ownership": Change(Effect.IN_PLACE, "labels; the EC2 tags of nodes stay, which only a new pool can change"),
    "instance_type": Change(Effect.REPLACE, _MADE_ONCE),
    "for_preset": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "task": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": Change(Effect.REPLACE, _MADE_ONCE),
    "zones": Change(Effect.REPLACE, _MADE_ONCE),
    "labels": Change(Effect.IN_PLACE, "on running nodes as well"),
    "taints": Change(Effect.IN_PLACE, "on running nodes as well; pods that run stay"),
    "mig_profile": Change(Effect.IN_PLACE, "the operator cuts a node anew once its GPUs are idle"),
    "driver": Change(Effect.REFUSED, "Red Hat's node image has none; `operator` is the only one"),
    "version": Change(Effect.ROLLING, "never above the cluster's; no way back"),
    "disk_gib": Change(Effect.REPLACE, _MADE_ONCE),
    "max_price": Change(Effect.REPLACE, _MADE_ONCE),
    "capacity_reservation": Change(Effect.REPLACE, _MADE_ONCE),
    "capacity_blocks": Change(Effect.REPLACE, _MADE_ONCE),
    "security_groups": Change(Effect.REPLACE, _MADE_ONCE),
    "drain_minutes": Change(Effect.IN_PLACE, "of the next upgrade or deletion"),
    "pod_pids_limit": Change(Effect.ROLLING, "each node restarts with the new setting"),
    "tuned": Change(Effect.ROLLING, "the node tuning operator may restart nodes"),
}
"""By argument."""
