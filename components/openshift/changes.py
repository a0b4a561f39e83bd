"""Effect of changing an argument of OpenShiftGpuMachineSet or OpenShiftClusterAutoscaler.

A machine set compares only the number of its machines: a changed template applies to machines created afterwards
(OpenShift, modifying a compute machine set).
"""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_NEW = "for machines created afterwards; delete the old ones one by one, and the set replaces them"

OPENSHIFT_GPU_MACHINE_SET_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership": ArgumentChange(Effect.IN_PLACE, "the set's labels at once; the nodes' labels " + _NEW),
    "instance_type": ArgumentChange(Effect.IN_PLACE, _NEW),
    "for_preset": ArgumentChange(Effect.IN_PLACE, "if the planner selects another machine: " + _NEW),
    "task": ArgumentChange(Effect.IN_PLACE, "if the planner selects another machine: " + _NEW),
    "min_nodes": ArgumentChange(Effect.IN_PLACE),
    "max_nodes": ArgumentChange(Effect.IN_PLACE, "nodes above the new number are removed once they are empty"),
    "spot": ArgumentChange(Effect.IN_PLACE, _NEW),
    "zones": ArgumentChange(Effect.IN_PLACE, _NEW),
    "labels": ArgumentChange(Effect.IN_PLACE, _NEW),
    "taints": ArgumentChange(Effect.IN_PLACE, _NEW),
    "mig_profile": ArgumentChange(Effect.IN_PLACE, _NEW),
    "driver": ArgumentChange(Effect.REFUSED, "only `operator` is possible: Red Hat's node image has no driver"),
    "template": ArgumentChange(Effect.IN_PLACE, _NEW),
    "subnet": ArgumentChange(Effect.IN_PLACE, _NEW),
    "disk_gib": ArgumentChange(Effect.IN_PLACE, _NEW),
    "fabric": ArgumentChange(Effect.IN_PLACE, _NEW),
    "efa": ArgumentChange(Effect.IN_PLACE, "former name of `fabric`"),
    "placement_group": ArgumentChange(Effect.IN_PLACE, _NEW),
    "capacity_reservation": ArgumentChange(Effect.IN_PLACE, _NEW),
    "capacity_blocks": ArgumentChange(Effect.IN_PLACE, _NEW),
    "capacity_block": ArgumentChange(Effect.IN_PLACE, "former name of `capacity_blocks`"),
    "max_price": ArgumentChange(Effect.IN_PLACE, _NEW),
    "vm_template": ArgumentChange(Effect.IN_PLACE, _NEW),
}
"""Changes of OpenShiftGpuMachineSet, by argument."""

OPENSHIFT_CLUSTER_AUTOSCALER_CHANGES: Mapping[str, ArgumentChange] = {
    "max_nodes": ArgumentChange(Effect.IN_PLACE),
    "gpus": ArgumentChange(Effect.IN_PLACE),
    "provision_seconds": ArgumentChange(Effect.IN_PLACE),
    "unneeded_seconds": ArgumentChange(Effect.IN_PLACE),
}
"""Changes of OpenShiftClusterAutoscaler, by argument."""
