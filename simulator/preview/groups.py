"""What belongs together in a plan, for a person who reads it from top to bottom.

A resource goes by its own type where that says enough (a role is an identity wherever it is made), else by the
component that makes it, which stands in its URN.
"""

import enum
from fnmatch import fnmatchcase


class Group(enum.Enum):
    """A part of the platform, in the order in which it is shown."""

    CLUSTER = "cluster"
    POOLS = "pools"
    STORAGE = "storage"
    IDENTITIES = "identities"
    OPERATORS = "operators"
    TEAMS = "teams"
    WORKSPACES = "workspaces"


#: By the resource's own type; patterns, the first that fits.
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

#: By the outermost component, whose type is `modelyard:index:NAME`; patterns of NAME, the first that fits.
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


def group_of(qualified_type: str) -> Group:
    """The group of a resource by the type of its URN, such as `modelyard:index:TeamQueue$kubernetes:core/v1:Namespace`.

    What nothing says otherwise about belongs to the cluster.
    """
    *around, own = qualified_type.split("$")
    for pattern, group in _BY_TYPE:
        if fnmatchcase(own, pattern):
            return group
    for component in around[:1]:
        for pattern, group in _BY_COMPONENT:
            if fnmatchcase(component.rpartition(":")[2], pattern):
                return group
    return Group.CLUSTER
