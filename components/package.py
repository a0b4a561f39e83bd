"""What the component package `modelyard` holds."""

import pulumi
from modelyard.components.aws.identity import AwsWorkloadRole
from modelyard.components.aws.storage import AwsModelBuckets
from modelyard.components.azure.cluster.component import AksCluster
from modelyard.components.azure.identity import AzureWorkloadIdentity
from modelyard.components.azure.node_pool.component import AksGpuNodePool
from modelyard.components.azure.storage import AzureModelContainers
from modelyard.components.gpu_node_pool import GpuNodePool
from modelyard.components.karpenter.component import KarpenterGpuNodePool
from modelyard.components.kubernetes.existing_cluster import ExistingCluster
from modelyard.components.kubernetes.operators.kube_ray import KubeRay
from modelyard.components.kubernetes.operators.kueue import Kueue
from modelyard.components.kubernetes.queues.platform_queues import PlatformQueues
from modelyard.components.kubernetes.queues.team_queue import TeamQueue
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace
from modelyard.components.openshift.cluster_autoscaler import OpenShiftClusterAutoscaler
from modelyard.components.openshift.component import OpenShiftGpuMachineSet
from modelyard.components.rosa.cluster.component import RosaCluster
from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool

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
