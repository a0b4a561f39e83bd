"""Effect of changing an argument of OpenShiftGpuMachineSet or OpenShiftClusterAutoscaler.

A machine set compares only the number of its machines: a changed template applies to machines created afterwards
(OpenShift, modifying a compute machine set).
"""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_NEW = "for machines created afterwards; delete the old ones one by one, and the set replaces them"

OPENSHIFT_GPU_MACHINE_SET_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "the set's labels at once; the nodes' labels " + _NEW),
    "instance_type": Change(Effect.IN_PLACE, _NEW),
    "for_preset": Change(Effect.IN_PLACE, "if the planner selects another machine: " + _NEW),
    "task": Change(Effect.IN_PLACE, "if the planner selects another machine: " + _NEW),
    "min_nodes": Change(Effect.IN_PLACE),
    "max_nodes": Change(Effect.IN_PLACE, "nodes above the new number are removed once they are empty"),
    "spot": Change(Effect.IN_PLACE, _NEW),
    "zones": Change(Effect.IN_PLACE, _NEW),
    "labels": Change(Effect.IN_PLACE, _NEW),
    "taints": Change(Effect.IN_PLACE, _NEW),
    "mig_profile": Change(Effect.IN_PLACE, _NEW),
    "driver": Change(Effect.REFUSED, "only `operator` is possible: Red Hat's node image has no driver"),
    "template": Change(Effect.IN_PLACE, _NEW),
    "subnet": Change(Effect.IN_PLACE, _NEW),
    "disk_gib": Change(Effect.IN_PLACE, _NEW),
    "fabric": Change(Effect.IN_PLACE, _NEW),
    "efa": Change(Effect.IN_PLACE, "former name of `fabric`"),
    "placement_group": Change(Effect.IN_PLACE, _NEW),
    "capacity_reservation": Change(Effect.IN_PLACE, _NEW),
    "capacity_blocks": Change(Effect.IN_PLACE, _NEW),
    "capacity_block": Change(Effect.IN_PLACE, "former name of `capacity_blocks`"),
    "max_price": Change(Effect.IN_PLACE, _NEW),
    "vm_template": Change(Effect.IN_PLACE, _NEW),
}
"""Changes of OpenShiftGpuMachineSet, by argument."""

OPENSHIFT_CLUSTER_AUTOSCALER_CHANGES: Mapping[str, Change] = {
    "max_nodes": Change(Effect.IN_PLACE),
    "gpus": Change(Effect.IN_PLACE),
    "provision_seconds": Change(Effect.IN_PLACE),
    "unneeded_seconds": Change(Effect.IN_PLACE),
}
"""Changes of OpenShiftClusterAutoscaler, by argument."""
