"""Taints are parsed and written in one spelling without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.taints import EFFECTS, GPU, STARTUP_PREFIX, Taint, parse_taint

KEYS = st.from_regex(r"\A([a-z]([-a-z0-9]{0,8}[a-z0-9])?\.example/)?[A-Za-z]([-A-Za-z0-9_.]{0,10}[A-Za-z0-9])?\Z")
VALUES = st.just("") | st.from_regex(r"\A[A-Za-z0-9]([-A-Za-z0-9_.]{0,10}[A-Za-z0-9])?\Z")


def parse(text: str) -> Taint:
    return parse_taint("gpu-a", "taints[0]", text)


@given(key=KEYS, value=VALUES, effect=st.sampled_from(EFFECTS))
def test_a_written_taint_parses_to_the_same_taint(key: str, value: str, effect: str):
    taint = Taint(key=key, value=value, effect=effect)
    assert parse(taint.text()) == taint
    assert {name: part for name, part in vars(taint).items() if part} == taint.mapping()


SOURCE = "(Kubernetes, taints and tolerations)"
REFUSED = [
    pytest.param("", "taints[0] = '': is not a taint; write it as 'key=value:NoSchedule'", id="empty"),
    pytest.param(
        "sku=gpu", "taints[0] = 'sku=gpu': is not a taint; write it as 'key=value:NoSchedule'", id="no effect"
    ),
    pytest.param(
        "a=b:noschedule",
        "taints[0] = 'a=b:noschedule': effect 'noschedule' is not one of NoSchedule, PreferNoSchedule, NoExecute; "
        f"did you mean 'NoSchedule'? {SOURCE}",
        id="unknown effect",
    ),
    pytest.param(
        "-a=b:NoSchedule",
        "taints[0] = '-a=b:NoSchedule': key '-a' must be a label key, such as 'example.com/dedicated' " + SOURCE,
        id="key that is no label key",
    ),
    pytest.param(
        "a=b c:NoSchedule",
        "taints[0] = 'a=b c:NoSchedule': value 'b c' must be a label value: letters, digits, '-', '_', '.', at most 63 "
        + SOURCE,
        id="value that is no label value",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_malformed_taint_is_refused_with_the_spelling(text: str, message: str):
    with pytest.raises(ArgumentError) as refusal:
        parse(text)
    assert str(refusal.value) == f"gpu-a: {message}"


def test_the_toleration_matches_the_value_where_there_is_one():
    exactly = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}

    assert exactly == GPU.toleration()
    assert parse("a:NoExecute").toleration() == {"key": "a", "operator": "Exists", "effect": "NoExecute"}


def test_a_startup_taint_is_not_for_daemons_only():
    assert parse("CriticalAddonsOnly=true:NoSchedule").daemons_only
    assert not parse("CriticalAddonsOnly=true:PreferNoSchedule").daemons_only
    assert not parse(f"{STARTUP_PREFIX}agent:NoSchedule").daemons_only
