"""Objects that no API server would take still get a verdict: a rule that raised would end the whole preview."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.policies.rules import UNKNOWN, Resource, Settings, Verdict, evaluate_resource, evaluate_stack

from tests.policies import manifests as m

odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CAPACITY = Settings(capacity={"nvidia.com/gpu": "1"}, flavor_capacity={"local": {"cpu": 1}})


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside `value`."""
    found = [path] if path else []
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += places(value[key], (*path, key))
    return found


PLACES = [(token, path) for token, body in m.GOOD.items() for path in places(body)]


def replaced(token: str, path: tuple[Any, ...], value: Any) -> Resource:
    body = copy.deepcopy(m.GOOD[token])
    node: Any = body
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return Resource(token, body)


def test_every_place_of_every_object_may_be_unknown():
    for token, path in PLACES:
        verdict = evaluate_resource(replaced(token, path, UNKNOWN))
        assert isinstance(verdict, Verdict)
        assert not [violation for violation in verdict.violations if violation.level == "mandatory"], (token, path)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), odd)
def test_anything_may_stand_anywhere(place, value):
    resource = replaced(place[0], place[1], value)
    rest = [Resource(token, m.GOOD[token]) for token in m.STACK]

    messages = [each.message for each in evaluate_resource(resource).violations]
    messages += [each.message for each in evaluate_stack([*rest, resource], CAPACITY).violations]

    assert all(message.startswith("[") for message in messages)
