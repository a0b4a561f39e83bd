"""Metrics and logs of an AKS cluster."""

from typing import Any

import pulumi
from modelyard.components.azure.cluster.service_context import Surroundings

LOGS = ("kube-audit-admin", "guard", "cluster-autoscaler", "kube-controller-manager")
"""Categories of the API server's logs that are kept: who changed what, who logged in, why nodes come and go. The full
audit log costs ten times as much and adds reads."""


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
