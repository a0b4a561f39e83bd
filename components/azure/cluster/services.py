"""What belongs to an AKS cluster and is not the cluster: registry, key vault, local disks, a budget."""

from typing import Any

import pulumi
from modelyard.components.azure.cluster.args import AksBudgetArgs
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.service_context import Surroundings
from modelyard.components.azure.naming import node_resource_group, unique
from modelyard.components.azure.role import AzureRole, assign
from modelyard.components.common.change import replacing


def registry(here: Surroundings, puller: pulumi.Input[str]) -> Any:
    """A container registry from which the identity `puller` pulls. Kept and protected in production."""
    from pulumi_azure_native import containerregistry  # noqa: PLC0415 - loaded by clusters that have one

    plan = here.plan
    made = containerregistry.Registry(
        f"{here.name}-registry",
        **here.common,
        registry_name=unique(plan.cluster, 50, plan.resource_group, "registry"),
        sku={"name": "Premium" if plan.production else "Standard"},
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        zone_redundancy="Enabled" if plan.production and plan.general.zones else None,
        # Azure takes it at creation only, and a registry is not worth losing for it (ACR, zone redundancy).
        opts=here.options(protect=plan.production, kept=("zoneRedundancy",)),
    )
    assign(
        f"{here.name}-registry-pull",
        AzureRole.ACR_PULL,
        scope=made.id,
        principal=puller,
        parent=here.parent,
        key=f"{plan.resource_group}/{plan.cluster}/registry-pull",
        deleted_with=made,
    )
    return made


def vault(here: Surroundings, tenant: pulumi.Input[str]) -> Any:
    """A key vault whose secrets are given out by role, not by list."""
    from pulumi_azure_native import keyvault  # noqa: PLC0415

    plan = here.plan
    properties: Any = {
        "tenant_id": tenant,
        "sku": {"family": "A", "name": "standard"},
        "enable_rbac_authorization": True,
        "enable_soft_delete": True,
        "soft_delete_retention_in_days": 90 if plan.production else 7,
    }
    if plan.production:  # cannot be taken back, and keeps the name for 90 days after deletion
        properties["enable_purge_protection"] = True
    return keyvault.Vault(
        f"{here.name}-vault",
        **here.common,
        vault_name=unique(plan.cluster, 24, plan.resource_group, "vault", separator="-"),
        properties=properties,
        # Azure takes the days at creation only (Key Vault, soft delete).
        opts=here.options(protect=plan.production, kept=("properties.softDeleteRetentionInDays",)),
    )


def local_nvme(here: Surroundings, cluster: Any) -> None:
    """Azure Container Storage, whose class `local-csi` gives pods the NVMe disks of their node."""
    from pulumi_azure_native import kubernetesconfiguration  # noqa: PLC0415

    identity: Any = {"type": "SystemAssigned"}
    kubernetesconfiguration.Extension(
        f"{here.name}-local-nvme",
        resource_group_name=here.group,
        cluster_rp="Microsoft.ContainerService",
        cluster_resource_name="managedClusters",
        cluster_name=cluster.name,
        extension_name="acstor",
        extension_type="microsoft.azurecontainerstoragev2",
        auto_upgrade_minor_version=True,
        release_train="stable",
        identity=identity,
        opts=pulumi.ResourceOptions(parent=here.parent, deleted_with=cluster, depends_on=[cluster]),
    )


def budget(here: Surroundings, args: AksBudgetArgs, within: pulumi.Input[str]) -> None:
    """Mails at 80 % and 100 % of a month's amount, and when the forecast passes it.

    The scope is the subscription, filtered to both groups: what costs most, the nodes, lies in AKS' own group.

    Args:
        here: the cluster.
        args: amount and addresses.
        within: id of anything in the subscription.
    """
    from pulumi_azure_native import consumption  # noqa: PLC0415

    plan = here.plan
    consumption.Budget(
        f"{here.name}-budget",
        budget_name=f"{plan.cluster}-monthly",
        scope=pulumi.Output.from_input(within).apply(lambda one: "/".join(one.split("/")[1:3])),
        category="Cost",
        amount=float(args["amount_per_month"]),
        time_grain="Monthly",
        time_period={"start_date": f"{args['from_month']}-01T00:00:00Z"},
        filter={
            "dimensions": {
                "name": "ResourceGroupName",
                "operator": "In",
                "values": [plan.resource_group, node_resource_group(plan.cluster)],
            }
        },
        notifications={
            key: {
                "enabled": True,
                "operator": "GreaterThanOrEqualTo",
                "threshold": threshold,
                "threshold_type": kind,
                "contact_emails": list(args["emails"]),
            }
            for key, threshold, kind in (
                ("most", 80, "Actual"),
                ("all", 100, "Actual"),
                ("forecast", 100, "Forecasted"),
            )
        },
        opts=pulumi.ResourceOptions(
            parent=here.parent,
            replace_on_changes=list(replacing(AKS_CLUSTER_CHANGES, "Budget")),
            delete_before_replace=True,
        ),
    )
