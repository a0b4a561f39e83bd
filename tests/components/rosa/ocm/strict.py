"""Validates request bodies as OCM would: unknown fields, wrong types, and `4.0` where a whole number belongs."""

from typing import Any

from tests.components.rosa.ocm.schemas import SCHEMAS

LINKED = {("HTPasswdIdentityProvider", "users")}
"""Lists that are `{"items": […]}` on the wire, although the specification says plain array."""


def problems(kind: str, body: Any, where: str = "") -> list[str]:
    """What is wrong with a body of that kind."""
    if not isinstance(body, dict):
        return [f"{where or 'body'} is not an object"]
    found = []
    for key, value in body.items():
        path = f"{where}.{key}".lstrip(".")
        expected = SCHEMAS[kind].get(key)
        if expected is None:
            found.append(f"unknown field {path}")
        elif value is not None:
            if (kind, key) in LINKED and (not isinstance(value, dict) or list(value) != ["items"]):
                found.append(f"{path} must be an object with items")
                continue
            found += _value(expected, value["items"] if (kind, key) in LINKED else value, path)
    return found


def _value(expected: str, value: Any, path: str) -> list[str]:
    if expected.startswith("["):
        if not isinstance(value, list):
            return [f"{path} is not a list"]
        return [one for index, item in enumerate(value) for one in _value(expected[1:-1], item, f"{path}[{index}]")]
    if expected in SCHEMAS:
        return problems(expected, value, path)
    if expected.startswith("enum:"):
        return [] if value in expected[5:].split("|") else [f"{path} = {value!r} is not one of {expected[5:]}"]
    good = {
        "any": lambda: True,
        "str": lambda: isinstance(value, str),
        "bool": lambda: isinstance(value, bool),
        "int": lambda: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
        "map": lambda: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
    }[expected]()
    return [] if good else [f"{path} = {value!r} is not {expected}"]
