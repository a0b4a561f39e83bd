"""Pulumi components of a GPU platform: `import modelyard.components as yard`.

Each name is loaded when it is first used: a program for one cloud loads no SDK of another.
"""

from typing import TYPE_CHECKING

from modelyard.components.common import moved_modules
from modelyard.components.common.lazy import lazy_imports

if TYPE_CHECKING:
    from modelyard.components.aws.identity import AwsWorkloadRole, AwsWorkloadRoleArgs
    from modelyard.components.aws.storage import AwsModelBuckets, AwsModelBucketsArgs
    from modelyard.components.azure.cluster.args import (
        AksApiArgs,
        AksBudgetArgs,
        AksClusterArgs,
        AksClusterReference,
        AksLogin,
        AksMaintenanceArgs,
        AksNetworkArgs,
        AksNodeChannel,
        AksOutbound,
        AksPoolArgs,
        AksUpgradeChannel,
        QuietTimeArgs,
        Weekday,
    )
    from modelyard.components.azure.cluster.component import AksCluster
    from modelyard.components.azure.identity import AzureWorkloadIdentity, AzureWorkloadIdentityArgs
    from modelyard.components.azure.node_pool.args import (
        AksEvictionPolicy,
        AksGpuNodePoolArgs,
        AksNodePoolOptions,
        AksOsSku,
    )
    from modelyard.components.azure.node_pool.component import AksGpuNodePool
    from modelyard.components.azure.storage import AzureModelContainers, AzureModelContainersArgs
    from modelyard.components.common.errors import ArgumentError, ArgumentsError
    from modelyard.components.common.ownership import OwnershipArgs
    from modelyard.components.gpu_node_pool import GpuNodePool, GpuNodePoolArgs
    from modelyard.components.karpenter.args import (
        DisruptionBudgetArgs,
        DisruptionReason,
        KarpenterCloud,
        KarpenterGpuNodePoolArgs,
        KarpenterNodePoolOptions,
    )
    from modelyard.components.karpenter.component import KarpenterGpuNodePool
    from modelyard.components.kubernetes.existing_cluster import ExistingCluster, ExistingClusterArgs
    from modelyard.components.kubernetes.operators.installer import Installer
    from modelyard.components.kubernetes.operators.kube_ray import KubeRay, KubeRayArgs
    from modelyard.components.kubernetes.operators.kueue import Kueue, KueueArgs
    from modelyard.components.kubernetes.queues.platform_queues import (
        FlavorArgs,
        PlatformQueues,
        PlatformQueuesArgs,
        PriorityArgs,
    )
    from modelyard.components.kubernetes.queues.team_queue import TeamQueue, TeamQueueArgs
    from modelyard.components.kubernetes.resources import PodResourcesArgs
    from modelyard.components.kubernetes.volume import VolumeArgs
    from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace, FineTuneWorkspaceArgs
    from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
    from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceArgs
    from modelyard.components.node_pools.args import Driver, PresetTask
    from modelyard.components.node_pools.capabilities import ClusterKind
    from modelyard.components.openshift.args import OpenShiftGpuMachineSetArgs, OpenShiftNodePoolOptions
    from modelyard.components.openshift.cluster_autoscaler import (
        OpenShiftClusterAutoscaler,
        OpenShiftClusterAutoscalerArgs,
    )
    from modelyard.components.openshift.component import OpenShiftGpuMachineSet
    from modelyard.components.rosa.cluster.args import (
        RosaBudgetArgs,
        RosaChannelGroup,
        RosaClaimsArgs,
        RosaClusterArgs,
        RosaClusterReference,
        RosaIdentityProviderArgs,
        RosaOpenIdArgs,
        RosaSubnetArgs,
        RosaUserArgs,
    )
    from modelyard.components.rosa.cluster.component import RosaCluster
    from modelyard.components.rosa.machine_pool.args import RosaGpuMachinePoolArgs, RosaNodePoolOptions
    from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool

__all__ = [
    "AksApiArgs",
    "AksBudgetArgs",
    "AksCluster",
    "AksClusterArgs",
    "AksClusterReference",
    "AksEvictionPolicy",
    "AksGpuNodePool",
    "AksGpuNodePoolArgs",
    "AksLogin",
    "AksMaintenanceArgs",
    "AksNetworkArgs",
    "AksNodeChannel",
    "AksNodePoolOptions",
    "AksOsSku",
    "AksOutbound",
    "AksPoolArgs",
    "AksUpgradeChannel",
    "ArgumentError",
    "ArgumentsError",
    "AwsModelBuckets",
    "AwsModelBucketsArgs",
    "AwsWorkloadRole",
    "AwsWorkloadRoleArgs",
    "AzureModelContainers",
    "AzureModelContainersArgs",
    "AzureWorkloadIdentity",
    "AzureWorkloadIdentityArgs",
    "ClusterKind",
    "DisruptionBudgetArgs",
    "DisruptionReason",
    "Driver",
    "ExistingCluster",
    "ExistingClusterArgs",
    "FineTuneWorkspace",
    "FineTuneWorkspaceArgs",
    "FlavorArgs",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "Installer",
    "KarpenterCloud",
    "KarpenterGpuNodePool",
    "KarpenterGpuNodePoolArgs",
    "KarpenterNodePoolOptions",
    "KubeRay",
    "KubeRayArgs",
    "Kueue",
    "KueueArgs",
    "OpenShiftClusterAutoscaler",
    "OpenShiftClusterAutoscalerArgs",
    "OpenShiftGpuMachineSet",
    "OpenShiftGpuMachineSetArgs",
    "OpenShiftNodePoolOptions",
    "OwnershipArgs",
    "PlatformQueues",
    "PlatformQueuesArgs",
    "PodResourcesArgs",
    "PresetTask",
    "PriorityArgs",
    "QuietTimeArgs",
    "RosaBudgetArgs",
    "RosaChannelGroup",
    "RosaClaimsArgs",
    "RosaCluster",
    "RosaClusterArgs",
    "RosaClusterReference",
    "RosaGpuMachinePool",
    "RosaGpuMachinePoolArgs",
    "RosaIdentityProviderArgs",
    "RosaNodePoolOptions",
    "RosaOpenIdArgs",
    "RosaSubnetArgs",
    "RosaUserArgs",
    "ServeWorkspace",
    "ServeWorkspaceArgs",
    "TeamQueue",
    "TeamQueueArgs",
    "VolumeArgs",
    "Weekday",
    "WorkspaceIdentityArgs",
]

if not TYPE_CHECKING:  # a type checker would take any name from a module with __getattr__
    __getattr__ = lazy_imports(__name__, __file__)

    def __dir__() -> list[str]:
        return __all__


moved_modules.install()
