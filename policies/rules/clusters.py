"""Clusters in a cloud: access to their API, logins, logs and budgets."""

from collections.abc import Iterator, Sequence

from .field import UNKNOWN, Field, UndecidedError
from .node_pool import node_pools
from .production import in_production
from .resource import Kind, Resource
from .rule import Finding, Level, Severity, rule, stack_rule
from .settings import Settings

AKS: Kind = ("azure-native:containerservice", "ManagedCluster")
ROSA: Kind = ("rosa", "HcpCluster")
CLUSTERS = frozenset({AKS, ROSA})

_DIAGNOSTICS: Kind = ("azure-native:monitor", "DiagnosticSetting")
_WORKSPACE: Kind = ("azure-native:operationalinsights", "Workspace")
_LOG_GROUP: Kind = ("aws:cloudwatch", "LogGroup")
_BUDGETS = frozenset(
    {("azure-native:consumption", "Budget"), ("azure-native:costmanagement", "Budget"), ("aws:budgets", "Budget")}
)

CLUSTER_STACK_KINDS = frozenset({_DIAGNOSTICS, *_BUDGETS})
"""Kinds that only stack rules cover."""


@rule(
    name="api-access",
    kinds=CLUSTERS,
    severity=Severity.CRITICAL,
    requirement=(
        "In production a cluster's API is private; elsewhere a public one of AKS names the ranges that may reach it."
    ),
    reason="A public API gives every stolen token, and every hole of the API server, to the whole internet.",
    source="CKV_AZURE_6, CKV_AZURE_115",
    fix="Make the API private, or name the ranges of your offices and pipelines.",
)
def api_access(body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding per cluster."""
    production = in_production(resource, settings)
    if resource.kind == ROSA:
        listening = body.at("api", "listening")
        if production and listening.read() != "internal":
            yield Finding(listening.path, "the API of a production cluster is public", "internal")
        return
    access = body.at("apiServerAccessProfile")
    if access.at("enablePrivateCluster").read() is True:
        return
    ranges = access.at("authorizedIPRanges")
    networks = [network.text() for network in ranges.items()]
    if production:
        yield Finding(
            access.at("enablePrivateCluster").path, "the API of a production cluster is public", "a private API"
        )
    elif not networks or any(network.endswith("/0") for network in networks):
        problem = "the whole internet reaches the API" if networks else "the API is public, and no range is named"
        yield Finding(ranges.path, problem, "ranges of known places, none of them 0.0.0.0/0")


@rule(
    name="cluster-logins",
    kinds={AKS},
    severity=Severity.HIGH,
    requirement="AKS has no local accounts, logs people in with Entra and Azure RBAC, and pods with workload identity.",
    reason="Local accounts are one certificate that never expires and that nobody can be named for.",
    source="CKV_AZURE_141, CKV_AZURE_5",
    fix="Set disableLocalAccounts, aadProfile.managed, oidcIssuerProfile.enabled and securityProfile.workloadIdentity.",
)
def cluster_logins(body: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    for path, problem in (
        (("disableLocalAccounts",), "local accounts are on"),
        (("aadProfile", "managed"), "people do not log in with Entra"),
        (("oidcIssuerProfile", "enabled"), "the cluster has no issuer that Azure could trust"),
        (("securityProfile", "workloadIdentity", "enabled"), "pods have no workload identity"),
    ):
        field = body.at(*path)
        if field.read() is not True:
            yield Finding(field.path, problem, "true")


@rule(
    name="network-policy-engine",
    kinds={AKS},
    severity=Severity.HIGH,
    requirement="AKS has an engine for network policies.",
    reason="Without one the default-deny policy of each team is accepted and does nothing.",
    source="CKV_AZURE_7",
    fix="Set networkProfile.networkPolicy to cilium or azure when the cluster is made.",
)
def network_policy_engine(body: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    engine = body.at("networkProfile", "networkPolicy")
    if engine.read() in (None, "", "none"):
        yield Finding(engine.path, "no engine enforces network policies", "cilium, azure or calico")


@rule(
    name="log-retention",
    kinds={_WORKSPACE, _LOG_GROUP},
    severity=Severity.MEDIUM,
    requirement="Logs are kept for at least logDays days, and not for ever.",
    reason="Who looks for a break-in looks weeks back; what is kept for ever is paid for ever.",
    source="CKV_AWS_66; Azure Monitor, Log Analytics retention",
    fix="Set the retention in days.",
)
def log_retention(body: Field, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    days = body.at("retentionInDays")
    retention, allowed = days.read(), f"at least {settings.log_days} days"
    if not isinstance(retention, int | float) or retention == 0:
        yield Finding(days.path, "no retention is set", allowed)
    elif retention < settings.log_days:
        yield Finding(days.path, f"logs are kept for {retention:g} days", allowed)


@stack_rule(
    name="cluster-logs",
    severity=Severity.MEDIUM,
    requirement="Every AKS cluster of the stack has a diagnostic setting that sends its API server's logs somewhere.",
    reason="AKS keeps none by itself: afterwards nobody can say who changed what.",
    source="AKS, monitor the control plane",
    fix="Add a DiagnosticSetting of the cluster with the category kube-audit-admin.",
)
def cluster_logs(resources: Sequence[Resource], _settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per cluster."""
    diagnostics = [resource for resource in resources if resource.kind == _DIAGNOSTICS]
    for cluster in (resource for resource in resources if resource.kind == AKS):
        if any(_belongs_to(setting, cluster) for setting in diagnostics):
            continue
        unknown = next(
            (setting for setting in diagnostics if _target(setting).value is UNKNOWN and not setting.refers), None
        )
        if unknown is not None:
            yield UndecidedError(_target(unknown).path)
            continue
        yield Finding("", "the logs of this cluster's API server go nowhere", "a DiagnosticSetting of it", cluster)


def _target(setting: Resource) -> Field:
    return setting.body.at("resourceUri")


def _belongs_to(setting: Resource, cluster: Resource) -> bool:
    """Say if `setting` belongs to `cluster`: computed from its id, or naming it."""
    name, target = cluster.body.at("resourceName").value, _target(setting).value
    named = isinstance(target, str) and isinstance(name, str) and target.endswith(f"/managedClusters/{name}")
    return named or setting.refers_to(cluster, "resourceUri")


@stack_rule(
    name="budget-alert",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    requirement="A stack with pools of GPU nodes has a budget that mails somebody.",
    reason="A forgotten node with eight GPUs costs as much in a weekend as a good laptop.",
    source="AKS best practices, cost",
    fix="Add a budget to the cluster.",
)
def budget_alert(resources: Sequence[Resource], _settings: Settings) -> Iterator[Finding | Exception]:
    """At most one finding, about the first pool of a cloud."""
    if any(resource.kind in _BUDGETS for resource in resources):
        return
    for resource in resources:
        try:
            if resource.in_cloud and any(pool.has_gpus for pool in node_pools(resource)):
                yield Finding("", "GPU nodes and no budget", "a Budget with an address", resource)
                return
        except UndecidedError as error:
            yield error
