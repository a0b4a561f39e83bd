"""Effects of a change of each argument of AksGpuNodePool."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_RECREATED = "the pool is drained, deleted and recreated; a second pool beside it loses no capacity"
_SIZE = ("AgentPool.vmSize",)
_GROUP = ("AgentPool.proximityPlacementGroupID",)

AKS_GPU_POOL_CHANGES: Mapping[str, ArgumentChange] = {
    "cluster": ArgumentChange(
        Effect.REPLACE,
        "the pool is deleted in one cluster and created in the other",
        ("AgentPool.vnetSubnetID", "AgentPool.podSubnetID"),
    ),
    "ownership": ArgumentChange(Effect.IN_PLACE, "labels and tags"),
    "instance_type": ArgumentChange(Effect.REPLACE, _RECREATED, _SIZE),
    "for_preset": ArgumentChange(
        Effect.REPLACE, "if the planner picks another machine; otherwise nothing changes", _SIZE
    ),
    "task": ArgumentChange(Effect.REPLACE, "if the planner picks another machine; otherwise nothing changes", _SIZE),
    "min_nodes": ArgumentChange(Effect.IN_PLACE),
    "max_nodes": ArgumentChange(Effect.IN_PLACE, "nodes above the new number are removed when they are empty"),
    "spot": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.scaleSetPriority",)),
    "zones": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.availabilityZones",)),
    "labels": ArgumentChange(Effect.IN_PLACE, "on running nodes as well"),
    "taints": ArgumentChange(Effect.IN_PLACE, "running pods stay"),
    "mig_profile": ArgumentChange(
        Effect.REPLACE,
        f"with driver `cloud`: {_RECREATED}. With `operator`: in place, once a node's GPUs are idle",
        ("AgentPool.gpuInstanceProfile",),
    ),
    "driver": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.gpuProfile",)),
    "pool_name": ArgumentChange(Effect.REPLACE, _RECREATED),
    "kubernetes_version": ArgumentChange(Effect.ROLLING, "a version cannot be lowered again"),
    "eviction_policy": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.scaleSetEvictionPolicy",)),
    "max_price": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.spotMaxPrice",)),
    "os_sku": ArgumentChange(Effect.ROLLING, "nodes are recreated from the other image"),
    "disk_gib": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.osDiskSizeGB",)),
    "ephemeral_disk": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.osDiskType",)),
    "max_pods": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.maxPods",)),
    "max_surge": ArgumentChange(Effect.IN_PLACE, "from the next upgrade on"),
    "drain_minutes": ArgumentChange(Effect.IN_PLACE, "from the next upgrade on"),
    "fabric": ArgumentChange(Effect.REPLACE, _RECREATED, _GROUP),
    "placement_group": ArgumentChange(Effect.REPLACE, _RECREATED, _GROUP),
    "capacity_reservation": ArgumentChange(Effect.REPLACE, _RECREATED, ("AgentPool.capacityReservationGroupID",)),
    "infiniband": ArgumentChange(Effect.REPLACE, "former name of `fabric`", _GROUP),
    "spot_max_price": ArgumentChange(Effect.REPLACE, "former name of `max_price`", ("AgentPool.spotMaxPrice",)),
}
"""By argument."""
