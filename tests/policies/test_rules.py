"""Every rule through the real servicer: good objects pass, a change breaks one rule, an unknown value undecides it."""

# ruff: noqa: FBT003 - true and false are values of manifests here

import copy
from collections import Counter

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
from tests.policies.broken_pods import BROKEN_PODS
from tests.policies.broken_security import BROKEN_SECURITY
from tests.policies.broken_tenants import BROKEN_TENANTS
from tests.policies.case import CLOUD_KEY, HEAD, WORKER, rule_of
from tests.policies.cloud_resources import CLOUD_RULES, CLOUD_STACK_RULES
from tests.policies.servicer import UNKNOWN, Pack

KUBERNETES_RULES = [rule.name for rule in RESOURCE_RULES if rule.name not in CLOUD_RULES]


BROKEN = [*BROKEN_PODS, *BROKEN_SECURITY, *BROKEN_TENANTS]
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

    assert Counter(rule_of(line.message) for line in diagnostics) == {case.rule: 1}, [
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

    mandatory = {rule_of(line.message) for line in diagnostics if line.level == "mandatory"}
    assert mandatory == {"pinned-images", "ray-job-shutdown"}
    path = "spec.rayClusterSpec.headGroupSpec.template.spec.containers[0].image"
    [undecided] = [line.message for line in diagnostics if line.level == "advisory"]
    assert f"pinned-images needs {path}; allowed-registries needs {path}" in undecided


def test_an_unknown_namespace_undecides_rules_about_tenants_only():
    body = m.changed(m.ray_job(), "metadata|namespace", UNKNOWN)
    body = m.changed(body, f"{HEAD}|containers|0|image", "quay.io/kuberay/ray:latest")

    diagnostics = Pack().resource(m.RAY_JOB, body)

    assert [rule_of(line.message) for line in diagnostics if line.level == "mandatory"] == ["pinned-images"]
    assert any("queue-label needs metadata.namespace" in line.message for line in diagnostics)


def test_an_unknown_credential_is_a_literal():
    body = m.changed(m.deployment(), "spec|template|spec|containers|0|env|1", {"name": "API_KEY", "value": UNKNOWN})

    diagnostics = Pack().resource(m.DEPLOYMENT, body)

    assert [rule_of(line.message) for line in diagnostics] == ["no-plain-credentials"]


def test_tenant_rules_skip_operators():
    body = m.changed(m.deployment(), "metadata|namespace", "kueue-system")
    body = m.changed(body, "spec|template|spec|securityContext", {})
    body = m.changed(body, "spec|template|spec|hostNetwork", value=True)
    assert Pack().resource(m.DEPLOYMENT, body) == []

    body = m.changed(body, "spec|template|spec|containers|0|image", "registry.k8s.io/kueue/kueue")
    body = m.changed(body, "spec|template|spec|containers|0|resources", {})

    diagnostics = Pack().resource(m.DEPLOYMENT, body)

    assert {rule_of(line.message) for line in diagnostics} == {"pinned-images", "pod-resources"}


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
    assert len(STACK_RULES) == 5 + len(CLOUD_STACK_RULES)  # each is in test_stack_rules, or in test_cloud_rules


def test_other_resources_are_left_alone():
    for token in (
        "aws:s3/object:Object",
        "kubernetes:apps/v1:DeploymentPatch",
        "pulumi:pulumi:Stack",
        "modelyard:index:X",
    ):
        assert Pack().resource(token, {"spec": {"containers": [{}]}}) == []
