"""Every rule through the real servicer: good objects pass, a change breaks one rule, an unknown value undecides it."""

# ruff: noqa: FBT003 - true and false are values of manifests here

import copy
from collections import Counter
from typing import Any

import pytest
from modelyard.policies.rules import (
    RESOURCE_RULES,
    RULES,
    STACK_RULES,
    Resource,
    Settings,
    evaluate_resource,
    evaluate_stack,
)

from tests.policies import manifests as m
from tests.policies.case import Case
from tests.policies.cloud_resources import CLOUD_RULES, CLOUD_STACK_RULES
from tests.policies.servicer import UNKNOWN, Pack

KUBERNETES_RULES = [rule.name for rule in RESOURCE_RULES if rule.name not in CLOUD_RULES]

HEAD = "spec|rayClusterSpec|headGroupSpec|template|spec"
WORKER = "spec|rayClusterSpec|workerGroupSpecs|0|template|spec"
CLOUD_KEY = "AKIA" + "IOSFODNN7EXAMPLE"  # split, so that scanners of this repository do not report it


BROKEN = [
    Case(
        "pod-resources",
        m.RAY_JOB,
        f"{HEAD}|containers|0|resources",
        {},
        "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].resources",
        "does not set requests.cpu, limits.cpu, requests.memory, limits.memory",
    ),
    Case(
        "pod-resources",
        m.DEPLOYMENT,
        "spec|template|spec|initContainers",
        [{**m.container("wait"), "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1"}}}],
        "spec.template.spec.initContainers[0].resources",
        "container `wait` does not set limits.memory",
    ),
    Case(
        "pod-resources",
        m.JOB,
        "spec|template|spec|containers|0|resources|requests|cpu",
        "1500m",
        "spec.template.spec.containers[0].resources",
        "requests 1500m of cpu, above its limit of 1",
    ),
    Case(
        "pod-resources",
        m.CRON_JOB,
        "spec|jobTemplate|spec|template|spec|containers|0|resources|limits|memory",
        "8 GB",
        "spec.jobTemplate.spec.template.spec.containers[0].resources",
        "'8 GB' is not a Kubernetes quantity",
    ),
    Case(
        "gpu-requests",
        m.RAY_JOB,
        f"{WORKER}|containers|0|resources|requests|nvidia.com/gpu",
        "2",
        'workerGroupSpecs[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
        "requests 2 of nvidia.com/gpu with a limit of 1",
    ),
    Case(
        "gpu-requests",
        m.POD,
        "spec|containers|0|resources",
        {
            "requests": {"cpu": 1, "memory": "1Gi", "nvidia.com/mig-1g.10gb": 1},
            "limits": {"cpu": 1, "memory": "1Gi"},
        },
        "spec.containers[0].resources.limits",
        "requests nvidia.com/mig-1g.10gb without a limit",
    ),
    Case(
        "gpu-requests",
        m.POD,
        "spec|containers|0|resources|limits",
        {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1", "amd.com/gpu": 9},
        'resources.limits["amd.com/gpu"]',
        "asks for 9 of amd.com/gpu. Allowed: a whole number from 0 to 8",
    ),
    Case(
        "gpu-memory",
        m.POD,
        "spec|containers|0|resources|requests|memory",
        "1Gi",
        "spec.containers[0].resources",
        "requests 1Gi of memory with a limit of 2Gi",
    ),
    Case(
        "gpu-toleration",
        m.RAY_JOB,
        f"{WORKER}|tolerations",
        [{"key": "spot", "operator": "Exists"}],
        "workerGroupSpecs[0].template.spec.tolerations",
        "does not tolerate the taint `nvidia.com/gpu`",
    ),
    Case(
        "gpu-node-targeting",
        m.DEPLOYMENT,
        "spec|template|spec",
        m.changed(m.pod_spec(gpus=1), "nodeSelector", {"kubernetes.io/arch": "amd64"}),
        "spec.template.spec.nodeSelector",
        "selects no GPU nodes",
        {"levels": {"queue-label": "disabled"}},  # a queue would place the pod by its flavor
    ),
    Case(
        "shared-memory",
        m.RAY_SERVICE,
        "spec|rayClusterConfig|workerGroupSpecs|0|template|spec|volumes",
        [{"name": "shm", "emptyDir": {"medium": "Memory"}}],
        "spec.rayClusterConfig.workerGroupSpecs[0].template.spec.containers[0].volumeMounts",
        "no memory-backed volume with a size limit at /dev/shm",
    ),
    Case(
        "pinned-images", m.RAY_JOB, f"{HEAD}|containers|0|image", "quay.io/kuberay/ray:latest", ".image", "tag `latest`"
    ),
    Case(
        "pinned-images", m.DEPLOYMENT, "spec|template|spec|containers|0|image", "nvcr.io/nvidia/x", ".image", "no tag"
    ),
    Case(
        "pinned-images",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|image",
        "registry.k8s.io/kueue:release-0.19",
        ".image",
        "moving tag `release-0.19`",
    ),
    Case(
        "pinned-images",
        m.JOB,
        "spec|template|spec|containers|0|image",
        "Not An Image",
        "spec.template.spec.containers[0].image",
        "is not an image reference",
    ),
    Case(
        "pinned-images",
        m.JOB,
        "spec|template|spec|containers|0|image",
        m.IMAGE,
        "spec.template.spec.containers[0].image",
        "has no digest, and this is production",
        {"production": True},
    ),
    Case(
        "pinned-images",
        m.RELEASE,
        "values|controllerManager|manager|image|tag",
        "main",
        "values.controllerManager.manager.image",
        "moving tag `main`",
    ),
    Case(
        "allowed-registries",
        m.RAY_JOB,
        f"{HEAD}|containers|0|image",
        "rayproject/ray:2.60.0",
        "headGroupSpec.template.spec.containers[0].image",
        "comes from `docker.io/rayproject/ray`. Allowed: localhost/modelyard, registry.k8s.io",
    ),
    Case(
        "allowed-registries",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|image",
        "quay.io/kuberay-evil/operator:v1.6.2",
        "spec.template.spec.containers[0].image",
        "`quay.io/kuberay-evil/operator`",
    ),
    Case(
        "allowed-registries",
        m.RELEASE,
        "values|controllerManager|manager|image|repository",
        "example.com/kueue",
        "values.controllerManager.manager.image",
        "`example.com/kueue`",
    ),
    Case(
        "non-root",
        m.RAY_JOB,
        f"{HEAD}|securityContext|runAsNonRoot",
        m.GONE,
        "headGroupSpec.template.spec.containers[0].securityContext.runAsNonRoot",
        "may run as root",
    ),
    Case(
        "non-root",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|securityContext|runAsUser",
        0,
        "spec.template.spec.containers[0].securityContext.runAsUser",
        "runs as user 0",
    ),
    Case(
        "no-privilege-escalation",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|securityContext|allowPrivilegeEscalation",
        True,
        "securityContext.allowPrivilegeEscalation",
        "may gain privileges",
    ),
    Case(
        "no-privilege-escalation",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|securityContext|privileged",
        True,
        "securityContext.privileged",
        "is privileged",
    ),
    Case(
        "no-privilege-escalation",
        m.RAY_JOB,
        f"{WORKER}|containers|0|securityContext|capabilities",
        {"drop": ["NET_RAW"]},
        "securityContext.capabilities.drop",
        "keeps capabilities",
    ),
    Case(
        "no-privilege-escalation",
        m.RAY_JOB,
        f"{WORKER}|containers|0|securityContext|capabilities",
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]},
        "securityContext.capabilities.add",
        "adds SYS_ADMIN",
    ),
    Case(
        "seccomp-profile",
        m.RAY_JOB,
        f"{WORKER}|securityContext|seccompProfile|type",
        "Unconfined",
        "securityContext.seccompProfile.type",
        "has no seccomp profile",
    ),
    Case("no-host-access", m.POD, "spec|hostNetwork", True, "spec.hostNetwork", "the pod has hostNetwork"),
    Case("no-host-access", m.POD, "spec|hostPID", True, "spec.hostPID", "the pod has hostPID"),
    Case(
        "no-host-access",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|ports",
        [{"containerPort": 80, "hostPort": 80}],
        "spec.template.spec.containers[0].ports[0].hostPort",
        "takes port 80 of its node",
    ),
    Case(
        "host-paths",
        m.POD,
        "spec|volumes|0",
        {"name": "data", "hostPath": {"path": "/var/run/containerd"}},
        "spec.volumes[0].hostPath.path",
        "allowedHostPaths is empty",
    ),
    Case(
        "host-paths",
        m.PERSISTENT_VOLUME,
        "spec",
        {"hostPath": {"path": "/data/../etc"}},
        "spec.hostPath.path",
        "lies at `/data/../etc` of the node. Allowed: /data",
        {"allowedHostPaths": ["/data"]},
    ),
    Case(
        "host-paths",
        m.PERSISTENT_VOLUME,
        "spec",
        {"local": {"path": "/database"}},
        "spec.local.path",
        "Allowed: /data",
        {"allowedHostPaths": ["/data"]},
    ),
    Case(
        "no-plain-credentials",
        m.DEPLOYMENT,
        "spec|template|spec|containers|0|env|1",
        {"name": "API_KEY", "value": "hunter2"},
        "spec.template.spec.containers[0].env[1].value",
        "`API_KEY` has a literal value (not shown)",
    ),
    Case(
        "no-plain-credentials",
        m.CONFIG_MAP,
        "data",
        {"db.password": "hunter2"},
        'data["db.password"]',
        "`db.password` has a literal value (not shown)",
    ),
    Case(
        "no-plain-credentials",
        m.RELEASE,
        "values|auth",
        {"adminPassword": "hunter2"},
        "values.auth.adminPassword",
        "`adminPassword` has a literal value (not shown)",
    ),
    Case(
        "no-plain-credentials",
        m.RAY_JOB,
        "spec|runtimeEnvYAML",
        "env_vars:\n  HF_TOKEN: hunter2\n",
        "spec.runtimeEnvYAML",
        "`HF_TOKEN` has a literal value (not shown)",
    ),
    Case(
        "no-plain-credentials",
        m.RAY_JOB,
        "spec|entrypoint",
        "curl -H 'Authorization: ghp_" + "a1" * 20 + "'",
        "spec.entrypoint",
        "the text holds a GitHub token (not shown)",
    ),
    Case(
        "no-static-cloud-keys",
        m.SECRET,
        "stringData",
        {"id": CLOUD_KEY},
        "stringData.id",
        "the text holds an AWS access key id (not shown)",
    ),
    Case(
        "no-static-cloud-keys",
        m.SECRET,
        "data",
        {"id": "QUtJQUlPU0ZPRE5ON0VYQU1QTEU="},
        "data.id",
        "the text holds an AWS access key id (not shown)",
    ),
    Case("no-public-service", m.SERVICE, "spec|type", "NodePort", "spec.type", "of type NodePort"),
    Case("no-public-service", m.SERVICE, "spec|type", "LoadBalancer", "spec.type", "of type LoadBalancer"),
    Case("no-public-service", m.SERVICE, "spec|externalIPs", ["192.0.2.1"], "spec.externalIPs", "takes external IPs"),
    Case(
        "no-public-service",
        m.RAY_SERVICE,
        "spec|serveService",
        {"spec": {"type": "LoadBalancer"}},
        "spec.serveService.spec.type",
        "of type LoadBalancer",
    ),
    Case(
        "no-public-service",
        m.RAY_JOB,
        "spec|rayClusterSpec|headGroupSpec|serviceType",
        "NodePort",
        "spec.rayClusterSpec.headGroupSpec.serviceType",
        "of type NodePort",
    ),
    Case(
        "queue-label",
        m.RAY_JOB,
        "metadata|labels",
        {},
        'metadata.labels["kueue.x-k8s.io/queue-name"]',
        "the RayJob names no queue",
    ),
    Case(
        "queue-label",
        m.RAY_SERVICE,
        "metadata|labels|kueue.x-k8s.io/queue-name",
        "",
        "metadata.labels",
        "names no queue",
    ),
    Case("queue-label", m.JOB, "metadata|labels", {}, "metadata.labels", "the Job names no queue"),
    Case(
        "queue-label", m.CRON_JOB, "spec|jobTemplate|metadata", {}, "spec.jobTemplate.metadata.labels", "names no queue"
    ),
    Case("queue-label", m.POD, "metadata|labels", {}, "metadata.labels", "asks for GPUs and names no queue"),
    Case(
        "job-deadline",
        m.RAY_JOB,
        "spec|activeDeadlineSeconds",
        m.GONE,
        "spec.activeDeadlineSeconds",
        "the job has no deadline",
    ),
    Case("job-deadline", m.JOB, "spec|activeDeadlineSeconds", 0, "spec.activeDeadlineSeconds", "the deadline 0"),
    Case(
        "ray-job-shutdown",
        m.RAY_JOB,
        "spec|shutdownAfterJobFinishes",
        False,
        "spec.shutdownAfterJobFinishes",
        "outlives the job",
    ),
    Case(
        "namespace-labels",
        m.NAMESPACE,
        "metadata|labels|owner",
        m.GONE,
        "metadata.labels",
        "missing: owner. Allowed: owner, team, cost-center",
    ),
    Case(
        "namespace-pod-security",
        m.NAMESPACE,
        "metadata|labels|pod-security.kubernetes.io/enforce",
        "privileged",
        'metadata.labels["pod-security.kubernetes.io/enforce"]',
        "enforces the level `privileged`",
    ),
    Case("helm-release-pinned", m.RELEASE, "version", m.GONE, "version", "chart `kueue` has no version"),
    Case(
        "helm-release-pinned",
        m.RELEASE,
        "version",
        "^0.19",
        "version",
        "the version `^0.19`, which is no exact version",
    ),
    Case("helm-release-pinned", m.RELEASE, "namespace", "", "namespace", "names no namespace"),
]
UNDECIDED = {
    "pod-resources": (m.DEPLOYMENT, "spec|template|spec|containers|0|resources|limits|cpu"),
    "gpu-requests": (m.POD, "spec|containers|0|resources|limits|nvidia.com/gpu"),
    "gpu-memory": (m.POD, "spec|containers|0|resources|limits|memory"),
    "gpu-toleration": (m.POD, "spec|tolerations"),
    "gpu-node-targeting": (m.POD, "metadata|labels|kueue.x-k8s.io/queue-name"),
    "shared-memory": (m.RAY_JOB, f"{WORKER}|volumes"),
    "pinned-images": (m.JOB, "spec|template|spec|containers|0|image"),
    "allowed-registries": (m.JOB, "spec|template|spec|containers|0|image"),
    "non-root": (m.JOB, "spec|template|spec|securityContext|runAsNonRoot"),
    "no-privilege-escalation": (m.JOB, "spec|template|spec|containers|0|securityContext|capabilities|drop"),
    "seccomp-profile": (m.JOB, "spec|template|spec|securityContext|seccompProfile"),
    "no-host-access": (m.POD, "spec|hostNetwork"),
    "host-paths": (m.POD, "spec|volumes|0|hostPath|path"),
    "no-plain-credentials": (m.CONFIG_MAP, "data"),
    "no-static-cloud-keys": None,  # an unknown text is no key yet: nothing to tell before `up`
    "no-public-service": (m.SERVICE, "spec|type"),
    "queue-label": (m.RAY_JOB, "metadata|labels"),
    "job-deadline": (m.RAY_JOB, "spec|activeDeadlineSeconds"),
    "ray-job-shutdown": (m.RAY_JOB, "spec|shutdownAfterJobFinishes"),
    "namespace-labels": (m.NAMESPACE, "metadata|labels|owner"),
    "namespace-pod-security": (m.NAMESPACE, "metadata|labels|pod-security.kubernetes.io/enforce"),
    "helm-release-pinned": (m.RELEASE, "version"),
}


@pytest.mark.parametrize("token", m.GOOD)
def test_good_objects_pass_every_rule(token):
    assert Pack().resource(token, m.good(token)) == []


def test_the_good_stack_passes_every_rule():
    assert (
        Pack({"capacity": {"nvidia.com/gpu": "1", "cpu": "2"}}).stack((token, m.good(token)) for token in m.STACK) == []
    )


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_one_change_breaks_exactly_one_rule(case):
    body = m.changed(m.good(case.token), case.path, case.value)

    diagnostics = Pack(case.config).resource(case.token, body, name="broken")

    assert Counter(_rule(line.message) for line in diagnostics) == {case.rule: 1}, [
        line.message for line in diagnostics
    ]
    rule = RULES[case.rule]
    assert diagnostics[0].level == rule.level
    assert case.where in diagnostics[0].message
    assert case.says in diagnostics[0].message
    assert f"Fix: {rule.fix}" in diagnostics[0].message
    assert "hunter2" not in diagnostics[0].message
    assert CLOUD_KEY not in diagnostics[0].message


@pytest.mark.parametrize("rule", KUBERNETES_RULES)
def test_an_unknown_value_is_an_advisory(rule):
    if UNDECIDED[rule] is None:
        return
    token, path = UNDECIDED[rule]

    diagnostics = Pack().resource(token, m.changed(m.good(token), path, UNKNOWN))

    assert {line.level for line in diagnostics} <= {"advisory"}, diagnostics
    if RULES[rule].level == "mandatory":
        assert any(f"{rule} needs " in line.message for line in diagnostics), diagnostics


def test_an_unknown_value_hides_no_other_violation():
    body = m.changed(m.ray_job(), f"{HEAD}|containers|0|image", UNKNOWN)
    body = m.changed(body, f"{WORKER}|containers|0|image", "quay.io/kuberay/ray:latest")
    body = m.changed(body, "spec|shutdownAfterJobFinishes", False)

    diagnostics = Pack().resource(m.RAY_JOB, body)

    mandatory = {_rule(line.message) for line in diagnostics if line.level == "mandatory"}
    assert mandatory == {"pinned-images", "ray-job-shutdown"}
    path = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].image"
    [undecided] = [line.message for line in diagnostics if line.level == "advisory"]
    assert f"pinned-images needs {path}; allowed-registries needs {path}" in undecided


def test_an_unknown_namespace_undecides_rules_about_tenants_only():
    body = m.changed(m.ray_job(), "metadata|namespace", UNKNOWN)
    body = m.changed(body, f"{HEAD}|containers|0|image", "quay.io/kuberay/ray:latest")

    diagnostics = Pack().resource(m.RAY_JOB, body)

    assert [_rule(line.message) for line in diagnostics if line.level == "mandatory"] == ["pinned-images"]
    assert any("queue-label needs metadata.namespace" in line.message for line in diagnostics)


def test_an_unknown_credential_is_a_literal():
    body = m.changed(m.deployment(), "spec|template|spec|containers|0|env|1", {"name": "API_KEY", "value": UNKNOWN})

    diagnostics = Pack().resource(m.DEPLOYMENT, body)

    assert [_rule(line.message) for line in diagnostics] == ["no-plain-credentials"]


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        ({m.RESOURCE_QUOTA: None}, "tenant-quota", "the namespace has no ResourceQuota"),
        (
            {m.RESOURCE_QUOTA: ("spec|hard", {"requests.cpu": "1"})},
            "tenant-quota",
            "a ResourceQuota, but not the one it needs",
        ),
        ({m.LIMIT_RANGE: None}, "tenant-limits", "the namespace has no LimitRange"),
        ({m.LIMIT_RANGE: ("spec|limits|0|type", "Pod")}, "tenant-limits", "not the one it needs"),
        ({m.NETWORK_POLICY: None}, "tenant-network-policy", "the namespace has no NetworkPolicy"),
        (
            {m.NETWORK_POLICY: ("spec|podSelector", {"matchLabels": {"app": "x"}})},
            "tenant-network-policy",
            "not the one it needs",
        ),
        ({m.NETWORK_POLICY: ("spec|policyTypes", ["Ingress"])}, "tenant-network-policy", "not the one it needs"),
        ({m.NETWORK_POLICY: ("spec|ingress", [{}])}, "tenant-network-policy", "not the one it needs"),
        (
            {m.NETWORK_POLICY: ("spec|egress", [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])},
            "tenant-network-policy",
            "not the one it needs",
        ),
        ({m.NETWORK_POLICY: ("metadata|namespace", "team-b")}, "tenant-network-policy", "no NetworkPolicy"),
        (
            {m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|1|nominalQuota", "4")},
            "quota-within-capacity",
            "the queues promise 4 of nvidia.com/gpu in total (team-a 4), and the nodes have 1",
        ),
        (
            {m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|0|nominalQuota", "a lot")},
            "quota-within-capacity",
            "'a lot' is not a Kubernetes quantity",
        ),
        (
            {m.LOCAL_QUEUE: ("metadata|name", "team")},
            "queue-exists",
            "the queue `team-a` does not exist. Allowed: team.",
        ),
    ],
)
def test_one_change_of_the_stack_breaks_one_rule_about_it(change, rule, says):
    diagnostics = Pack({"capacity": {"nvidia.com/gpu": "1", "cpu": "2"}}).stack(_stack(change))

    assert Counter(_rule(line.message) for line in diagnostics) == {rule: 1}, [line.message for line in diagnostics]
    assert diagnostics[0].level == "mandatory"
    assert says in diagnostics[0].message
    assert diagnostics[0].urn.startswith("urn:pulumi:")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({m.RESOURCE_QUOTA: ("metadata|namespace", UNKNOWN)}, "tenant-quota"),
        ({m.RESOURCE_QUOTA: ("spec|hard", UNKNOWN)}, "tenant-quota"),
        ({m.LIMIT_RANGE: ("spec|limits", UNKNOWN)}, "tenant-limits"),
        ({m.NETWORK_POLICY: ("spec|podSelector", UNKNOWN)}, "tenant-network-policy"),
        (
            {m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|1|nominalQuota", UNKNOWN)},
            "quota-within-capacity",
        ),
        ({m.LOCAL_QUEUE: ("metadata|name", UNKNOWN)}, "queue-exists"),
    ],
)
def test_a_rule_about_the_stack_that_meets_an_unknown_value_says_so(change, rule):
    diagnostics = Pack({"capacity": {"nvidia.com/gpu": "1", "cpu": "2"}}).stack(_stack(change))

    assert [line.level for line in diagnostics] == ["advisory"], diagnostics
    assert f"{rule} needs " in diagnostics[0].message


def test_quota_is_added_up_over_queues_and_by_flavor():
    stack = [(m.CLUSTER_QUEUE, m.cluster_queue("team-a", "6")), (m.CLUSTER_QUEUE, m.cluster_queue("team-b", "4"))]

    diagnostics = Pack(
        {"capacity": {"nvidia.com/gpu": 10}, "flavorCapacity": {"local": {"nvidia.com/gpu": "8"}}}
    ).stack(stack)

    assert len(diagnostics) == 1
    assert "promise 10 of nvidia.com/gpu in total (team-a 6, team-b 4), and the nodes of flavor local have 8" in (
        diagnostics[0].message
    )


def test_tenant_rules_skip_operators():
    body = m.changed(m.deployment(), "metadata|namespace", "kueue-system")
    body = m.changed(body, "spec|template|spec|securityContext", {})
    body = m.changed(body, "spec|template|spec|hostNetwork", value=True)
    assert Pack().resource(m.DEPLOYMENT, body) == []

    body = m.changed(body, "spec|template|spec|containers|0|image", "registry.k8s.io/kueue/kueue")
    body = m.changed(body, "spec|template|spec|containers|0|resources", {})

    diagnostics = Pack().resource(m.DEPLOYMENT, body)

    assert {_rule(line.message) for line in diagnostics} == {"pinned-images", "pod-resources"}


def test_pods_inside_wrapped_objects_are_judged_where_they_stand():
    bad = m.changed(m.job(), "spec|template|spec|containers|0|image", "quay.io/kuberay/ray")
    wrapper = {"metadata": m.metadata(labels=m.QUEUE), "spec": {"components": [{"template": bad}]}}
    sets = {"metadata": m.metadata(labels=m.QUEUE), "spec": {"replicatedJobs": [{"template": {"spec": bad["spec"]}}]}}

    [in_wrapper] = Pack().resource(m.APP_WRAPPER, wrapper)
    [in_set] = Pack().resource(m.JOB_SET, sets)

    assert "spec.components[0].template.spec.template.spec.containers[0].image" in in_wrapper.message
    assert "spec.replicatedJobs[0].template.spec.template.spec.containers[0].image" in in_set.message


def test_internal_load_balancers_pass():
    body = m.changed(m.service(), "spec|type", "LoadBalancer")
    body = m.changed(body, "metadata|annotations", {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"})

    assert Pack().resource(m.SERVICE, body) == []


def test_charts_on_disk_need_no_version():
    body = m.changed(m.changed(m.release(), "version", m.GONE), "chart", "./charts/kueue")

    assert Pack().resource(m.RELEASE, body) == []


def test_rules_say_the_same_without_pulumi():
    """The servicer wraps the rules; plain dicts give the same messages."""
    for case in BROKEN:
        body = m.changed(m.good(case.token), case.path, case.value)
        through_engine = {line.message.split("\n", 1)[1] for line in Pack(case.config).resource(case.token, body)}
        settings = Settings.model_validate(case.config)
        plain = {
            violation.message
            for violation in evaluate_resource(Resource(case.token, body, "thing"), settings).violations
        }
        assert plain == through_engine


def test_judging_changes_nothing():
    before = copy.deepcopy(m.GOOD)
    for token, body in m.GOOD.items():
        evaluate_resource(Resource(token, body))
    evaluate_stack([Resource(token, body) for token, body in m.GOOD.items()])

    assert before == m.GOOD


def test_every_rule_has_a_broken_and_an_unknown_case():
    assert {case.rule for case in BROKEN} == set(KUBERNETES_RULES) == set(UNDECIDED)
    assert len(STACK_RULES) == 5 + len(CLOUD_STACK_RULES)  # each is in the tables above, or in test_cloud_rules


def test_other_resources_are_left_alone():
    for token in (
        "aws:s3/object:Object",
        "kubernetes:apps/v1:DeploymentPatch",
        "pulumi:pulumi:Stack",
        "modelyard:index:X",
    ):
        assert Pack().resource(token, {"spec": {"containers": [{}]}}) == []


def _stack(change: dict[str, Any]) -> list[tuple[str, m.Body]]:
    stack = []
    for token in m.STACK:
        if token not in change:
            stack.append((token, m.good(token)))
        elif change[token] is not None:
            stack.append((token, m.changed(m.good(token), *change[token])))
    return stack


def _rule(message: str) -> str:
    """The rule's name out of `<description of the policy>\\n[<rule>, <severity>] …`."""
    return message.split("\n", 1)[1].split(",", 1)[0].removeprefix("[") if "\n[" in message else message
