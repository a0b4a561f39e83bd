"""What changing an argument of OpenShiftGpuMachineSet or OpenShiftClusterAutoscaler does.

A machine set compares its machines with nothing but their number: what its template says holds for machines made from
then on (OpenShift, modifying a compute machine set).
"""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_NEW = "of machines made from then on; delete the old ones one by one, and their set makes them anew"

OPENSHIFT_GPU_MACHINE_SET_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "the set's labels; those of nodes: " + _NEW),
    "instance_type": Change(Effect.IN_PLACE, _NEW),
    "for_preset": Change(Effect.IN_PLACE, "if the planner picks another machine: " + _NEW),
    "task": Change(Effect.IN_PLACE, "if the planner picks another machine: " + _NEW),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number go when they are empty"),
    "spot": Change(Effect.IN_PLACE, _NEW),
    "zones": Change(Effect.IN_PLACE, _NEW),
    "labels": Change(Effect.IN_PLACE, _NEW),
    "taints": Change(Effect.IN_PLACE, _NEW),
    "mig_profile": Change(Effect.IN_PLACE, _NEW),
    "driver": Change(Effect.REFUSED, "the operator's only: Red Hat's image has no driver"),
    "template": Change(Effect.IN_PLACE, _NEW),
    "subnet": Change(Effect.IN_PLACE, _NEW),
    "disk_gib": Change(Effect.IN_PLACE, _NEW),
    "efa": Change(Effect.IN_PLACE, _NEW),
    "placement_group": Change(Effect.IN_PLACE, _NEW),
    "capacity_reservation": Change(Effect.IN_PLACE, _NEW),
    "capacity_block": Change(Effect.IN_PLACE, _NEW),
    "max_price": Change(Effect.IN_PLACE, _NEW),
    "vm_template": Change(Effect.IN_PLACE, _NEW),
}
"""By argument of OpenShiftGpuMachineSet."""

OPENSHIFT_CLUSTER_AUTOSCALER_CHANGES: Mapping[str, Change] = {
    "max_nodes": Change(Effect.IN_PLACE),
    "gpus": Change(Effect.IN_PLACE),
    "provision_seconds": Change(Effect.IN_PLACE),
    "unneeded_seconds": Change(Effect.IN_PLACE),
}
"""By argument of OpenShiftClusterAutoscaler."""
