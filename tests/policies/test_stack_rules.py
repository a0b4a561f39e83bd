"""Rules about the whole stack through the real servicer: one change breaks one rule, an unknown value undecides it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from tests.policies import manifests as m
from tests.policies.case import rule_of
from tests.policies.servicer import UNKNOWN, Pack


@dataclass(frozen=True)
class StackCase:
    """A change to the good stack (by token: None drops the object, else path and value), the rule, and its message."""

    change: dict[str, Any]
    rule: str
    says: str = ""

    def __str__(self) -> str:
        token, change = next(iter(self.change.items()))
        return f"{self.rule}-{token.rsplit(':', 1)[1]}-{change[0].split('|')[-1] if change else 'dropped'}"


@pytest.mark.parametrize(
    "case",
    [
        StackCase(change={m.RESOURCE_QUOTA: None}, rule="tenant-quota", says="the namespace has no ResourceQuota"),
        StackCase(
            change={m.RESOURCE_QUOTA: ("spec|hard", {"requests.cpu": "1"})},
            rule="tenant-quota",
            says="a ResourceQuota, but not the one it needs",
        ),
        StackCase(change={m.LIMIT_RANGE: None}, rule="tenant-limits", says="the namespace has no LimitRange"),
        StackCase(
            change={m.LIMIT_RANGE: ("spec|limits|0|type", "Pod")}, rule="tenant-limits", says="not the one it needs"
        ),
        StackCase(
            change={m.NETWORK_POLICY: None}, rule="tenant-network-policy", says="the namespace has no NetworkPolicy"
        ),
        StackCase(
            change={m.NETWORK_POLICY: ("spec|podSelector", {"matchLabels": {"app": "x"}})},
            rule="tenant-network-policy",
            says="not the one it needs",
        ),
        StackCase(
            change={m.NETWORK_POLICY: ("spec|policyTypes", ["Ingress"])},
            rule="tenant-network-policy",
            says="not the one it needs",
        ),
        StackCase(
            change={m.NETWORK_POLICY: ("spec|ingress", [{}])}, rule="tenant-network-policy", says="not the one it needs"
        ),
        StackCase(
            change={m.NETWORK_POLICY: ("spec|egress", [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])},
            rule="tenant-network-policy",
            says="not the one it needs",
        ),
        StackCase(
            change={m.NETWORK_POLICY: ("metadata|namespace", "team-b")},
            rule="tenant-network-policy",
            says="no NetworkPolicy",
        ),
        StackCase(
            change={m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|1|nominalQuota", "4")},
            rule="quota-within-capacity",
            says="the queues promise 4 of nvidia.com/gpu in total (team-a 4), and the nodes have 1",
        ),
        StackCase(
            change={m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|0|nominalQuota", "a lot")},
            rule="quota-within-capacity",
            says="'a lot' is not a Kubernetes quantity",
        ),
        StackCase(
            change={m.LOCAL_QUEUE: ("metadata|name", "team")},
            rule="queue-exists",
            says="the queue `team-a` does not exist. Allowed: team.",
        ),
    ],
    ids=str,
)
def test_one_change_of_the_stack_breaks_one_rule_about_it(case: StackCase):
    diagnostics = Pack({"capacity": {"nvidia.com/gpu": "1", "cpu": "2"}}).stack(_stack(case.change))

    assert Counter(rule_of(line.message) for line in diagnostics) == {case.rule: 1}, [
        line.message for line in diagnostics
    ]
    assert diagnostics[0].level == "mandatory"
    assert case.says in diagnostics[0].message
    assert diagnostics[0].urn.startswith("urn:pulumi:")


@pytest.mark.parametrize(
    "case",
    [
        StackCase(change={m.RESOURCE_QUOTA: ("metadata|namespace", UNKNOWN)}, rule="tenant-quota"),
        StackCase(change={m.RESOURCE_QUOTA: ("spec|hard", UNKNOWN)}, rule="tenant-quota"),
        StackCase(change={m.LIMIT_RANGE: ("spec|limits", UNKNOWN)}, rule="tenant-limits"),
        StackCase(change={m.NETWORK_POLICY: ("spec|podSelector", UNKNOWN)}, rule="tenant-network-policy"),
        StackCase(
            change={m.CLUSTER_QUEUE: ("spec|resourceGroups|0|flavors|0|resources|1|nominalQuota", UNKNOWN)},
            rule="quota-within-capacity",
        ),
        StackCase(change={m.LOCAL_QUEUE: ("metadata|name", UNKNOWN)}, rule="queue-exists"),
    ],
    ids=str,
)
def test_a_rule_about_the_stack_that_meets_an_unknown_value_says_so(case: StackCase):
    diagnostics = Pack({"capacity": {"nvidia.com/gpu": "1", "cpu": "2"}}).stack(_stack(case.change))

    assert [line.level for line in diagnostics] == ["advisory"], diagnostics
    assert f"{case.rule} needs " in diagnostics[0].message


def test_quota_is_added_up_over_queues_and_by_flavor():
    stack = [(m.CLUSTER_QUEUE, m.cluster_queue("team-a", "6")), (m.CLUSTER_QUEUE, m.cluster_queue("team-b", "4"))]

    diagnostics = Pack(
        {"capacity": {"nvidia.com/gpu": 10}, "flavorCapacity": {"local": {"nvidia.com/gpu": "8"}}}
    ).stack(stack)

    assert len(diagnostics) == 1
    assert "promise 10 of nvidia.com/gpu in total (team-a 6, team-b 4), and the nodes of flavor local have 8" in (
        diagnostics[0].message
    )


def _stack(change: dict[str, Any]) -> list[tuple[str, m.Body]]:
    stack = []
    for token in m.STACK:
        if token not in change:
            stack.append((token, m.good(token)))
        elif change[token] is not None:
            stack.append((token, m.changed(m.good(token), *change[token])))
    return stack
