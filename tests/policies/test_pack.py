"""The pack around the rules: levels, configuration, exemptions and metadata as the engine sees them."""

from pathlib import Path

import pytest
import yaml
from modelyard.policies.pack import plain
from modelyard.policies.rules import ANNOTATION, POLICIES
from modelyard.policies.rules import UNKNOWN as PLAIN_UNKNOWN
from pulumi_policy.proxy import unknown_checking_proxy

from tests.policies import manifests as m
from tests.policies.servicer import UNKNOWN, Pack

ROOT_RESOURCE = "pulumi:pulumi:Stack"
POLICIES_FOLDER = Path(__file__).parents[2] / "policies"


def test_proxies_become_plain_data_and_unknown_values_are_kept_apart():
    proxy = unknown_checking_proxy({"a": [{"b": UNKNOWN, "c": 1.0, "d": 1.5}], "e": [], "f": None, "g": "x"})

    assert plain(proxy) == {"a": [{"b": PLAIN_UNKNOWN, "c": 1, "d": 1.5}], "e": [], "f": None, "g": "x"}


def test_a_level_moves_a_rule_to_the_other_policy():
    body = m.changed(m.ray_job(), "spec|activeDeadlineSeconds", m.GONE)

    [mandatory] = Pack().resource(m.RAY_JOB, body)
    [advisory] = Pack({"levels": {"job-deadline": "advisory"}}).resource(m.RAY_JOB, body)

    assert (mandatory.level, mandatory.policy) == ("mandatory", "resources")
    assert (advisory.level, advisory.policy) == ("advisory", "resources-advice")
    assert Pack({"levels": {"job-deadline": "disabled"}}).resource(m.RAY_JOB, body) == []


def test_a_level_moves_a_stack_rule_too():
    stack = [(m.NAMESPACE, m.namespace())]
    levels = {"tenant-quota": "advisory", "tenant-limits": "disabled"}

    diagnostics = Pack({"levels": levels}).stack(stack)

    assert {(line.level, line.policy) for line in diagnostics} == {("mandatory", "stack"), ("advisory", "stack-advice")}
    assert len(diagnostics) == 2


def test_a_wrong_configuration_stops_the_run_once_and_judges_nothing():
    pack = Pack({"registires": ["quay.io"]})

    fault, advice = pack.resource(ROOT_RESOURCE, {})

    assert (fault.level, advice.level) == ("mandatory", "advisory")
    assert "registires: there is no such setting; did you mean 'registries'?" in fault.message
    assert pack.resource(m.RAY_JOB, m.changed(m.ray_job(), "spec|shutdownAfterJobFinishes", value=False)) == []
    assert Pack().resource(ROOT_RESOURCE, {}) == []


def test_an_invalid_stack_configuration_is_reported():
    diagnostics = Pack({"capacity": {"memory": "8GB"}}).stack([(m.NAMESPACE, m.namespace())])

    assert {line.policy for line in diagnostics} == {"stack", "stack-advice"}
    assert all("'8GB' is not a Kubernetes quantity" in line.message for line in diagnostics)


def test_whole_numbers_survive_the_wire():
    body = m.changed(m.pod(), "spec|containers|0|resources|limits", {"cpu": 1, "memory": "2Gi", "nvidia.com/gpu": 4})
    body = m.changed(body, "spec|containers|0|resources|requests", {"cpu": 1, "memory": "2Gi", "nvidia.com/gpu": 4})

    [diagnostic] = Pack({"maxGpusPerContainer": 2}).resource(m.POD, body)

    assert "asks for 4 of nvidia.com/gpu. Allowed: a whole number from 0 to 2" in diagnostic.message


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("spring course, ends in June", "is exempt from `job-deadline`: spring course, ends in June"),
        ("no", "the exemption from `job-deadline` is ignored: a reason of at least 10 characters"),
    ],
)
def test_exemptions_are_listed_as_advice(reason, says):
    body = m.changed(m.ray_job(), "metadata|annotations", {ANNOTATION: f"job-deadline={reason}"})

    [diagnostic] = Pack().resource(m.RAY_JOB, body)

    assert diagnostic.level == "advisory"
    assert says in diagnostic.message


def test_what_the_engine_reads_about_the_pack():
    info = Pack().info()

    assert tuple(policy.name for policy in info.policies) == POLICIES
    assert all("capacity" in policy.configSchema.properties for policy in info.policies)


def test_the_project_file_names_the_environment_that_uv_makes():
    project = yaml.safe_load((POLICIES_FOLDER / "PulumiPolicy.yaml").read_text())

    assert project["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}
    assert (POLICIES_FOLDER / "uv.lock").exists()
