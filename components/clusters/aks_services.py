"""What belongs to an AKS cluster and is not the cluster: registry, key vault, metrics and logs, a budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from modelyard.components.change import replacing
from modelyard.components.clusters.aks_arguments import AksBudgetArgs
from modelyard.components.clusters.aks_changes import AKS_CLUSTER_CHANGES
from modelyard.components.clusters.aks_names import node_resource_group, unique
from modelyard.components.clusters.aks_plan import Plan
from modelyard.components.identities.azure_role import AzureRole, assign

LOGS = ("kube-audit-admin", "guard", "cluster-autoscaler", "kube-controller-manager")
"""Categories of the API server's logs that are kept: who changed what, who logged in, why nodes come and go. The full
audit log costs ten times as much and adds reads."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where the services are registered."""

    name: str
    plan: Plan
    group: pulumi.Input[str]
    parent: pulumi.Resource
    tags: Mapping[str, str]

    def options(self, *, protect: bool = False, kept: tuple[str, ...] = ()) -> Any:
        """Options of a child."""
        return pulumi.ResourceOptions(
            parent=self.parent, protect=protect, retain_on_delete=protect, ignore_changes=list(kept)
        )

    @property
    def common(self) -> dict[str, Any]:
        """Arguments that all resources take."""
        return {"resource_group_name": self.group, "location": self.plan.location, "tags": dict(self.tags)}


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


def monitoring(here: Surroundings, cluster: Any) -> Any:
    """Managed Prometheus for the cluster's metrics, Log Analytics for the API server's logs; returns the former."""
    from pulumi_azure_native import monitor, operationalinsights  # noqa: PLC0415

    name, plan = here.name, here.plan
    logs = operationalinsights.Workspace(
        f"{name}-logs",
        **here.common,
        workspace_name=f"{plan.cluster}-logs",
        sku={"name": "PerGB2018"},
        retention_in_days=plan.log_days,
        opts=here.options(),
    )
    monitor.DiagnosticSetting(
        f"{name}-diagnostics",
        name=f"{plan.cluster}-to-logs",
        resource_uri=cluster.id,
        workspace_id=logs.id,
        log_analytics_destination_type="Dedicated",
        logs=[{"category": one, "enabled": True} for one in LOGS],
        # Azure keeps a setting when its resource is deleted, and gives it to the next one of that name: delete it.
        opts=here.options(),
    )
    metrics = monitor.AzureMonitorWorkspace(
        f"{name}-metrics", **here.common, azure_monitor_workspace_name=f"{plan.cluster}-metrics", opts=here.options()
    )
    endpoint = monitor.DataCollectionEndpoint(
        f"{name}-metrics-endpoint",
        **here.common,
        data_collection_endpoint_name=f"{plan.cluster}-metrics",
        kind="Linux",
        opts=here.options(),
    )
    rule = monitor.DataCollectionRule(
        f"{name}-metrics-rule",
        **here.common,
        data_collection_rule_name=f"{plan.cluster}-metrics",
        kind="Linux",
        data_collection_endpoint_id=endpoint.id,
        data_sources={
            "prometheus_forwarder": [{"name": "PrometheusDataSource", "streams": ["Microsoft-PrometheusMetrics"]}]
        },
        destinations={"monitoring_accounts": [{"name": "metrics", "account_resource_id": metrics.id}]},
        data_flows=[{"streams": ["Microsoft-PrometheusMetrics"], "destinations": ["metrics"]}],
        opts=here.options(),
    )
    monitor.DataCollectionRuleAssociation(
        f"{name}-metrics-association",
        association_name=f"{plan.cluster}-metrics",
        resource_uri=cluster.id,
        data_collection_rule_id=rule.id,
        opts=pulumi.ResourceOptions(parent=here.parent, deleted_with=cluster),
    )
    return metrics


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
