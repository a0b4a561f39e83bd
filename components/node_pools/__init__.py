"""GPU node pools: one component per kind of cluster, and one facade over them.

Each is loaded when it is first asked for: a program for Azure then loads no SDK of AWS, and one without pools neither.
"""

from typing import TYPE_CHECKING

from modelyard.components.on_demand import loader

if TYPE_CHECKING:
    from modelyard.components.node_pools.aks_gpu_node_pool import AksGpuNodePool, AksGpuNodePoolArgs
    from modelyard.components.node_pools.gpu_node_pool import GpuNodePool, GpuNodePoolArgs
    from modelyard.components.node_pools.karpenter_gpu_node_pool import KarpenterGpuNodePool, KarpenterGpuNodePoolArgs
    from modelyard.components.node_pools.openshift_gpu_machine_set import (
        OpenShiftClusterAutoscaler,
        OpenShiftClusterAutoscalerArgs,
        OpenShiftGpuMachineSet,
        OpenShiftGpuMachineSetArgs,
    )
    from modelyard.components.node_pools.rosa_gpu_machine_pool import RosaGpuMachinePool, RosaGpuMachinePoolArgs

_MODULES = {
    "AksGpuNodePool": "aks_gpu_node_pool",
    "GpuNodePool": "gpu_node_pool",
    "KarpenterGpuNodePool": "karpenter_gpu_node_pool",
    "OpenShiftClusterAutoscaler": "openshift_gpu_machine_set",
    "OpenShiftGpuMachineSet": "openshift_gpu_machine_set",
    "RosaGpuMachinePool": "rosa_gpu_machine_pool",
}
"""Where each component, and the type of its arguments, is defined."""

__all__ = [
    "AksGpuNodePool",
    "AksGpuNodePoolArgs",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "KarpenterGpuNodePool",
    "KarpenterGpuNodePoolArgs",
    "OpenShiftClusterAutoscaler",
    "OpenShiftClusterAutoscalerArgs",
    "OpenShiftGpuMachineSet",
    "OpenShiftGpuMachineSetArgs",
    "RosaGpuMachinePool",
    "RosaGpuMachinePoolArgs",
]

__getattr__ = loader(__name__, _MODULES)
