"""Operators are sorted by their prerequisites, and impossible sets are refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.operators.prerequisites import Operator, sort_operators


def operator(name: str, *requires: str, after: tuple[str, ...] = ()) -> Operator:
    return Operator(name=name, requires=frozenset(requires), after=frozenset(after))


@pytest.mark.parametrize(
    ("operators", "present", "want"),
    [
        pytest.param([], (), [], id="no operator"),
        pytest.param([operator("b"), operator("a")], (), ["b", "a"], id="free order stays"),
        pytest.param([operator("gpu", "nfd"), operator("nfd")], (), ["nfd", "gpu"], id="prerequisite first"),
        pytest.param([operator("gpu", "nfd")], ("nfd",), ["gpu"], id="prerequisite present"),
        pytest.param(
            [operator("kueue", after=("kuberay",)), operator("kuberay")], (), ["kuberay", "kueue"], id="optional first"
        ),
        pytest.param([operator("kueue", after=("kuberay",))], (), ["kueue"], id="optional missing"),
        pytest.param([operator("c", "b"), operator("b", "a"), operator("a")], (), ["a", "b", "c"], id="chain"),
    ],
)
def test_operators_follow_their_prerequisites(operators: list[Operator], present: tuple[str, ...], want: list[str]):
    assert [operator.name for operator in sort_operators(operators, present=present)] == want


@pytest.mark.parametrize(
    ("operators", "message"),
    [
        pytest.param(
            [operator("gpu", "nfd")],
            "operators: gpu: needs nfd, which is neither installed nor in the list; add it",
            id="missing prerequisite",
        ),
        pytest.param([operator("a"), operator("a")], "operators: a: is named twice", id="named twice"),
        pytest.param(
            [operator("a", "b"), operator("b", "a")],
            "operators: require each other in a circle: a → b → a",
            id="circle of two",
        ),
        pytest.param([operator("a", "a")], "operators: require each other in a circle: a → a", id="circle of one"),
        pytest.param(
            [operator("x", "a"), operator("a", "b"), operator("b", "c"), operator("c", after=("a",))],
            "operators: require each other in a circle: a → b → c → a",
            id="circle of three",
        ),
    ],
)
def test_impossible_sets_are_refused(operators: list[Operator], message: str):
    with pytest.raises(ArgumentError) as refusal:
        sort_operators(operators)
    assert str(refusal.value) == message


@given(st.permutations(range(8)), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12))
def test_any_graph_without_circles_is_sorted(order, pairs):
    needs = {number: {other for later, other in pairs if later == number and other < later} for number in range(8)}
    operators = [operator(str(number), *map(str, needs[number])) for number in order]
    names = [operator.name for operator in sort_operators(operators)]
    assert sorted(names) == [str(number) for number in range(8)]
    for number, earlier in needs.items():
        assert all(names.index(str(other)) < names.index(str(number)) for other in earlier)
