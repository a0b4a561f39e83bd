"""Conversion of Pulumi's property values between a protobuf Struct and Python values.

Plain values become `dict`, `list`, `str`, `bool`, `int`, `float` and `None`. Kinds of Pulumi alone have a type of their
own: `Secret`, `UNKNOWN` (a value that exists only after an `up`), `Asset`. A Struct has no integers: a number without a
fraction becomes an `int`, because Kubernetes rejects `replicas: 3.0`.

Source of the signatures: pulumi/pulumi, sdk/go/common/resource/properties.go and sdk/python/lib/pulumi/runtime/rpc.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a type tag of the protocol, not a password
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

# Any of these strings stands for an unknown value, whatever its type (plugin/rpc.go: UnknownBoolValue and so on).
_UNKNOWN_TAGS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """Type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, repr=False)
class Secret:
    """Value that must not be shown; its repr hides it."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True)
class Asset:
    """File, by its text, its path or its address. Archives have the same form."""

    text: str | None = None
    path: str | None = None
    uri: str | None = None


def decode(value: struct_pb2.Value) -> Any:
    """Convert a protobuf Value to a Python value."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    if kind == "list_value":
        return [decode(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_TAGS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    return None


def decode_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Convert the top-level properties of a resource or provider to Python values."""
    return {name: decode(value) for name, value in struct.fields.items()}


def _decode_object(struct: struct_pb2.Struct) -> Any:
    fields = struct.fields
    if _SIGNATURE not in fields:
        return {name: decode(value) for name, value in fields.items()}
    signature = fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return Secret(decode(fields["value"]))
    if signature == _OUTPUT:
        inner = decode(fields["value"]) if "value" in fields else UNKNOWN
        secret = "secret" in fields and fields["secret"].bool_value
        return Secret(inner) if secret else inner
    if signature == _RESOURCE:
        # The engine's own form for providers that do not take references: the id, or the URN of a component.
        return decode(fields["id"]) if "id" in fields else decode(fields["urn"])
    if signature in (_ASSET, _ARCHIVE):
        source = {name: fields[name].string_value for name in ("text", "path", "uri") if name in fields}
        return Asset(**source)
    raise ValueError(f"a property value has an unknown kind (signature {signature})")


def encode(value: Any) -> struct_pb2.Value:  # noqa: PLR0911 - one return per kind of value
    """Convert a Python value to a protobuf Value.

    Raises:
        TypeError: the value is of a type that no property can have.
    """
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
    if isinstance(value, Secret):
        return struct_pb2.Value(struct_value=encode_struct({_SIGNATURE: _SECRET, "value": value.value}))
    if isinstance(value, Asset):
        source = {name: text for name in ("text", "path", "uri") if (text := getattr(value, name)) is not None}
        return struct_pb2.Value(struct_value=encode_struct({_SIGNATURE: _ASSET, **source}))
    raise TypeError(f"a property cannot be a {type(value).__name__}")


def encode_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Convert the top-level properties of a resource to a Struct."""
    return struct_pb2.Struct(fields={str(name): encode(value) for name, value in properties.items()})


def reveal(value: Any) -> Any:
    """Remove the `Secret` wrappers at any depth. Only for values that are sent to the cluster or compared."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def contains_unknown(value: Any) -> bool:
    """Tell whether any part of the value is unknown."""
    if isinstance(value, Secret):
        return contains_unknown(value.value)
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return isinstance(value, Unknown)


def contains_secret(value: Any) -> bool:
    """Tell whether any part of the value is secret."""
    if isinstance(value, dict):
        return any(contains_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_secret(item) for item in value)
    return isinstance(value, Secret)


def mark_like(value: Any, pattern: Any) -> Any:
    """Mark parts of `value` as secret that are secret in `pattern` at the same path.

    A list is secret as a whole when any of its items was, because its order may have changed.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(pattern, Secret):
        return Secret(reveal(value))
    if isinstance(value, dict) and isinstance(pattern, dict):
        return {key: mark_like(item, pattern[key]) if key in pattern else item for key, item in value.items()}
    return Secret(reveal(value)) if contains_secret(pattern) else value
