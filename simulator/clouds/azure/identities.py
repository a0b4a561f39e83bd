"""Azure's identities and permissions: managed identities, federated credentials, role assignments, budgets."""

import re
from typing import Any

from simulator.clouds.account import uuid_of
from simulator.clouds.azure.arm import GROUP, arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject

_IDENTITY = GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
_MOST_CREDENTIALS = 20


def identity_outputs(subject: Subject) -> dict[str, Any]:
    """Client, principal and tenant of a managed identity."""
    return {
        "clientId": uuid_of(subject.identifier, "client"),
        "principalId": uuid_of(subject.identifier, "principal"),
        "tenantId": subject.place.tenant,
    }


def credential_rules(subject: Subject) -> None:
    """At most 20 credentials an identity, and none twice for the same issuer and subject."""
    parent = subject.identifier.rpartition("/federatedIdentityCredentials/")[0]
    others = [one for one in subject.cloud.below(parent) if one["id"].lower() != subject.identifier.lower()]
    if len(others) >= _MOST_CREDENTIALS:
        raise CloudError(
            "TooManyFederatedIdentityCredentials", f"{parent} has {_MOST_CREDENTIALS} already, which is all"
        )
    wanted = (subject.inputs.get("issuer"), subject.inputs.get("subject"))
    for one in others:
        if (one["inputs"].get("issuer"), one["inputs"].get("subject")) == wanted:
            raise CloudError("Conflict", f"issuer and subject of {subject.name} are those of {one['name']} already")


def assignment_rules(subject: Subject) -> None:
    """A role assignment's name is a UUID, and the same one is not made twice."""
    name = str(subject.inputs["roleAssignmentName"])
    if not _UUID.fullmatch(name):
        raise CloudError("InvalidRoleAssignmentId", f"the role assignment ID '{name}' is not valid; it must be a GUID")
    keys = ("principalId", "roleDefinitionId", "scope")
    for one in subject.cloud.of_type(subject.token):
        is_other = one["id"].lower() != subject.identifier.lower()
        if is_other and all(one["inputs"].get(key) == subject.inputs.get(key) for key in keys):
            raise CloudError("RoleAssignmentExists", f"the role assignment already exists: {one['id']}")


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
