"""Rights in Azure: built-in roles, their assignment, and identities of workloads without a key.

The cluster's issuer signs a pod's token, Azure trusts it for exactly one service account, and the identity behind it
has a role on one container (AKS, workload identity overview).
"""

import enum
import re
import uuid
from typing import NotRequired

import pulumi
from modelyard.components.azure import naming
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from pulumi_azure_native import authorization, managedidentity
from typing_extensions import TypedDict

AUDIENCE = "api://AzureADTokenExchange"
"""Audience of tokens that Entra exchanges (AKS, workload identity)."""

CLIENT_ID_ANNOTATION = "azure.workload.identity/client-id"
"""Annotation of a service account that names its identity (AKS, workload identity)."""

POD_LABEL = {"azure.workload.identity/use": "true"}
"""Label of pods that get the token; other pods of the same service account get none (AKS, workload identity)."""

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

_ASSIGNMENTS = uuid.UUID("6f2b1c6e-4f0a-5d3e-9a51-1f0f6f8f3c11")
"""Namespace of the names of role assignments. Another one would replace all of them."""


class AzureRole(enum.Enum):
    """Built-in roles that this library assigns (Azure, built-in roles)."""

    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"


def assign_role(
    name: str,
    role: AzureRole,
    *,
    scope: pulumi.Input[str],
    principal: pulumi.Input[str],
    parent: pulumi.Resource,
    key: str,
    deleted_with: pulumi.Resource | None = None,
) -> authorization.RoleAssignment:
    """Register the assignment of a role to an identity.

    Args:
        name: of the resource in the stack.
        role: the role.
        scope: id of the Azure resource on which the role holds.
        principal: object id of the identity.
        parent: component that registers it.
        key: plain text made of names in Azure that distinguishes this assignment from all others, so that it stays
            when the component is renamed.
        deleted_with: the scope, where it is deleted together with its assignments.
    """
    return authorization.RoleAssignment(
        name,
        # An assignment's name is a GUID. A fixed one makes a creation that was cut off repeatable: the second attempt
        # writes the same assignment, where a random one would be refused as its duplicate.
        role_assignment_name=str(uuid.uuid5(_ASSIGNMENTS, f"{key}/{role.name}")),
        principal_id=principal,
        # Without it Azure looks a fresh identity up before all its replicas know it.
        principal_type="ServicePrincipal",
        role_definition_id=pulumi.Output.from_input(scope).apply(lambda resource: role_definition_id(resource, role)),
        scope=scope,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True, deleted_with=deleted_with),
    )


def role_definition_id(scope: str, role: AzureRole) -> str:
    """Return the id of the role's definition in the subscription of `scope`.

    Raises:
        ValueError: `scope` is not the id of an Azure resource.
    """
    parts = scope.split("/")
    if len(parts) < 3 or parts[1].lower() != "subscriptions":
        raise ValueError(f"{scope!r} must be the id of an Azure resource: /subscriptions/<id>/…")
    return f"/subscriptions/{parts[2]}/providers/Microsoft.Authorization/roleDefinitions/{role.value}"


class AzureWorkloadIdentityArgs(TypedDict):
    """Service account of a workload, and the containers that it may use."""

    ownership: OwnershipArgs
    """Owner of the identity; the team is also the namespace of the service account."""
    resource_group: pulumi.Input[str]
    """Resource group of the identity."""
    location: str
    """Region of the identity."""
    oidc_issuer: pulumi.Input[str]
    """Issuer of the cluster's tokens: `AksCluster.oidc_issuer`."""
    service_account: str
    """Name of the service account in the team's namespace."""
    container: pulumi.Input[str]
    """Id of the container that it may use."""
    identity_name: NotRequired[str]
    """Name in Azure. Default: the component's. Give the old one when the component is renamed."""
    read_only: NotRequired[bool]
    """Servers read models; trainers write checkpoints. Default false."""
    read_containers: NotRequired[list[pulumi.Input[str]]]
    """Ids of further containers that it may read, such as that of the models for a trainer."""


class AzureWorkloadIdentity(Component):
    """Managed identity, its trust in one service account, and its roles on containers."""

    client_id: pulumi.Output[str]
    """Client id for the annotation `azure.workload.identity/client-id` of the service account."""
    annotations: pulumi.Output[dict[str, str]]
    """Annotations of the service account."""

    def __init__(self, name: str, args: AzureWorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        owner = parse_ownership(args["ownership"])
        account = args["service_account"]
        for argument, value in (("ownership.team", owner.team), ("service_account", account)):
            if not _DNS_LABEL.fullmatch(value):
                rule = "must be a DNS label: at most 63 lower-case letters, digits and '-'"
                raise ArgumentError(name, argument, value, rule, "Kubernetes, RFC 1123 labels")
        identity_name = naming.IDENTITY.validate(name, "identity_name", args.get("identity_name", name))
        super().__init__("modelyard:index:AzureWorkloadIdentity", name, None, opts)
        identity = managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=args["resource_group"],
            location=args["location"],
            resource_name_=identity_name,
            tags=owner.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        managedidentity.FederatedIdentityCredential(
            f"{name}-trust",
            resource_group_name=args["resource_group"],
            resource_name_=identity.name,
            federated_identity_credential_resource_name=f"{owner.team}-{account}"[:120],
            issuer=args["oidc_issuer"],
            subject=f"system:serviceaccount:{owner.team}:{account}",
            audiences=[AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self, deleted_with=identity),
        )
        key = f"{owner.environment}/{owner.team}/{identity_name}"
        own_role = AzureRole.BLOB_DATA_READER if args.get("read_only", False) else AzureRole.BLOB_DATA_CONTRIBUTOR
        grants = [("container", own_role, args["container"], key)]
        for index, container in enumerate(args.get("read_containers", [])):
            grants.append((f"reads-{index}", AzureRole.BLOB_DATA_READER, container, f"{key}/reads-{index}"))
        for suffix, role, scope, assignment_key in grants:
            assign_role(
                f"{name}-{suffix}",
                role,
                scope=scope,
                principal=identity.principal_id,
                parent=self,
                key=assignment_key,
            )
        self.client_id = identity.client_id
        self.annotations = identity.client_id.apply(lambda client_id: {CLIENT_ID_ANNOTATION: client_id})
        self.register_outputs({"client_id": self.client_id, "annotations": self.annotations})

    def workspace_identity(self) -> WorkspaceIdentityArgs:
        """Return the argument `identity` of the workspace whose pods have this identity."""
        return {"annotations": {CLIENT_ID_ANNOTATION: self.client_id}, "pod_labels": dict(POD_LABEL)}
