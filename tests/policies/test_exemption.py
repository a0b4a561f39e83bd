import pytest
from modelyard.policies.rules import ANNOTATION, Resource, Settings, evaluate_resource, evaluate_stack

from tests.policies import manifests as m

REASON = "course of spring, ends on 30 June"


def broken(annotation: str) -> Resource:
    """A RayJob without deadline and with a moving tag, and the annotation."""
    body = m.changed(m.ray_job(), "spec|activeDeadlineSeconds", m.GONE)
    body = m.changed(
        body, "spec|rayClusterSpec|headGroupSpec|template|spec|containers|0|image", "quay.io/kuberay/ray:main"
    )
    return Resource(m.RAY_JOB, m.changed(body, "metadata|annotations", {ANNOTATION: annotation}))


@pytest.mark.parametrize(
    ("annotation", "left", "ignored"),
    [
        ("", ["pinned-images", "job-deadline"], []),
        (f"job-deadline={REASON}", ["pinned-images"], [""]),
        (f"job-deadline={REASON}; pinned-images = {REASON};", [], ["", ""]),
        ("job-deadline=tmp", ["pinned-images", "job-deadline"], ["a reason of at least 10 characters must follow"]),
        ("job-deadline", ["pinned-images", "job-deadline"], ["a reason of at least 10 characters must follow"]),
        (f"deadline={REASON}", ["pinned-images", "job-deadline"], ["there is no rule of this name"]),
        (f"no-plain-credentials={REASON}", ["pinned-images", "job-deadline"], ["this rule allows no exemption"]),
    ],
)
def test_only_a_valid_exemption_counts_and_all_are_listed(annotation, left, ignored):
    verdict = evaluate_resource(broken(annotation))

    assert [violation.rule.name for violation in verdict.violations] == left
    assert len(verdict.exempted) == len(ignored)
    for exemption, why in zip(verdict.exempted, ignored, strict=True):
        assert why in exemption.ignored
        assert bool(exemption.ignored) == bool(why)


def test_the_configuration_can_forbid_exemptions():
    verdict = evaluate_resource(broken(f"job-deadline={REASON}"), Settings(exemptions=False))

    assert [violation.rule.name for violation in verdict.violations] == ["pinned-images", "job-deadline"]
    assert verdict.exempted[0].ignored == "the configuration allows no exemptions"


def test_a_namespace_can_be_exempted_from_a_rule_about_the_stack():
    lonely = m.namespace()
    named = ["tenant-quota", "tenant-limits", "tenant-network-policy"]
    assert [each.rule.name for each in evaluate_stack([Resource(m.NAMESPACE, lonely)]).violations] == named

    annotations = {ANNOTATION: f"tenant-quota={REASON}"}
    exempt = Resource(m.NAMESPACE, m.changed(lonely, "metadata|annotations", annotations))

    assert [each.rule.name for each in evaluate_stack([exempt]).violations] == named[1:]
