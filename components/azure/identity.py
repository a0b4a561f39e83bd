"""What a workspace's pods may do in Azure, without a key: their service account stands for an identity of Azure.

The cluster's issuer signs the pod's token, Azure trusts it for exactly one service account, and the identity has one
role on one container (AKS, workload identity overview).
"""

import re
from typing import NotRequired

import pulumi
from modelyard.components.azure import naming
from modelyard.components.azure.role import AzureRole, assign
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from typing_extensions import TypedDict

AUDIENCE = "api://AzureADTokenExchange"
"""Audience of tokens that Entra takes in exchange (AKS, workload identity)."""

POD_LABEL = {"azure.workload.identity/use": "true"}
"""Pods with this label get the token; others of the same service account do not."""

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class AzureWorkloadIdentityArgs(TypedDict):
    """A service account, and the container that it may use."""

    ownership: OwnershipArgs
    """Whose it is; the team is also the namespace."""
    resource_group: pulumi.Input[str]
    """Where the identity is made."""
    location: str
    """Region of the identity."""
    oidc_issuer: pulumi.Input[str]
    """The cluster's: `AksCluster.oidc_issuer`."""
    service_account: str
    """Name of the service account in the team's namespace."""
    container: pulumi.Input[str]
    """Id of the one container."""
    identity_name: NotRequired[str]
    """Name in Azure. Default: the component's. Give the old one when the component is renamed."""
    read_only: NotRequired[bool]
    """Servers read models; trainers write checkpoints. Default false."""
    read_containers: NotRequired[list[pulumi.Input[str]]]
    """Ids of further containers that it may read: that of the models, beside a trainer's checkpoints."""


class AzureWorkloadIdentity(Component):
    """An identity, the trust in one service account, and its roles on containers."""

    client_id: pulumi.Output[str]
    """Belongs onto the service account, as annotation `azure.workload.identity/client-id`."""
    annotations: pulumi.Output[dict[str, str]]
    """That annotation."""

    def __init__(self, name: str, args: AzureWorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        whose = parse_ownership(args["ownership"])
        account = args["service_account"]
        for argument, value in (("ownership.team", whose.team), ("service_account", account)):
            if not _DNS_LABEL.fullmatch(value):
                rule = "is a DNS label: lower-case letters, digits and '-', at most 63"
                raise ArgumentError(name, argument, value, rule, "Kubernetes, RFC 1123 labels")
        identity_name = naming.IDENTITY.checked(name, "identity_name", args.get("identity_name", name))
        super().__init__("modelyard:index:AzureWorkloadIdentity", name, None, opts)
        # Imported here: programs on other clouds do without.
        from pulumi_azure_native import managedidentity  # noqa: PLC0415

        identity = managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=args["resource_group"],
            location=args["location"],
            resource_name_=identity_name,
            tags=whose.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        managedidentity.FederatedIdentityCredential(
            f"{name}-trust",
            resource_group_name=args["resource_group"],
            resource_name_=identity.name,
            federated_identity_credential_resource_name=f"{whose.team}-{account}"[:120],
            issuer=args["oidc_issuer"],
            subject=f"system:serviceaccount:{whose.team}:{account}",
            audiences=[AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self, deleted_with=identity),
        )
        reads = bool(args.get("read_only", False))
        assign(
            f"{name}-container",
            AzureRole.BLOB_DATA_READER if reads else AzureRole.BLOB_DATA_CONTRIBUTOR,
            scope=args["container"],
            principal=identity.principal_id,
            parent=self,
            key=f"{whose.environment}/{whose.team}/{identity_name}",
        )
        for at, container in enumerate(args.get("read_containers", [])):
            assign(
                f"{name}-reads-{at}",
                AzureRole.BLOB_DATA_READER,
                scope=container,
                principal=identity.principal_id,
                parent=self,
                key=f"{whose.environment}/{whose.team}/{identity_name}/reads-{at}",
            )
        self.client_id = identity.client_id
        self.annotations = identity.client_id.apply(lambda one: {"azure.workload.identity/client-id": one})
        self.register_outputs({"client_id": self.client_id, "annotations": self.annotations})
