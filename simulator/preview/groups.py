"""Parts of the platform, by which a plan is grouped.

The type of a resource decides where it is specific (a role is an identity in every component), else the component,
which its URN names.
"""

import enum
from fnmatch import fnmatchcase


class Group(enum.Enum):
    """Part of the platform, in the order of the output."""

    CLUSTER = "cluster"
    POOLS = "pools"
    STORAGE = "storage"
    IDENTITIES = "identities"
    OPERATORS = "operators"
    TEAMS = "teams"
    WORKSPACES = "workspaces"


#: Group by a pattern of the resource's type; the first that fits counts.
_BY_TYPE = (
    ("azure-native:storage:*", Group.STORAGE),
    ("azure-native:containerregistry:*", Group.STORAGE),
    ("azure-native:keyvault:*", Group.STORAGE),
    ("aws:s3/*", Group.STORAGE),
    ("aws:ecr/*", Group.STORAGE),
    ("aws:kms/*", Group.STORAGE),
    ("azure-native:managedidentity:*", Group.IDENTITIES),
    ("azure-native:authorization:*", Group.IDENTITIES),
    ("aws:iam/*", Group.IDENTITIES),
    ("pulumi-python:dynamic/rosa:*Oidc*", Group.IDENTITIES),
    ("pulumi-python:dynamic/rosa:IdentityProvider", Group.IDENTITIES),
    ("azure-native:containerservice:AgentPool", Group.POOLS),
    ("pulumi-python:dynamic/aks:PoolDrain", Group.POOLS),
    ("pulumi-python:dynamic/rosa:HcpNodePool*", Group.POOLS),
    ("pulumi-python:dynamic/rosa:TuningConfig", Group.POOLS),
    ("pulumi-python:dynamic/rosa:KubeletConfig", Group.POOLS),
)

#: Group by a pattern of NAME in the outermost component's type `modelyard:index:NAME`; the first that fits counts.
_BY_COMPONENT = (
    ("*NodePool", Group.POOLS),
    ("*MachinePool", Group.POOLS),
    ("*MachineSet", Group.POOLS),
    ("OpenShiftClusterAutoscaler", Group.POOLS),
    ("*Buckets", Group.STORAGE),
    ("*Containers", Group.STORAGE),
    ("*Identity", Group.IDENTITIES),
    ("*Role", Group.IDENTITIES),
    ("KubeRay", Group.OPERATORS),
    ("Kueue", Group.OPERATORS),
    ("PlatformQueues", Group.TEAMS),
    ("TeamQueue", Group.TEAMS),
    ("*Workspace", Group.WORKSPACES),
)


def find_group(qualified_type: str) -> Group:
    """Find the group of a resource by the type in its URN, such as `modelyard:index:Kueue$kubernetes:core/v1:Secret`.

    A resource that fits no pattern belongs to the cluster.
    """
    *components, own = qualified_type.split("$")
    for pattern, group in _BY_TYPE:
        if fnmatchcase(own, pattern):
            return group
    for component in components[:1]:
        for pattern, group in _BY_COMPONENT:
            if fnmatchcase(component.rpartition(":")[2], pattern):
                return group
    return Group.CLUSTER
