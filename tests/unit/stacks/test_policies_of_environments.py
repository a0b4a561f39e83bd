"""The cloud resources of each environment keep every rule of the policy pack.

The rules run over the recorded inputs of a whole program; tests/engine/test_policies_of_environments.py runs the pack
itself. Protection is an option of a resource, which the recorder does not see.
"""

import pytest
from modelyard.policies.rules import Resource, evaluate_resource, evaluate_stack

from tests.unit.stacks.test_program import once

UNDECIDED = "cluster-logs"
"""Rule that finds a cluster's diagnostic setting by the id that Azure gives; the recorder gives others."""


@pytest.mark.parametrize("environment", ["aks-dev", "aks-prod", "rosa-dev", "rosa-prod"])
def test_an_environment_keeps_every_rule_about_clouds(environment: str):
    engine, _ = once(environment)
    resources = [
        Resource(record.type, record.inputs, record.name, urn=f"{record.type}::{record.name}", protect=True)
        for record in engine.registered
    ]
    clouds = [resource for resource in resources if resource.in_cloud]

    assert len(clouds) > 5
    assert [violation.message for resource in clouds for violation in evaluate_resource(resource).violations] == []
    assert {violation.rule.name for violation in evaluate_stack(clouds).violations} <= {UNDECIDED}
