"""Check of request bodies as OCM does it: unknown fields, wrong types, and `4.0` in place of a whole number."""

from typing import Any

from tests.components.rosa.ocm.schemas import SCHEMAS

LINKED = {("HTPasswdIdentityProvider", "users")}
"""Lists that are `{"items": […]}` on the wire, although the specification says plain array."""


def body_faults(kind: str, body: Any, path: str = "") -> list[str]:
    """List the faults of a body of that kind."""
    if not isinstance(body, dict):
        return [f"{path or 'body'} is not an object"]
    faults = []
    for key, value in body.items():
        field = f"{path}.{key}".lstrip(".")
        expected = SCHEMAS[kind].get(key)
        if expected is None:
            faults.append(f"unknown field {field}")
        elif value is not None:
            if (kind, key) in LINKED and (not isinstance(value, dict) or list(value) != ["items"]):
                faults.append(f"{field} must be an object with items")
                continue
            faults += _value_faults(expected, value["items"] if (kind, key) in LINKED else value, field)
    return faults


def _value_faults(expected: str, value: Any, path: str) -> list[str]:
    if expected.startswith("["):
        if not isinstance(value, list):
            return [f"{path} is not a list"]
        items = enumerate(value)
        return [fault for index, item in items for fault in _value_faults(expected[1:-1], item, f"{path}[{index}]")]
    if expected in SCHEMAS:
        return body_faults(expected, value, path)
    if expected.startswith("enum:"):
        return [] if value in expected[5:].split("|") else [f"{path} = {value!r} is not one of {expected[5:]}"]
    valid = {
        "any": lambda: True,
        "str": lambda: isinstance(value, str),
        "bool": lambda: isinstance(value, bool),
        "int": lambda: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
        "map": lambda: isinstance(value, dict) and all(isinstance(text, str) for text in value.values()),
    }[expected]()
    return [] if valid else [f"{path} = {value!r} is not {expected}"]
