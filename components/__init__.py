"""Pulumi components of a GPU platform: `import modelyard.components as yard`.

Each name is loaded when it is first used: a program for one cloud loads no SDK of another.
"""

from typing import TYPE_CHECKING

from modelyard.components.common import moved_modules
from modelyard.components.common.lazy import loader

if TYPE_CHECKING:
    from modelyard.components.aws.identity import AwsWorkloadRole, AwsWorkloadRoleArgs
    from modelyard.components.aws.storage import AwsModelBuckets, AwsModelBucketsArgs
    from modelyard.components.azure.cluster.component import AksCluster, AksClusterArgs
    from modelyard.components.azure.identity import AzureWorkloadIdentity, AzureWorkloadIdentityArgs
    from modelyard.components.azure.node_pool.component import AksGpuNodePool, AksGpuNodePoolArgs
    from modelyard.components.azure.storage import AzureModelContainers, AzureModelContainersArgs
    from modelyard.components.gpu_node_pool import GpuNodePool, GpuNodePoolArgs
    from modelyard.components.karpenter.component import KarpenterGpuNodePool, KarpenterGpuNodePoolArgs
    from modelyard.components.kubernetes.existing_cluster import ExistingCluster, ExistingClusterArgs
    from modelyard.components.kubernetes.operators.kube_ray import KubeRay, KubeRayArgs
    from modelyard.components.kubernetes.operators.kueue import Kueue, KueueArgs
    from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues, PlatformQueuesArgs
    from modelyard.components.kubernetes.queues.team_queue import TeamQueue, TeamQueueArgs
    from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
    from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs
    from modelyard.components.openshift.cluster_autoscaler import (
        OpenShiftClusterAutoscaler,
        OpenShiftClusterAutoscalerArgs,
    )
    from modelyard.components.openshift.component import OpenShiftGpuMachineSet, OpenShiftGpuMachineSetArgs
    from modelyard.components.rosa.cluster.component import RosaCluster, RosaClusterArgs
    from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool, RosaGpuMachinePoolArgs

_MODULES = {
    "AksCluster": "azure.cluster.component",
    "AksGpuNodePool": "azure.node_pool.component",
    "AwsModelBuckets": "aws.storage",
    "AwsWorkloadRole": "aws.identity",
    "AzureModelContainers": "azure.storage",
    "AzureWorkloadIdentity": "azure.identity",
    "ExistingCluster": "kubernetes.existing_cluster",
    "FineTuneWorkspace": "kubernetes.workspaces.fine_tune",
    "GpuNodePool": "gpu_node_pool",
    "KarpenterGpuNodePool": "karpenter.component",
    "KubeRay": "kubernetes.operators.kube_ray",
    "Kueue": "kubernetes.operators.kueue",
    "OpenShiftClusterAutoscaler": "openshift.cluster_autoscaler",
    "OpenShiftGpuMachineSet": "openshift.component",
    "PlatformQueues": "kubernetes.queues.platform_queues",
    "RosaCluster": "rosa.cluster.component",
    "RosaGpuMachinePool": "rosa.machine_pool.component",
    "ServeWorkspace": "kubernetes.workspaces.serve",
    "TeamQueue": "kubernetes.queues.team_queue",
}
"""Module that defines each component and its arguments."""

__all__ = [
    "AksCluster",
    "AksClusterArgs",
    "AksGpuNodePool",
    "AksGpuNodePoolArgs",
    "AwsModelBuckets",
    "AwsModelBucketsArgs",
    "AwsWorkloadRole",
    "AwsWorkloadRoleArgs",
    "AzureModelContainers",
    "AzureModelContainersArgs",
    "AzureWorkloadIdentity",
    "AzureWorkloadIdentityArgs",
    "ExistingCluster",
    "ExistingClusterArgs",
    "FineTuneWorkspace",
    "FineTuneWorkspaceArgs",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "KarpenterGpuNodePool",
    "KarpenterGpuNodePoolArgs",
    "KubeRay",
    "KubeRayArgs",
    "Kueue",
    "KueueArgs",
    "OpenShiftClusterAutoscaler",
    "OpenShiftClusterAutoscalerArgs",
    "OpenShiftGpuMachineSet",
    "OpenShiftGpuMachineSetArgs",
    "PlatformQueues",
    "PlatformQueuesArgs",
    "RosaCluster",
    "RosaClusterArgs",
    "RosaGpuMachinePool",
    "RosaGpuMachinePoolArgs",
    "ServeWorkspace",
    "ServeWorkspaceArgs",
    "TeamQueue",
    "TeamQueueArgs",
]

__getattr__ = loader(__name__, _MODULES)

moved_modules.install()
