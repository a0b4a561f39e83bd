"""Identities: what a workspace's pods may do in the cloud, without any key.

Each is loaded when it is first asked for: a program for one cloud loads no SDK of another.
"""

from typing import TYPE_CHECKING

from modelyard.components.on_demand import loader

if TYPE_CHECKING:
    from modelyard.components.identities.aws_workload_role import AwsWorkloadRole, AwsWorkloadRoleArgs
    from modelyard.components.identities.azure_workload_identity import AzureWorkloadIdentity, AzureWorkloadIdentityArgs

_MODULES = {"AwsWorkloadRole": "aws_workload_role", "AzureWorkloadIdentity": "azure_workload_identity"}
"""Where each component, and the type of its arguments, is defined."""

__all__ = ["AwsWorkloadRole", "AwsWorkloadRoleArgs", "AzureWorkloadIdentity", "AzureWorkloadIdentityArgs"]

__getattr__ = loader(__name__, _MODULES)
