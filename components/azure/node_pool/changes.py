"""What changing an argument of AksGpuNodePool does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_MADE_ONCE = "the pool drains, is deleted and made again; a second pool beside it loses no capacity"
_SIZE = ("AgentPool.vmSize",)
_GROUP = ("AgentPool.proximityPlacementGroupID",)

AKS_GPU_POOL_CHANGES: Mapping[str, Change] = {
    "cluster": Change(
        Effect.REPLACE,
        "the pool leaves one cluster and is made in the other",
        ("AgentPool.vnetSubnetID", "AgentPool.podSubnetID"),
    ),
    "ownership": Change(Effect.IN_PLACE, "labels and tags"),
    "instance_type": Change(Effect.REPLACE, _MADE_ONCE, _SIZE),
    "for_preset": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing", _SIZE),
    "task": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing", _SIZE),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.scaleSetPriority",)),
    "zones": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.availabilityZones",)),
    "labels": Change(Effect.IN_PLACE, "on running nodes as well"),
    "taints": Change(Effect.IN_PLACE, "pods that run stay"),
    "mig_profile": Change(
        Effect.REPLACE,
        f"with driver `cloud`: {_MADE_ONCE}. With `operator`: in place, once a node's GPUs are idle",
        ("AgentPool.gpuInstanceProfile",),
    ),
    "driver": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.gpuProfile",)),
    "pool_name": Change(Effect.REPLACE, _MADE_ONCE),
    "kubernetes_version": Change(Effect.ROLLING, "no way back"),
    "eviction_policy": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.scaleSetEvictionPolicy",)),
    "spot_max_price": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.spotMaxPrice",)),
    "os_sku": Change(Effect.ROLLING, "nodes are made again from the other image"),
    "disk_gib": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.osDiskSizeGB",)),
    "ephemeral_disk": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.osDiskType",)),
    "max_pods": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.maxPods",)),
    "max_surge": Change(Effect.IN_PLACE, "of the next upgrade"),
    "drain_minutes": Change(Effect.IN_PLACE, "of the next upgrade"),
    "infiniband": Change(Effect.REPLACE, _MADE_ONCE, _GROUP),
    "placement_group": Change(Effect.REPLACE, _MADE_ONCE, _GROUP),
    "capacity_reservation": Change(Effect.REPLACE, _MADE_ONCE, ("AgentPool.capacityReservationGroupID",)),
}
"""By argument."""
