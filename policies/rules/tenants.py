"""Requirements of every tenant namespace: owner, security standard, quota, limits, network policy."""

from collections.abc import Callable, Iterator, Sequence

from .field import Field, UndecidedError
from .queue_name import queue_label
from .resource import Kind, Resource
from .rule import Finding, Severity, rule, stack_rule
from .settings import Settings

_NAMESPACE: Kind = ("core", "Namespace")
_RESOURCE_QUOTA: Kind = ("core", "ResourceQuota")
_LIMIT_RANGE: Kind = ("core", "LimitRange")
_NETWORK_POLICY: Kind = ("networking.k8s.io", "NetworkPolicy")
_LOCAL_QUEUE: Kind = ("kueue.x-k8s.io", "LocalQueue")

_ENFORCE = "pod-security.kubernetes.io/enforce"


def is_tenant(namespace: str | None, settings: Settings) -> bool:
    """Say if `namespace` belongs to tenants: all but those of operators do; None stands for `default`."""
    return (namespace or "default") not in settings.operator_namespaces


@rule(
    name="namespace-labels",
    kinds={_NAMESPACE},
    severity=Severity.MEDIUM,
    requirement=(
        "Every tenant namespace carries the labels of namespaceLabels (owner, team, cost-center), none of them empty."
    ),
    reason="Costs, alerts and the question whether this may be deleted need somebody to go to.",
    source="gatekeeper-library requiredlabels",
    fix="Add the missing labels to the namespace.",
)
def namespace_labels(_body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding, for all labels together."""
    if not is_tenant(resource.object_name.read(), settings):
        return
    missing = [label for label in settings.namespace_labels if not resource.labels.at(label).text()]
    if missing:
        yield Finding("metadata.labels", f"missing: {', '.join(missing)}", ", ".join(settings.namespace_labels))


@rule(
    name="namespace-pod-security",
    kinds={_NAMESPACE},
    severity=Severity.HIGH,
    requirement=f"Every tenant namespace has the label {_ENFORCE} with restricted or baseline.",
    reason="Without it the cluster admits privileged pods from whoever may create pods there.",
    source="Pod Security Admission, AKS deployment safeguards",
    fix=f"Add the label {_ENFORCE}: restricted.",
)
def namespace_pod_security(_body: Field, resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding."""
    if not is_tenant(resource.object_name.read(), settings):
        return
    level = resource.labels.at(_ENFORCE)
    if level.read() not in ("restricted", "baseline"):
        shown = f"the level `{level.read()}`" if level.read() else "no level"
        yield Finding(level.path, f"the namespace enforces {shown}", "restricted or baseline")


@stack_rule(
    name="tenant-quota",
    severity=Severity.HIGH,
    requirement="Every tenant namespace of the stack has a ResourceQuota with requests.nvidia.com/gpu.",
    reason="Kueue counts only what carries its label; the quota holds for every pod, however it was made.",
    source="kyverno add-ns-quota",
    fix="Add a ResourceQuota to the namespace with spec.hard[requests.nvidia.com/gpu], 0 where no GPU is meant.",
)
def tenant_quota(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per namespace."""

    def limits_gpus(quota: Resource) -> bool:
        return quota.body.at("spec", "hard", "requests.nvidia.com/gpu").read() is not None

    return _each_tenant_has(
        resources, settings, _RESOURCE_QUOTA, limits_gpus, "a ResourceQuota with requests.nvidia.com/gpu"
    )


@stack_rule(
    name="tenant-limits",
    severity=Severity.MEDIUM,
    requirement="Every tenant namespace of the stack has a LimitRange with a limit for containers.",
    reason="It gives defaults to pods made by hand, which a ResourceQuota would otherwise refuse without explanation.",
    source="kyverno add-ns-quota",
    fix="Add a LimitRange to the namespace with an entry of type Container.",
)
def tenant_limits(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per namespace."""

    def limits_containers(limit_range: Resource) -> bool:
        return any(limit.at("type").read() == "Container" for limit in limit_range.body.at("spec", "limits").items())

    return _each_tenant_has(resources, settings, _LIMIT_RANGE, limits_containers, "a LimitRange of type Container")


@stack_rule(
    name="tenant-network-policy",
    severity=Severity.HIGH,
    requirement=(
        "Every tenant namespace of the stack has a NetworkPolicy that denies by default, for all pods and both ways."
    ),
    reason="Without one every pod of the cluster reaches Ray's ports in the namespace, and runs code through them.",
    source="AKS GPU best practices; Ray security documentation",
    fix="Add a NetworkPolicy with podSelector {}, policyTypes [Ingress, Egress], and no rule that allows everything.",
)
def tenant_network_policy(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per namespace."""
    return _each_tenant_has(
        resources,
        settings,
        _NETWORK_POLICY,
        _denies_by_default,
        "a NetworkPolicy with podSelector {} and policyTypes [Ingress, Egress] that allows nothing by an empty rule",
    )


@stack_rule(
    name="queue-exists",
    severity=Severity.MEDIUM,
    requirement=(
        "A queue label names a LocalQueue of the same namespace, where the stack makes that namespace's queues."
    ),
    reason="A job whose queue does not exist is never admitted and never fails: it waits in silence.",
    source="Kueue 0.19 workload status Inadmissible",
    fix="Correct the label, or add the LocalQueue.",
)
def queue_exists(resources: Sequence[Resource], _settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per object."""
    queues: dict[str, set[str]] = {}
    try:
        for queue in (resource for resource in resources if resource.kind == _LOCAL_QUEUE):
            queues.setdefault(queue.namespace.text() or "default", set()).add(queue.object_name.text())
    except UndecidedError as error:
        yield error  # any label may name this queue
        return
    for resource in resources:
        label = queue_label(resource)
        if label.value is None or resource.kind == _LOCAL_QUEUE:
            continue
        try:
            name, known = label.text(), queues.get(resource.namespace.text() or "default", set())
        except UndecidedError as error:
            yield error
            continue
        if known and name not in known:
            yield Finding(label.path, f"the queue `{name}` does not exist", ", ".join(sorted(known)), resource)


def _each_tenant_has(
    resources: Sequence[Resource], settings: Settings, kind: Kind, fits: Callable[[Resource], bool], allowed: str
) -> Iterator[Finding | Exception]:
    candidates = [resource for resource in resources if resource.kind == kind]
    for namespace in (resource for resource in resources if resource.kind == _NAMESPACE):
        try:
            name = namespace.object_name.read()
            if name is None or not is_tenant(name, settings):
                continue  # a namespace whose name Pulumi chooses is checked once it has one, at `up`
            members = [candidate for candidate in candidates if candidate.namespace.value == name]
            if any(fits(candidate) for candidate in members):
                continue
            for candidate in candidates:
                candidate.namespace.read()  # an unknown namespace may be this one
        except UndecidedError as error:
            yield error
            continue
        lack = f"a {kind[1]}, but not the one it needs" if members else f"no {kind[1]}"
        yield Finding(f"namespace {name}", f"the namespace has {lack}", allowed, namespace)


def _denies_by_default(policy: Resource) -> bool:
    """Say if `policy` selects every pod, covers both directions, and has no rule that lets everything through.

    Rules with peers or ports are exceptions from the denial and stay allowed: policies add up, so exceptions in the
    same object are no different from exceptions in another one.
    """
    spec = policy.body.at("spec")
    selector = spec.at("podSelector")
    if any(members for _, members in selector.members() if members.read()):
        return False
    types = {direction.read() for direction in spec.at("policyTypes").items()}
    rules = [rule for direction in ("ingress", "egress") for rule in spec.at(direction).items()]
    return {"Ingress", "Egress"} <= types and not any(_allows_everything(rule) for rule in rules)


def _allows_everything(rule: Field) -> bool:
    """Say if one rule of a NetworkPolicy lets every peer through on every port."""
    if rule.at("ports").read():
        return False
    peers = [peer for side in ("from", "to") for peer in rule.at(side).items()]
    return not peers or any(_is_everyone(peer) for peer in peers)


def _is_everyone(peer: Field) -> bool:
    block = peer.at("ipBlock")
    if block.read() is not None:
        return block.at("cidr").read() in ("0.0.0.0/0", "::/0") and not block.at("except").read()
    pods, namespaces = peer.at("podSelector").read(), peer.at("namespaceSelector").read()
    return namespaces == {} and not pods  # every pod of every namespace
