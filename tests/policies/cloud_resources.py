"""Resources of clouds that keep every rule, as a program registers them; tests change one thing in a copy."""

import json
from typing import Any

from modelyard.policies.rules import RESOURCE_RULES

from tests.policies.manifests import Body

AGENT_POOL = "azure-native:containerservice:AgentPool"
MANAGED_CLUSTER = "azure-native:containerservice:ManagedCluster"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
BLOB_CONTAINER = "azure-native:storage:BlobContainer"
REGISTRY = "azure-native:containerregistry:Registry"
VAULT = "azure-native:keyvault:Vault"
WORKSPACE = "azure-native:operationalinsights:Workspace"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
AZURE_BUDGET = "azure-native:consumption:Budget"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
HCP_CLUSTER = "pulumi-python:dynamic/rosa:HcpCluster"
HCP_POOL = "pulumi-python:dynamic/rosa:HcpNodePool"
MACHINE_SET = "kubernetes:machine.openshift.io/v1beta1:MachineSet"
MACHINE_AUTOSCALER = "kubernetes:autoscaling.openshift.io/v1beta1:MachineAutoscaler"
KARPENTER_POOL = "kubernetes:karpenter.sh/v1:NodePool"
BUCKET = "aws:s3/bucket:Bucket"
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

CLOUD_STACK_RULES = {"no-spot-serving", "bucket-settings", "cluster-logs", "budget-alert"}
_POOLS = {"gpu-pool-taint", "machine-types", "pool-maximum"}
CLOUD_RULES = {
    rule.name
    for rule in RESOURCE_RULES
    if rule.name in _POOLS or any(":" in group or group == "rosa" for group, _ in rule.kinds)
}
"""Names of the rules that look at clouds."""

TAGS = {"owner": "platform-team", "team": "platform", "cost-center": "cc-1", "env": "dev"}
TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
ISSUER = "oidc.example.com/abc"


def trust(subject: str = "system:serviceaccount:team-a:trainer", **statement: Any) -> str:
    """A trust policy for one service account."""
    defaults = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": {f"{ISSUER}:sub": subject}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**defaults, **statement}]})


def policy(actions: Any = "s3:GetObject", resources: Any = "*") -> str:
    """A policy with one statement."""
    return json.dumps({"Statement": {"Effect": "Allow", "Action": actions, "Resource": resources}})


GOOD: dict[str, Body] = {
    AGENT_POOL: {
        "vmSize": "Standard_NC24ads_A100_v4",
        "nodeTaints": ["nvidia.com/gpu=present:NoSchedule"],
        "nodeLabels": {"modelyard.dev/pool": "a100"},
        "enableAutoScaling": True,
        "count": 0,
        "minCount": 0,
        "maxCount": 4,
        "enableEncryptionAtHost": True,
        "enableNodePublicIP": False,
        "scaleSetPriority": "Regular",
        "tags": TAGS,
    },
    MANAGED_CLUSTER: {
        "resourceName": "gpu-dev",
        "disableLocalAccounts": True,
        "aadProfile": {"managed": True},
        "oidcIssuerProfile": {"enabled": True},
        "securityProfile": {"workloadIdentity": {"enabled": True}},
        "apiServerAccessProfile": {"enablePrivateCluster": True},
        "networkProfile": {"networkPolicy": "cilium"},
        "tags": TAGS,
    },
    STORAGE_ACCOUNT: {
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "enableHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "tags": TAGS,
    },
    BLOB_CONTAINER: {"containerName": "models", "publicAccess": "None"},
    REGISTRY: {"adminUserEnabled": False, "anonymousPullEnabled": False, "tags": TAGS},
    VAULT: {"properties": {"enableRbacAuthorization": True, "enablePurgeProtection": True}, "tags": TAGS},
    WORKSPACE: {"retentionInDays": 30, "tags": TAGS},
    CREDENTIAL: {"subject": "system:serviceaccount:team-a:trainer"},
    ASSIGNMENT: {"roleDefinitionId": "/subscriptions/s/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"},
    HCP_CLUSTER: {"api": {"listening": "internal"}, "aws": {"tags": TAGS}},
    HCP_POOL: {
        "aws_node_pool": {"instance_type": "p5.48xlarge", "ec2_metadata_http_tokens": "required", "tags": TAGS},
        "taints": [TAINT],
        "autoscaling": {"min_replica": 0, "max_replica": 2},
    },
    MACHINE_SET: {
        "metadata": {"name": "gpu-l4"},
        "spec": {
            "template": {
                "spec": {
                    "taints": [TAINT],
                    "metadata": {"labels": {"modelyard.dev/pool": "gpu-l4"}},
                    "providerSpec": {"value": {"instanceType": "g6.4xlarge"}},
                }
            }
        },
    },
    MACHINE_AUTOSCALER: {"metadata": {"name": "gpu-l4"}, "spec": {"minReplicas": 0, "maxReplicas": 4}},
    KARPENTER_POOL: {
        "metadata": {"name": "gpu-l4"},
        "spec": {
            "limits": {"nvidia.com/gpu": "4"},
            "template": {
                "spec": {
                    "taints": [TAINT],
                    "requirements": [
                        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g6.4xlarge"]},
                        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
                    ],
                }
            },
        },
    },
    BUCKET: {"bucket": "models", "tags": TAGS},
    PUBLIC_ACCESS: {
        "bucket": "models",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    ROLE: {"assumeRolePolicy": trust(), "tags": TAGS},
    POLICY: {"policy": policy()},
    ATTACHMENT: {"policyArn": "arn:aws:iam::aws:policy/service-role/ROSAWorkerInstancePolicy"},
    LOG_GROUP: {"retentionInDays": 90},
}
"""One of each, in development."""
