"""What the component package `modelyard` holds."""

import pulumi
from modelyard.components.clusters.aks_cluster import AksCluster
from modelyard.components.clusters.existing_cluster import ExistingCluster
from modelyard.components.clusters.rosa_cluster import RosaCluster
from modelyard.components.identities.aws_workload_role import AwsWorkloadRole
from modelyard.components.identities.azure_workload_identity import AzureWorkloadIdentity
from modelyard.components.node_pools.aks_gpu_node_pool import AksGpuNodePool
from modelyard.components.node_pools.gpu_node_pool import GpuNodePool
from modelyard.components.node_pools.karpenter_gpu_node_pool import KarpenterGpuNodePool
from modelyard.components.node_pools.openshift_gpu_machine_set import (
    OpenShiftClusterAutoscaler,
    OpenShiftGpuMachineSet,
)
from modelyard.components.node_pools.rosa_gpu_machine_pool import RosaGpuMachinePool
from modelyard.components.operators.kube_ray import KubeRay
from modelyard.components.operators.kueue import Kueue
from modelyard.components.queues.platform_queues import PlatformQueues
from modelyard.components.queues.team_queue import TeamQueue
from modelyard.components.storage.aws_model_buckets import AwsModelBuckets
from modelyard.components.storage.azure_model_containers import AzureModelContainers
from modelyard.components.workspaces.fine_tune import FineTuneWorkspace
from modelyard.components.workspaces.serve import ServeWorkspace

NAME = "modelyard"
VERSION = "0.1.0"

COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (
    AksCluster,
    AksGpuNodePool,
    AwsModelBuckets,
    AwsWorkloadRole,
    AzureModelContainers,
    AzureWorkloadIdentity,
    ExistingCluster,
    FineTuneWorkspace,
    GpuNodePool,
    KarpenterGpuNodePool,
    KubeRay,
    Kueue,
    OpenShiftClusterAutoscaler,
    OpenShiftGpuMachineSet,
    PlatformQueues,
    RosaCluster,
    RosaGpuMachinePool,
    ServeWorkspace,
    TeamQueue,
)
"""All of them, each under the token `modelyard:index:<class name>`."""
