"""Services beside an AKS cluster: registry, key vault, local disks, a budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
from modelyard.components.azure.cluster.args import AksBudgetArgs
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.spec import AksClusterSpec
from modelyard.components.azure.identity import AzureRole, assign_role
from modelyard.components.azure.naming import node_resource_group, unique_name
from modelyard.components.common.change import replaced_properties
from pulumi_azure_native import (
    consumption,
    containerregistry,
    containerservice,
    keyvault,
    kubernetesconfiguration,
)


class _SharedArgs(TypedDict):
    resource_group_name: pulumi.Input[str]
    location: str
    tags: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ServiceContext:
    """Values that all services of a cluster share."""

    name: str
    """Prefix of the resources' names in the stack: the component's name."""
    spec: AksClusterSpec
    group: pulumi.Input[str]
    """Name of the resource group."""
    parent: pulumi.Resource

    def child_options(self, *, protect: bool = False, ignore_changes: Sequence[str] = ()) -> pulumi.ResourceOptions:
        """Return the options of a child; one that is protected also stays in Azure when it leaves the stack."""
        return pulumi.ResourceOptions(
            parent=self.parent, protect=protect, retain_on_delete=protect, ignore_changes=list(ignore_changes)
        )

    @property
    def shared_args(self) -> _SharedArgs:
        """Arguments that all resources have: group, region and tags."""
        return {"resource_group_name": self.group, "location": self.spec.location, "tags": self.spec.tags}


def create_registry(context: ServiceContext, puller: pulumi.Input[str]) -> containerregistry.Registry:
    """Register a container registry from which the identity `puller` pulls. Kept and protected in production."""
    spec = context.spec
    registry = containerregistry.Registry(
        f"{context.name}-registry",
        **context.shared_args,
        registry_name=unique_name(spec.cluster_name, 50, spec.resource_group, "registry"),
        sku={"name": "Premium" if spec.production else "Standard"},
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        zone_redundancy="Enabled" if spec.production and spec.general_pool.zones else None,
        # Azure accepts it at creation only, and a registry is not worth losing for it (ACR, zone redundancy).
        opts=context.child_options(protect=spec.production, ignore_changes=["zoneRedundancy"]),
    )
    assign_role(
        f"{context.name}-registry-pull",
        AzureRole.ACR_PULL,
        scope=registry.id,
        principal=puller,
        parent=context.parent,
        key=f"{spec.resource_group}/{spec.cluster_name}/registry-pull",
        deleted_with=registry,
    )
    return registry


def create_vault(context: ServiceContext, tenant: pulumi.Input[str]) -> keyvault.Vault:
    """Register a key vault whose secrets are granted by role instead of by list."""
    spec = context.spec
    properties: Any = {
        "tenant_id": tenant,
        "sku": {"family": "A", "name": "standard"},
        "enable_rbac_authorization": True,
        "enable_soft_delete": True,
        "soft_delete_retention_in_days": 90 if spec.production else 7,
    }
    if spec.production:  # cannot be switched off, and keeps the name for 90 days after deletion
        properties["enable_purge_protection"] = True
    return keyvault.Vault(
        f"{context.name}-vault",
        **context.shared_args,
        vault_name=unique_name(spec.cluster_name, 24, spec.resource_group, "vault", separator="-"),
        properties=properties,
        # Azure accepts the days at creation only (Key Vault, soft delete).
        opts=context.child_options(protect=spec.production, ignore_changes=["properties.softDeleteRetentionInDays"]),
    )


def create_local_storage(context: ServiceContext, cluster: containerservice.ManagedCluster) -> None:
    """Register Azure Container Storage, whose class `local-csi` gives pods the NVMe disks of their node."""
    identity: Any = {"type": "SystemAssigned"}
    kubernetesconfiguration.Extension(
        f"{context.name}-local-nvme",
        resource_group_name=context.group,
        cluster_rp="Microsoft.ContainerService",
        cluster_resource_name="managedClusters",
        cluster_name=cluster.name,
        extension_name="acstor",
        extension_type="microsoft.azurecontainerstoragev2",
        auto_upgrade_minor_version=True,
        release_train="stable",
        identity=identity,
        opts=pulumi.ResourceOptions(parent=context.parent, deleted_with=cluster, depends_on=[cluster]),
    )


def create_budget(context: ServiceContext, args: AksBudgetArgs, resource_id: pulumi.Input[str]) -> None:
    """Register mails at 80 % and 100 % of a month's amount, and when the forecast exceeds it.

    The scope is the subscription of the resource, filtered to both resource groups: the nodes, which cost most, are in
    AKS' own group.
    """
    spec = context.spec
    consumption.Budget(
        f"{context.name}-budget",
        budget_name=f"{spec.cluster_name}-monthly",
        scope=pulumi.Output.from_input(resource_id).apply(lambda text: "/".join(text.split("/")[1:3])),
        category="Cost",
        amount=float(args["amount_per_month"]),
        time_grain="Monthly",
        time_period={"start_date": f"{args['from_month']}-01T00:00:00Z"},
        filter={
            "dimensions": {
                "name": "ResourceGroupName",
                "operator": "In",
                "values": [spec.resource_group, node_resource_group(spec.cluster_name)],
            }
        },
        notifications={
            key: {
                "enabled": True,
                "operator": "GreaterThanOrEqualTo",
                "threshold": threshold,
                "threshold_type": threshold_type,
                "contact_emails": list(args["emails"]),
            }
            for key, threshold, threshold_type in (
                ("most", 80, "Actual"),
                ("all", 100, "Actual"),
                ("forecast", 100, "Forecasted"),
            )
        },
        opts=pulumi.ResourceOptions(
            parent=context.parent,
            replace_on_changes=list(replaced_properties(AKS_CLUSTER_CHANGES, "Budget")),
            delete_before_replace=True,
        ),
    )
