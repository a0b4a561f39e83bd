"""Effects of a change of each argument of AksGpuNodePool."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_RECREATED = "the pool is drained, deleted and recreated; a second pool beside it loses no capacity"
_SIZE = ("AgentPool.vmSize",)
_GROUP = ("AgentPool.proximityPlacementGroupID",)

AKS_GPU_POOL_CHANGES: Mapping[str, Change] = {
    "cluster": Change(
        Effect.REPLACE,
        "the pool is deleted in one cluster and created in the other",
        ("AgentPool.vnetSubnetID", "AgentPool.podSubnetID"),
    ),
    "ownership": Change(Effect.IN_PLACE, "labels and tags"),
    "instance_type": Change(Effect.REPLACE, _RECREATED, _SIZE),
    "for_preset": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing changes", _SIZE),
    "task": Change(Effect.REPLACE, "if the planner picks another machine; otherwise nothing changes", _SIZE),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number are removed when they are empty"),
    "spot": Change(Effect.REPLACE, _RECREATED, ("AgentPool.scaleSetPriority",)),
    "zones": Change(Effect.REPLACE, _RECREATED, ("AgentPool.availabilityZones",)),
    "labels": Change(Effect.IN_PLACE, "on running nodes as well"),
    "taints": Change(Effect.IN_PLACE, "running pods stay"),
    "mig_profile": Change(
        Effect.REPLACE,
        f"with driver `cloud`: {_RECREATED}. With `operator`: in place, once a node's GPUs are idle",
        ("AgentPool.gpuInstanceProfile",),
    ),
    "driver": Change(Effect.REPLACE, _RECREATED, ("AgentPool.gpuProfile",)),
    "pool_name": Change(Effect.REPLACE, _RECREATED),
    "kubernetes_version": Change(Effect.ROLLING, "a version cannot be lowered again"),
    "eviction_policy": Change(Effect.REPLACE, _RECREATED, ("AgentPool.scaleSetEvictionPolicy",)),
    "max_price": Change(Effect.REPLACE, _RECREATED, ("AgentPool.spotMaxPrice",)),
    "os_sku": Change(Effect.ROLLING, "nodes are recreated from the other image"),
    "disk_gib": Change(Effect.REPLACE, _RECREATED, ("AgentPool.osDiskSizeGB",)),
    "ephemeral_disk": Change(Effect.REPLACE, _RECREATED, ("AgentPool.osDiskType",)),
    "max_pods": Change(Effect.REPLACE, _RECREATED, ("AgentPool.maxPods",)),
    "max_surge": Change(Effect.IN_PLACE, "from the next upgrade on"),
    "drain_minutes": Change(Effect.IN_PLACE, "from the next upgrade on"),
    "fabric": Change(Effect.REPLACE, _RECREATED, _GROUP),
    "placement_group": Change(Effect.REPLACE, _RECREATED, _GROUP),
    "capacity_reservation": Change(Effect.REPLACE, _RECREATED, ("AgentPool.capacityReservationGroupID",)),
    "infiniband": Change(Effect.REPLACE, "former name of `fabric`", _GROUP),
    "spot_max_price": Change(Effect.REPLACE, "former name of `max_price`", ("AgentPool.spotMaxPrice",)),
}
"""By argument."""
