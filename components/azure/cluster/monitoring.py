"""Metrics and logs of an AKS cluster."""

import pulumi
from modelyard.components.azure.cluster.services import ServiceContext
from pulumi_azure_native import containerservice, monitor, operationalinsights

LOGS = ("kube-audit-admin", "guard", "cluster-autoscaler", "kube-controller-manager")
"""Categories of the control plane's logs that are kept: changes, logins, and the reasons of scaling. The full audit log
costs ten times as much and adds reads."""


def create_monitoring(context: ServiceContext, cluster: containerservice.ManagedCluster) -> None:
    """Register managed Prometheus for the cluster's metrics, and Log Analytics for the API server's logs."""
    name, cluster_name = context.name, context.spec.cluster_name
    logs = operationalinsights.Workspace(
        f"{name}-logs",
        **context.shared_args,
        workspace_name=f"{cluster_name}-logs",
        sku={"name": "PerGB2018"},
        retention_in_days=context.spec.log_days,
        opts=context.child_options(),
    )
    monitor.DiagnosticSetting(
        f"{name}-diagnostics",
        name=f"{cluster_name}-to-logs",
        resource_uri=cluster.id,
        workspace_id=logs.id,
        log_analytics_destination_type="Dedicated",
        logs=[{"category": category, "enabled": True} for category in LOGS],
        # Deleted by itself, not with the cluster: Azure would give the setting to the next cluster of that name.
        opts=context.child_options(),
    )
    metrics = monitor.AzureMonitorWorkspace(
        f"{name}-metrics",
        **context.shared_args,
        azure_monitor_workspace_name=f"{cluster_name}-metrics",
        opts=context.child_options(),
    )
    endpoint = monitor.DataCollectionEndpoint(
        f"{name}-metrics-endpoint",
        **context.shared_args,
        data_collection_endpoint_name=f"{cluster_name}-metrics",
        kind="Linux",
        opts=context.child_options(),
    )
    rule = monitor.DataCollectionRule(
        f"{name}-metrics-rule",
        **context.shared_args,
        data_collection_rule_name=f"{cluster_name}-metrics",
        kind="Linux",
        data_collection_endpoint_id=endpoint.id,
        data_sources={
            "prometheus_forwarder": [{"name": "PrometheusDataSource", "streams": ["Microsoft-PrometheusMetrics"]}]
        },
        destinations={"monitoring_accounts": [{"name": "metrics", "account_resource_id": metrics.id}]},
        data_flows=[{"streams": ["Microsoft-PrometheusMetrics"], "destinations": ["metrics"]}],
        opts=context.child_options(),
    )
    monitor.DataCollectionRuleAssociation(
        f"{name}-metrics-association",
        association_name=f"{cluster_name}-metrics",
        resource_uri=cluster.id,
        data_collection_rule_id=rule.id,
        opts=pulumi.ResourceOptions(parent=context.parent, deleted_with=cluster),
    )
