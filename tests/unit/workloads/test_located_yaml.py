"""YAML with positions: values as PyYAML reads them, and every one of them found again in the text."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.located_yaml import BadYamlError, load

TEXT = """\
# a remark
name: gpt2
layers:
  - kind: full
    heads: [1, 2]
  - kind: sliding
"""

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("name",), (2, 1)),
        (("layers",), (3, 1)),
        (("layers", 0), (4, 5)),
        (("layers", 0, "heads"), (5, 5)),
        (("layers", 0, "heads", 1), (5, 16)),
        (("layers", 1, "kind"), (6, 5)),
        (("layers", 1, "missing", "deep"), (6, 5)),
        (("missing",), (2, 1)),
    ],
)
def test_a_missing_value_has_the_position_of_its_parent(path, place):
    assert load(TEXT).find_position(path) == place


@given(TREES)
def test_values_are_those_of_pyyaml(tree):
    text = yaml.safe_dump(tree)
    assert load(text).value == yaml.safe_load(text) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: 'a' stands twice, first in line 1"),
        ("a: [1,\nb: 2", "not YAML"),
        ("a: !!python/object:os.system 1", "line 1, column 4: not YAML: could not determine a constructor"),
        ("a: 1\n---\nb: 2", "line 2, column 1: not YAML"),
        ("\tq: 1", "line 1, column 1: not YAML"),
        ("{? [1] : 2}", "not YAML"),
        ("a: &x [*x]", "line 1, column 4: refers to itself"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested more than 100 deep"),
    ],
)
def test_only_single_plain_documents_are_loaded(text, message):
    with pytest.raises(BadYamlError) as caught:
        load(text)
    assert message in str(caught.value)


def test_an_empty_document_is_none_at_its_start():
    assert load("").value is None
    assert load("").describe_position(("x",)) == "line 1, column 1"


def test_aliases_that_multiply_are_stopped():
    lines = ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(BadYamlError, match="more than 100000 values"):
        load("\n".join(lines))


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000, "{a: " * 50_000], ids=["flow", "block", "mapping"])
def test_deep_nesting_is_refused_before_loading(text):
    with pytest.raises(BadYamlError, match=r"line 1, column \d+: nested more than 100 deep"):
        load(text)


def test_a_hundred_levels_are_fine():
    assert load("[" * 100 + "7" + "]" * 100).value
