"""Taints: one spelling, read and written without loss, and refused with the way to write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.node_pools.taints import EFFECTS, GPU, STARTUP_PREFIX, Taint, TaintError, parse

KEYS = st.from_regex(r"\A([a-z]([-a-z0-9]{0,8}[a-z0-9])?\.example/)?[A-Za-z]([-A-Za-z0-9_.]{0,10}[A-Za-z0-9])?\Z")
VALUES = st.just("") | st.from_regex(r"\A[A-Za-z0-9]([-A-Za-z0-9_.]{0,10}[A-Za-z0-9])?\Z")


@given(key=KEYS, value=VALUES, effect=st.sampled_from(EFFECTS))
def test_what_is_written_is_read_again(key: str, value: str, effect: str):
    taint = Taint(key=key, value=value, effect=effect)
    assert parse(taint.text()) == taint
    assert {name: part for name, part in vars(taint).items() if part} == taint.mapping()


WRONG = [
    ("", "'' is not a taint; write it as 'key=value:NoSchedule'"),
    ("sku=gpu", "'sku=gpu' is not a taint; write it as 'key=value:NoSchedule'"),
    ("a=b:noschedule", "'a=b:noschedule': effect 'noschedule' is not one of NoSchedule, PreferNoSchedule, NoExecute;"
     " did you mean 'NoSchedule'?"),
    ("-a=b:NoSchedule", "'-a=b:NoSchedule': key '-a' must be a label key, such as 'example.com/dedicated'"),
    ("a=b c:NoSchedule", "'a=b c:NoSchedule': value 'b c' must be a label value: letters, digits, '-', '_', '.',"
     " at most 63"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text or "nothing" for text, _ in WRONG])
def test_what_is_no_taint_is_refused_with_the_way_to_write_it(text: str, message: str):
    with pytest.raises(TaintError) as refused:
        parse(text)
    assert str(refused.value) == message


def test_a_taint_with_a_value_is_tolerated_exactly_and_one_without_by_its_key():
    exactly = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}

    assert exactly == GPU.toleration()
    assert parse("a:NoExecute").toleration() == {"key": "a", "operator": "Exists", "effect": "NoExecute"}


def test_a_startup_taint_is_not_the_daemons_own():
    assert parse("CriticalAddonsOnly=true:NoSchedule").daemons_only
    assert not parse("CriticalAddonsOnly=true:PreferNoSchedule").daemons_only
    assert not parse(f"{STARTUP_PREFIX}agent:NoSchedule").daemons_only
