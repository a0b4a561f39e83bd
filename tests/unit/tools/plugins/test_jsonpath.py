import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.kubernetes.jsonpath import JsonPathError, parse

POD = {
    "metadata": {"labels": {"app.kubernetes.io/name": "web", "plain": "yes"}, "generation": 2},
    "spec": {"containers": [{"name": "a", "image": "one"}, {"name": "b", "image": "two", "ports": [80, 81]}]},
    "status": {
        "phase": "Running",
        "count": 3,
        "ok": True,
        "conditions": [
            {"type": "Ready", "status": "True", "reason": "Fine"},
            {"type": "Scheduled", "status": "False"},
        ],
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".status.phase", ["Running"]),
        ("$.status.phase", ["Running"]),
        ("status.phase", ["Running"]),
        (".status['phase']", ["Running"]),
        ('.status["phase"]', ["Running"]),
        (".metadata.labels.app\\.kubernetes\\.io/name", ["web"]),
        (".metadata.labels['app.kubernetes.io/name']", ["web"]),
        (".spec.containers[0].image", ["one"]),
        (".spec.containers[-1].image", ["two"]),
        (".spec.containers[5].image", []),
        (".spec.containers[*].image", ["one", "two"]),
        (".spec.containers[0:1].name", ["a"]),
        (".spec.containers[1].ports[::-1]", [81, 80]),
        (".metadata.labels.*", ["web", "yes"]),
        ("..image", ["one", "two"]),
        ("..containers[0].name", ["a"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        ("$.status.conditions[?@.type == 'Ready'].reason", ["Fine"]),
        ('.status.conditions[?(@.type=="Ready" && @.status=="False")].type', []),
        ('.status.conditions[?(@.type=="Ready" || @.status=="False")].type', ["Ready", "Scheduled"]),
        (".status.conditions[?(!@.reason)].type", ["Scheduled"]),
        (".status.conditions[?(@.reason)].type", ["Ready"]),
        ('.status.conditions[?(@.reason != "Fine")].type', ["Scheduled"]),
        (".spec.containers[?(@.ports[0] >= 80)].name", ["b"]),
        (".spec.containers[?((@.name=='a'))].name", ["a"]),
        (".missing.deeper", []),
        (".status.phase.deeper", []),
        (".status.ok", [True]),
        ("", [POD]),
    ],
)
def test_selects(path, expected):
    assert parse(path).select(POD) == expected


@pytest.mark.parametrize(
    "path",
    [".a[", ".a[?(@.b==]", ".a..", ".", ".a[b c]", ".a[?(@.b=='c'", ".a[?(@.b=='c') 1]", ".a[?()]", ".a b"],
)
def test_invalid_expression_is_refused_with_its_text(path):
    with pytest.raises(JsonPathError) as caught:
        parse(path)

    assert repr(path) in str(caught.value) or path in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(JsonPathError):
        parse(text).select(POD)


@given(st.dictionaries(st.text(alphabet="abc", min_size=1), st.integers(), min_size=1))
def test_every_member_is_found_by_its_name(members):
    for name, value in members.items():
        assert parse(f".{name}").select(members) == [value]
        assert parse(f"['{name}']").select(members) == [value]
