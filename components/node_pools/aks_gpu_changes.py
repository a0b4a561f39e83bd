"""What changing an argument of AksGpuNodePool does. docs/components/aks.md holds this table, as a test makes sure."""

from collections.abc import Mapping

from modelyard.components.change import Change, Effect

_MADE_ONCE = "the pool drains, is deleted and made again; a second pool beside it loses no capacity"

AKS_GPU_POOL_CHANGES: Mapping[str, Change] = {
    "cluster": Change(Effect.REPLACE, "the pool leaves one cluster and is made in the other"),
    "ownership": Change(Effect.IN_PLACE, "labels and tags"),
    "instance_type": Change(Effect.REPLACE, _MADE_ONCE),
    "for_preset": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "task": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing"),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": Change(Effect.REPLACE, _MADE_ONCE),
    "zones": Change(Effect.REPLACE, _MADE_ONCE),
    "labels": Change(Effect.IN_PLACE, "on running nodes as well"),
    "taints": Change(Effect.IN_PLACE, "pods that run stay"),
    "mig_profile": Change(
        Effect.REPLACE, f"with driver `cloud`: {_MADE_ONCE}. With `operator`: in place, once a node's GPUs are idle"
    ),
    "driver": Change(Effect.REPLACE, _MADE_ONCE),
    "pool_name": Change(Effect.REPLACE, _MADE_ONCE),
    "kubernetes_version": Change(Effect.ROLLING, "no way back"),
    "eviction_policy": Change(Effect.REPLACE, _MADE_ONCE),
    "spot_max_price": Change(Effect.REPLACE, _MADE_ONCE),
    "os_sku": Change(Effect.ROLLING, "nodes are made again from the other image"),
    "disk_gib": Change(Effect.REPLACE, _MADE_ONCE),
    "ephemeral_disk": Change(Effect.REPLACE, _MADE_ONCE),
    "max_pods": Change(Effect.REPLACE, _MADE_ONCE),
    "max_surge": Change(Effect.IN_PLACE, "of the next upgrade"),
    "drain_minutes": Change(Effect.IN_PLACE, "of the next upgrade"),
    "infiniband": Change(Effect.REPLACE, _MADE_ONCE),
    "placement_group": Change(Effect.REPLACE, _MADE_ONCE),
    "capacity_reservation": Change(Effect.REPLACE, _MADE_ONCE),
}
"""By argument."""
