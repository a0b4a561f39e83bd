"""Which part of the platform a planned resource belongs to."""

import pytest

from simulator.preview.groups import Group, find_group


@pytest.mark.parametrize(
    ("qualified", "group"),
    [
        ("modelyard:index:AksCluster$azure-native:containerservice:ManagedCluster", Group.CLUSTER),
        ("modelyard:index:AksCluster$azure-native:containerregistry:Registry", Group.STORAGE),
        ("modelyard:index:AksCluster$azure-native:authorization:RoleAssignment", Group.IDENTITIES),
        ("modelyard:index:AksCluster$azure-native:containerservice:AgentPool", Group.POOLS),
        (
            "modelyard:index:GpuNodePool$modelyard:index:OpenShiftGpuMachineSet$kubernetes:machine.openshift.io/v1beta1:"
            "MachineSet",
            Group.POOLS,
        ),
        ("modelyard:index:RosaCluster$aws:iam/role:Role", Group.IDENTITIES),
        ("modelyard:index:RosaCluster$aws:ec2/vpc:Vpc", Group.CLUSTER),
        ("modelyard:index:RosaCluster$pulumi-python:dynamic/rosa:HcpNodePoolReady", Group.POOLS),
        ("modelyard:index:Kueue$kubernetes:helm.sh/v3:Release", Group.OPERATORS),
        ("modelyard:index:PlatformQueues$kubernetes:kueue.x-k8s.io/v1beta2:ResourceFlavor", Group.TEAMS),
        ("modelyard:index:ServeWorkspace$kubernetes:core/v1:Secret", Group.WORKSPACES),
        ("kubernetes:core/v1:ConfigMap", Group.CLUSTER),
    ],
)
def test_own_type_counts_first_and_the_outermost_component_next(qualified, group):
    assert find_group(qualified) is group
