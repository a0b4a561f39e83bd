"""Rights on Azure's resources: built-in roles, and their assignment under names that are the same at every run."""

import enum
import uuid

import pulumi

_NAMESPACE = uuid.UUID("6f2b1c6e-4f0a-5d3e-9a51-1f0f6f8f3c11")


class AzureRole(enum.Enum):
    """Built-in roles that this library gives (Azure, built-in roles)."""

    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    AKS_CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
    """Azure Kubernetes Service RBAC Cluster Admin."""
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"


def assign(
    name: str,
    role: AzureRole,
    *,
    scope: pulumi.Input[str],
    principal: pulumi.Input[str],
    parent: pulumi.Resource,
    key: str,
    principal_type: str = "ServicePrincipal",
    deleted_with: pulumi.Resource | None = None,
) -> pulumi.Resource:
    """Gives `principal` the role on `scope`.

    Args:
        name: of the resource in the stack.
        role: what it may do.
        scope: id of the resource on which.
        principal: object id of an identity or group.
        parent: component that registers it.
        key: tells this assignment from all others, and stays when the component is renamed; plain. Of names in Azure.
        principal_type: named, because Azure otherwise looks a fresh identity up before all its replicas know it.
        deleted_with: where the scope goes, its assignments go.
    """
    from pulumi_azure_native import authorization  # noqa: PLC0415 - only programs on Azure load it

    return authorization.RoleAssignment(
        name,
        # An assignment's name is a GUID. A fixed one makes a creation that was cut off repeatable: the second attempt
        # writes the same assignment, where a random one would be refused as its duplicate.
        role_assignment_name=str(uuid.uuid5(_NAMESPACE, f"{key}/{role.name}")),
        principal_id=principal,
        principal_type=principal_type,
        role_definition_id=pulumi.Output.from_input(scope).apply(lambda one: definition(one, role)),
        scope=scope,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True, deleted_with=deleted_with),
    )


def definition(scope: str, role: AzureRole) -> str:
    """Id of the role's definition in the subscription that `scope` lies in.

    Raises:
        ValueError: `scope` is not the id of something in a subscription.
    """
    parts = scope.split("/")
    if len(parts) < 3 or parts[1].lower() != "subscriptions":
        raise ValueError(f"{scope!r} is not the id of an Azure resource: /subscriptions/<id>/…")
    return f"/subscriptions/{parts[2]}/providers/Microsoft.Authorization/roleDefinitions/{role.value}"
