"""Operators in order: what must come first does, and what cannot work is refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.kubernetes.operators.prerequisites import Operator, PrerequisiteError, in_order


def operator(name: str, *requires: str, after: tuple[str, ...] = ()) -> Operator:
    return Operator(name=name, requires=frozenset(requires), after=frozenset(after))


@pytest.mark.parametrize(
    ("operators", "present", "want"),
    [
        ([], (), []),
        ([operator("b"), operator("a")], (), ["b", "a"]),
        ([operator("gpu", "nfd"), operator("nfd")], (), ["nfd", "gpu"]),
        ([operator("gpu", "nfd")], ("nfd",), ["gpu"]),
        ([operator("kueue", after=("kuberay",)), operator("kuberay")], (), ["kuberay", "kueue"]),
        ([operator("kueue", after=("kuberay",))], (), ["kueue"]),
        ([operator("c", "b"), operator("b", "a"), operator("a")], (), ["a", "b", "c"]),
    ],
)
def test_order(operators, present, want):
    assert [one.name for one in in_order(operators, present=present)] == want


@pytest.mark.parametrize(
    ("operators", "message"),
    [
        ([operator("gpu", "nfd")], "operator gpu needs nfd, which is neither installed nor asked for"),
        ([operator("a"), operator("a")], "operator a is asked for twice"),
        ([operator("a", "b"), operator("b", "a")], "operators need each other in a circle: a → b → a"),
        ([operator("a", "a")], "operators need each other in a circle: a → a"),
        (
            [operator("x", "a"), operator("a", "b"), operator("b", "c"), operator("c", after=("a",))],
            "operators need each other in a circle: a → b → c → a",
        ),
    ],
)
def test_refusal(operators, message):
    with pytest.raises(PrerequisiteError) as refused:
        in_order(operators)
    assert str(refused.value) == message


@given(st.permutations(range(8)), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12))
def test_any_graph_without_circles_is_sorted(order, pairs):
    needs = {number: {other for one, other in pairs if one == number and other < one} for number in range(8)}
    operators = [operator(str(number), *map(str, needs[number])) for number in order]
    names = [one.name for one in in_order(operators)]
    assert sorted(names) == [str(number) for number in range(8)]
    for number, earlier in needs.items():
        assert all(names.index(str(other)) < names.index(str(number)) for other in earlier)
