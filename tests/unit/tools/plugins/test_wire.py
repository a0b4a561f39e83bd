import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.wire import (
    UNKNOWN,
    Asset,
    Secret,
    contains_secret,
    contains_unknown,
    decode,
    decode_struct,
    encode,
    encode_struct,
    mark_like,
    reveal,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"

plain_leaf = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53), max_value=2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | st.text()
)
keys = st.text().filter(lambda key: key != SIGNATURE)
plain = st.recursive(plain_leaf, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=12)
tagged_leaf = plain_leaf | st.just(UNKNOWN) | st.builds(Asset, text=st.text())
tagged = st.recursive(
    tagged_leaf,
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner) | st.builds(Secret, plain),
    max_leaves=12,
)


@given(tagged)
def test_every_value_survives_the_wire(value):
    assert decode(encode(value)) == value


@given(st.dictionaries(keys, tagged))
def test_every_set_of_properties_survives_the_bytes_on_the_wire(properties):
    sent = encode_struct(properties).SerializeToString()

    assert decode_struct(struct_pb2.Struct.FromString(sent)) == properties


@given(plain)
def test_numbers_without_fraction_arrive_as_integers(value):
    def holds(item):
        if isinstance(item, float):
            return not item.is_integer()
        if isinstance(item, dict):
            return all(map(holds, item.values()))
        return all(map(holds, item)) if isinstance(item, list) else True

    assert holds(decode(encode(value)))


@given(tagged)
def test_revealed_values_hold_no_secret(value):
    assert not contains_secret(reveal(value))


@given(plain, tagged)
def test_marking_changes_no_content(value, pattern):
    assert reveal(mark_like(value, pattern)) == value


@given(plain)
def test_secret_value_stays_secret(value):
    assert mark_like({"a": value, "b": value}, {"a": Secret(value), "b": value})["a"] == Secret(value)
    assert mark_like([value, value], [Secret(value), value]) == Secret([value, value])


def test_secret_shows_nothing_when_it_is_printed():
    assert "hunter2" not in repr({"a": [Secret("hunter2")]})


@pytest.mark.parametrize(
    "tag",
    [
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_unknown_of_any_type_is_unknown(tag):
    assert decode(struct_pb2.Value(string_value=tag)) is UNKNOWN
    assert contains_unknown({"a": [{"b": Secret(UNKNOWN)}]})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"value": "a"}, "a"),
        ({"value": "a", "secret": True}, Secret("a")),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
    ],
)
def test_output_value_becomes_its_content(fields, expected):
    sent = encode({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", **fields})

    assert decode(sent) == expected


def test_reference_to_a_resource_becomes_its_id():
    reference = {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:a", "id": "ns/name"}

    assert decode(encode(reference)) == "ns/name"
    del reference["id"]
    assert decode(encode(reference)) == "urn:a"


def test_unknown_kind_of_value_is_refused():
    with pytest.raises(ValueError, match="unknown kind"):
        decode(encode({SIGNATURE: "00000000"}))
