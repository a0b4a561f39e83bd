"""Identities: what a workspace's pods may do in the cloud, without any key.

Each is loaded when it is first asked for: a program for one cloud loads no SDK of another.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.components.identities.aws_workload_role import AwsWorkloadRole, AwsWorkloadRoleArgs
    from modelyard.components.identities.azure_workload_identity import AzureWorkloadIdentity, AzureWorkloadIdentityArgs

_MODULES = {"AwsWorkloadRole": "aws_workload_role", "AzureWorkloadIdentity": "azure_workload_identity"}
"""Where each component, and the type of its arguments, is defined."""

__all__ = ["AwsWorkloadRole", "AwsWorkloadRoleArgs", "AzureWorkloadIdentity", "AzureWorkloadIdentityArgs"]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name.removesuffix("Args"))
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
