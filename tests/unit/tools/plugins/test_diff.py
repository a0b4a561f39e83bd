import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.diff import Change, Difference, compare, drop_ignored, format_path, is_immutable, parse_path
from tools.plugins.kubernetes.immutable import immutable_fields
from tools.plugins.wire import UNKNOWN

leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
names = st.text(alphabet='ab.[]"/-é', min_size=1, max_size=4)
value = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
documents = st.dictionaries(names, value, max_size=4)
# A trailing backslash cannot be written in Pulumi's notation; Kubernetes allows none in a name.
paths = st.lists(names | st.integers(min_value=0, max_value=20), min_size=1, max_size=5).map(tuple)


def shown(old, new, immutable=()):
    return {one.property_path: (one.change, one.replaces) for one in compare(old, new, list(immutable))}


@given(documents)
def test_nothing_differs_from_itself(document):
    assert compare(document, document, []) == []


@given(documents, documents)
def test_differences_are_found_exactly_when_there_are_any(old, new):
    def same(one, other):
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(same, one, other))
        return isinstance(one, bool) == isinstance(other, bool) and one == other

    assert (compare(old, new, []) == []) == same(old, new)


@given(documents, documents)
def test_reversed_comparison_finds_the_same_places(old, new):
    opposite = {Change.ADD: Change.DELETE, Change.DELETE: Change.ADD, Change.UPDATE: Change.UPDATE}

    there = {(one.path, one.change) for one in compare(old, new, [])}
    back = {(one.path, opposite[one.change]) for one in compare(new, old, [])}

    assert there == back


@given(paths)
def test_written_paths_are_read_back(path):
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize("text", ['a["b', 'a["b"', "a[0", 'a["b"x]'])
def test_path_that_is_not_closed_is_refused(text):
    with pytest.raises(ValueError, match="not closed"):
        parse_path(text)


def test_whole_parts_lists_and_numbers():
    old = {"a": {"b": 1, "c": [1, 2]}, "gone": {"x": 1}}
    new = {"a": {"b": 1.0, "c": [1, 3, 4]}, "new": []}

    assert shown(old, new) == {
        "a.c[1]": (Change.UPDATE, False),
        "a.c[2]": (Change.ADD, False),
        "gone": (Change.DELETE, False),
        "new": (Change.ADD, False),
    }


def test_unknown_differs_from_everything():
    assert shown({"a": 1}, {"a": UNKNOWN, "b": UNKNOWN}) == {
        "a": (Change.UPDATE, False),
        "b": (Change.ADD, False),
    }


def test_true_is_not_one():
    assert shown({"a": True}, {"a": 1}) == {"a": (Change.UPDATE, False)}


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("spec.replicas", {"spec.list[0].a", "metadata.labels"}),
        ("spec", {"metadata.labels"}),
        ("spec.list[*].a", {"spec.replicas", "metadata.labels"}),
        ("spec.list[1]", {"spec.replicas", "spec.list[0].a", "metadata.labels"}),
        ("metadata.labels.one", {"spec.replicas", "spec.list[0].a", "metadata.labels"}),
        ("*", set()),
    ],
)
def test_ignored_changes(ignored, left):
    found = [
        Difference(path, Change.UPDATE, replaces=False)
        for path in (("spec", "replicas"), ("spec", "list", 0, "a"), ("metadata", "labels"))
    ]

    assert {one.property_path for one in drop_ignored(found, [ignored])} == left


def immutable(api_version, kind, *, config_maps=False, secrets=False, **fields):
    manifest = {"apiVersion": api_version, "kind": kind, **fields}
    return immutable_fields(manifest, mutable_config_maps=config_maps, mutable_secrets=secrets)


@pytest.mark.parametrize(
    ("api_version", "kind", "path", "expected"),
    [
        ("apps/v1", "Deployment", ("spec", "selector", "matchLabels", "app"), True),
        ("apps/v1", "Deployment", ("spec", "replicas"), False),
        ("apps/v1", "Deployment", ("spec",), True),
        ("batch/v1", "Job", ("spec", "template", "spec", "containers", 0, "image"), True),
        ("v1", "Pod", ("spec", "containers", 1, "env", 0, "value"), True),
        ("v1", "Pod", ("spec", "tolerations"), False),
        ("v1", "Service", ("spec", "clusterIP"), True),
        ("v1", "Service", ("spec", "ports", 0, "port"), False),
        ("v1", "PersistentVolumeClaim", ("spec", "resources", "requests", "storage"), False),
        ("v1", "PersistentVolumeClaim", ("spec", "storageClassName"), True),
        ("ray.io/v1", "RayJob", ("spec", "entrypoint"), False),
        ("ray.io/v1", "RayJob", ("metadata", "name"), True),
        ("ray.io/v1", "RayJob", ("metadata", "labels", "a"), False),
        # A group of someone else whose kind has a built-in's name.
        ("serving.knative.dev/v1", "Service", ("spec", "clusterIP"), False),
    ],
)
def test_immutable_fields_of_kinds(api_version, kind, path, expected):
    assert is_immutable(path, immutable(api_version, kind)) is expected


def test_data_is_immutable_unless_allowed_or_marked():
    data = ("data", "a")

    assert is_immutable(data, immutable("v1", "ConfigMap"))
    assert not is_immutable(data, immutable("v1", "ConfigMap", config_maps=True))
    assert is_immutable(data, immutable("v1", "ConfigMap", config_maps=True, immutable=True))
    assert is_immutable(("stringData", "a"), immutable("v1", "Secret"))
    assert not is_immutable(data, immutable("v1", "Secret", secrets=True))
