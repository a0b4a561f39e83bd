"""Azure's identities and permissions: managed identities, federated credentials, role assignments, budgets."""

import re
from typing import Any

from simulator.clouds.account import make_uuid
from simulator.clouds.azure.arm import GROUP, arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject

_IDENTITY = GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
_MOST_CREDENTIALS = 20


def identity_outputs(subject: Subject) -> dict[str, Any]:
    """Return client, principal and tenant of a managed identity."""
    return {
        "clientId": make_uuid(subject.identifier, "client"),
        "principalId": make_uuid(subject.identifier, "principal"),
        "tenantId": subject.scope.tenant,
    }


def credential_rules(subject: Subject) -> None:
    """Check that an identity has at most 20 credentials, each with another issuer or subject."""
    parent = subject.identifier.rpartition("/federatedIdentityCredentials/")[0]
    others = [other for other in subject.cloud.below(parent) if other["id"].lower() != subject.identifier.lower()]
    if len(others) >= _MOST_CREDENTIALS:
        raise CloudError(
            "TooManyFederatedIdentityCredentials", f"{parent} has {_MOST_CREDENTIALS} credentials, the most allowed"
        )
    pair = (subject.inputs.get("issuer"), subject.inputs.get("subject"))
    for other in others:
        if (other["inputs"].get("issuer"), other["inputs"].get("subject")) == pair:
            raise CloudError("Conflict", f"{subject.name} has the issuer and subject of {other['name']}")


def assignment_rules(subject: Subject) -> None:
    """Check that a role assignment's name is a UUID, and that no other assignment is the same."""
    name = str(subject.inputs["roleAssignmentName"])
    if not _UUID.fullmatch(name):
        raise CloudError("InvalidRoleAssignmentId", f"the role assignment ID '{name}' is not valid; it must be a GUID")
    keys = ("principalId", "roleDefinitionId", "scope")
    for record in subject.cloud.of_type(subject.token):
        is_other = record["id"].lower() != subject.identifier.lower()
        if is_other and all(record["inputs"].get(key) == subject.inputs.get(key) for key in keys):
            raise CloudError("RoleAssignmentExists", f"the role assignment already exists: {record['id']}")


TYPES = (
    arm_type("managedidentity:UserAssignedIdentity", _IDENTITY, computed=identity_outputs, seconds=3),
    arm_type(
        "managedidentity:FederatedIdentityCredential",
        _IDENTITY + "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
        rules=(credential_rules,),
        # Azure refuses concurrent writes under one identity (409 ConcurrentFederatedIdentityCredentialsWritesForSingle-
        # ManagedIdentity; same page).
        excludes=lambda subject: subject.identifier.rpartition("/federatedIdentityCredentials/")[0],
        has_location=False,
    ),
    arm_type(
        "authorization:RoleAssignment",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        replace_on=("principalId", "roleDefinitionId", "principalType", "delegatedManagedIdentityResourceId"),
        rules=(assignment_rules,),
        has_location=False,
    ),
    arm_type("consumption:Budget", "/{scope}/providers/Microsoft.Consumption/budgets/{budgetName}", has_location=False),
    arm_type(
        "costmanagement:Budget", "/{scope}/providers/Microsoft.CostManagement/budgets/{budgetName}", has_location=False
    ),
)
