import base64

from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.kubernetes.ownership import leave_ignored, takeover
from tools.plugins.kubernetes.state import (
    as_inputs_of,
    checkpoint,
    fold_string_data,
    protect,
    split_checkpoint,
    to_kubernetes,
    to_pulumi,
)
from tools.plugins.wire import Secret, encode_struct, reveal

leaf = st.booleans() | st.integers() | st.text(max_size=5)
keys = st.text(alphabet="abc", min_size=1, max_size=3)
documents = st.dictionaries(
    keys, st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
)


def b64(text):
    return base64.b64encode(text.encode()).decode()


@given(documents)
def test_untouched_object_gives_its_inputs_back(inputs):
    live = {**inputs, "status": {"phase": "Active"}, "added": [1]}
    known = {key: value for key, value in inputs.items() if key not in ("status", "added")}

    assert as_inputs_of(live, known) == known


@given(documents)
def test_names_survive_both_spellings(document):
    special = {"x-kubernetes-list-type": "map", "inner": [{"x-kubernetes-int-or-string": True}], **document}

    assert to_kubernetes(to_pulumi(special)) == special


def test_only_fields_of_the_inputs_are_compared():
    inputs = {
        "spec": {
            "cpu": "2000m",
            "wait": "300s",
            "containers": [{"name": "a", "image": "one"}, {"name": "b", "image": "two"}],
            "args": ["x", "y"],
        },
        "metadata": {"labels": {"size": "1000m"}},
    }
    live = {
        "spec": {
            "cpu": "2",
            "wait": "5m0s",
            "containers": [
                {"name": "side"},
                {"name": "b", "image": "three", "tty": True},
                {"name": "a", "image": "one"},
            ],
            "args": ["x", "y", "z"],
            "default": 1,
        },
        "metadata": {"labels": {"size": "1", "theirs": ""}, "uid": "1"},
        "status": {},
    }

    assert as_inputs_of(live, inputs) == {
        "spec": {
            "cpu": "2000m",
            "wait": "300s",
            "containers": [{"name": "a", "image": "one"}, {"name": "b", "image": "three"}],
            "args": ["x", "y", "z"],
        },
        # A label is text: another spelling is another label.
        "metadata": {"labels": {"size": "1"}},
    }


def test_string_data_is_encoded_for_the_server_only():
    inputs = {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "one"}, "data": {"b": b64("two")}}

    sent = fold_string_data(inputs)

    assert sent == {"apiVersion": "v1", "kind": "Secret", "data": {"a": b64("one"), "b": b64("two")}}
    assert as_inputs_of({**sent, "metadata": {}}, inputs) == inputs
    changed = {**sent, "data": {**sent["data"], "a": b64("three")}}
    assert as_inputs_of(changed, inputs)["stringData"] == {"a": "three"}


def test_state_keeps_secrets_and_forgets_managed_fields():
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": Secret("hidden")}}
    live = {**reveal(inputs), "metadata": {"name": "m", "uid": "1", "managedFields": [{"manager": "x"}]}}

    outputs = checkpoint(live, inputs, api_version="v1", manager="pulumi-kubernetes-1")

    assert outputs["data"] == {"a": Secret("hidden")}
    assert outputs["__inputs"]["data"] == {"a": Secret("hidden")}
    assert outputs["metadata"] == {"name": "m", "uid": "1"}
    old_inputs, old_live = split_checkpoint(outputs)
    assert old_inputs == reveal(inputs)
    assert old_live == {**reveal(inputs), "metadata": {"name": "m", "uid": "1"}}
    encode_struct(outputs)


def test_data_of_a_secret_is_secret_without_being_marked():
    marked = protect({"apiVersion": "v1", "kind": "Secret", "data": {"a": "MQ=="}, "type": "Opaque"}, {})

    assert marked["data"] == Secret({"a": "MQ=="})
    assert marked["type"] == "Opaque"


def entry(manager, operation, fields, **more):
    return {"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields, **more}


def live_with(*entries, **fields):
    return {"metadata": {"resourceVersion": "7", "managedFields": list(entries)}, **fields}


def test_fields_of_client_side_writes_are_taken_over_once():
    kubectl = entry("kubectl", "Update", {"f:spec": {"f:a": {}}})
    ours = entry("mine", "Apply", {"f:spec": {"f:b": {}}})
    theirs = entry("controller", "Update", {"f:status": {}}, subresource="status")

    patch = takeover(live_with(kubectl, ours, theirs), "mine")

    merged = entry("mine", "Apply", {"f:spec": {"f:a": {}, "f:b": {}}})
    assert patch == [
        {"op": "replace", "path": "/metadata/managedFields", "value": [theirs, merged]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
    ]
    assert takeover(live_with(ours, theirs), "mine") == []


def test_ignored_fields_keep_their_values():
    live = live_with(
        entry("autoscaler", "Apply", {"f:spec": {"f:replicas": {}}}),
        entry("mine", "Apply", {"f:spec": {"f:image": {}, "f:paused": {}}}),
        spec={"replicas": 5, "image": "live", "paused": True},
    )
    inputs = {"spec": {"replicas": 1, "image": "program", "paused": False}}

    left = leave_ignored(inputs, live, ["spec.replicas", "spec.image", "spec.list[0].a"], "mine")

    assert left == {"spec": {"image": "live", "paused": False}}
