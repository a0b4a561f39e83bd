"""Faults of an environment file in words for the person who wrote it: where, what is wrong, what is allowed.

A line reads `teams[0].quota.memory = '8G': unit 'G' is not allowed; write '8GiB' (units: MiB, GiB, TiB)`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from modelyard.components.common.errors import ArgumentError, UserError
from modelyard.stacks.environment.aliases import ALIASES, CurrentDocument, format_path
from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.environment.section import Path, RawFault
from modelyard.workloads.suggestions import propose
from pydantic_core import ErrorDetails

_LONGEST = 120
"""Characters of a value that a message shows; the longest correct values are ARNs and ids of Azure."""


class EnvironmentFileError(UserError, ValueError):
    """An environment file is refused; the message lists every fault with its path and value."""


@dataclass(frozen=True)
class Fault:
    """A single fault of an environment file."""

    path: Path
    value: Any
    text: str
    """Requirement that is not met, and the nearest valid choice."""

    def line(self, document: CurrentDocument | None = None) -> str:
        """Return the fault as a line; objects and missing values are not repeated."""
        path, value = self.path, self.value
        if document and value is not None:
            value = document.scalar(path, value)
        if document:
            path = document.path_in_file(path)
        shown = "" if value is None or isinstance(value, (Mapping, list, tuple)) else f" = {shorten(value)}"
        return f"{format_path(path)}{shown}: {self.text}"


def shorten(value: Any) -> str:
    """Return a value as a message shows it, with the middle of a long one left out."""
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 4 :]}"


def refuse(file: str, faults: Iterable[Fault], document: CurrentDocument | None = None) -> EnvironmentFileError:
    """Return the error that carries all `faults` of `file`, each once, in the order of the file."""
    if document is not None:
        faults = sorted(faults, key=lambda fault: document.position(fault.path))
    lines = dict.fromkeys(fault.line(document) for fault in faults)
    return EnvironmentFileError("\n  ".join([f"{file}: {KEY} is refused:", *lines]))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return `did you mean 'high'?`, or all valid names."""
    return propose(name, known) or f"there are {', '.join(known) or 'none'}"


def fault_of(raw: RawFault) -> Fault:
    """Put a fault that pydantic found in a section into words."""
    kind, path = raw.detail["type"], raw.path
    if kind == "extra_forbidden":
        return _unknown_key(path, raw)
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        tag = raw.detail["input"].get("kind") if isinstance(raw.detail["input"], Mapping) else None
        missing = "is missing; " if tag is None else ""
        return Fault((*path, "kind"), tag, f"{missing}expected 'fine-tune' or 'serve'")
    return Fault(path, None if kind == "missing" else raw.detail["input"], describe(raw.detail))


def _unknown_key(path: Path, raw: RawFault) -> Fault:
    key, allowed, former = str(path[-1]), sorted(raw.section.model_fields), f"{format_path(path)}."
    if former[:-1] in ALIASES:
        return Fault(path, None, f"is the former name of {ALIASES[former[:-1]]}, which is given as well; leave it out")
    if any(alias.startswith(former) for alias in ALIASES) and isinstance(raw.detail["input"], Mapping):
        key = next(iter(raw.detail["input"]), "")
        path, allowed = (*path, key), [alias.removeprefix(former) for alias in ALIASES if alias.startswith(former)]
    text = " ".join(filter(None, ["unknown key;", propose(key, allowed), f"allowed: {', '.join(allowed)}"]))
    return Fault(path, None, raw.section.MISPLACED.get(key, text))


def argument_fault(error: ArgumentError, path: Path) -> Fault:
    """Return the fault of an argument that a component refuses, at its path in the file."""
    value = error.value if isinstance(error.value, (str, int, float)) else None
    return Fault(path, value, rule_text(error))


def rule_text(error: ArgumentError) -> str:
    """Return the rule that an argument breaks, with its source."""
    return f"{error.rule} ({error.source})" if error.source else error.rule


def describe(detail: ErrorDetails) -> str:
    """Return pydantic's fault as a predicate in the words of people who write YAML."""
    value, context = detail.get("input"), detail.get("ctx") or {}
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "string_type" and isinstance(value, date):
        return "must be text; YAML reads it as a date: write it in quotes"
    if detail["type"] == "string_type" and isinstance(value, (int, float)):
        return f"must be text; YAML reads it as {_noun(value)}, and 1.30 as 1.3: write it in quotes"
    expected = _EXPECTED.get(detail["type"])
    if expected is not None:
        return (
            f"{expected.format(**context)}, got {_noun(value)}" if "{" not in expected else expected.format(**context)
        )
    text = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return text[:1].lower() + text[1:]


_EXPECTED = {
    "enum": "expected {expected}",
    "literal_error": "expected {expected}",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "takes at most {max_length}",
    "string_type": "expected text",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected an object of keys and values",
    "model_type": "expected an object of keys and values",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
}
"""Requirement by pydantic's type of fault; the limits in braces come from the fault."""


def _noun(value: Any) -> str:
    nouns = {type(None): "nothing", bool: "true or false", int: "a number", float: "a number", str: "text"}
    return nouns.get(type(value)) or ("a list" if isinstance(value, (list, tuple)) else "an object")
