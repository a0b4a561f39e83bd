"""The annotation `pulumi.com/waitFor`: what a program waits for, beyond what a kind waits for by itself.

One expression, or a JSON list of them that must all hold:
- `condition=Ready`: the condition is `True`; `condition=Ready=False`: it has that status;
- `jsonpath={.status.phase}`: the path exists; `jsonpath={.status.phase}=Running`: its first value is that text.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from tools.plugins.kubernetes import jsonpath
from tools.plugins.kubernetes.manifest import number
from tools.plugins.kubernetes.readiness import READY, Verdict, condition, is_stale, waiting

Rule = Callable[[dict[str, Any]], Verdict]


class WaitForError(ValueError):
    """The annotation cannot be read."""


def parse_wait_for(value: str) -> list[Rule]:
    """The rules that the annotation's value stands for.

    Raises:
        WaitForError: it is empty, or an expression of it cannot be read.
    """
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    expressions = parsed if isinstance(parsed, list) else [value]
    if not expressions:
        raise WaitForError("pulumi.com/waitFor is an empty list: name at least one condition")
    return [_rule(str(expression)) for expression in expressions]


def _rule(expression: str) -> Rule:
    if expression.startswith("condition="):
        return _condition_rule(expression.removeprefix("condition="))
    if expression.startswith("jsonpath="):
        return _path_rule(expression.removeprefix("jsonpath="))
    raise WaitForError(
        f"pulumi.com/waitFor has {expression!r}: expected condition=TYPE, condition=TYPE=STATUS, jsonpath={{PATH}} or "
        "jsonpath={PATH}=VALUE"
    )


def _condition_rule(expression: str) -> Rule:
    kind, _, status = expression.partition("=")
    wanted = status or "True"
    if not kind:
        raise WaitForError("pulumi.com/waitFor has 'condition=' without a condition type")

    def rule(live: dict[str, Any]) -> Verdict:
        found = condition(live, kind)
        if not found:
            return waiting(f"waiting for condition {kind}={wanted}; it is not set")
        observed = found.get("observedGeneration")
        if is_stale(live) or (isinstance(observed, int) and observed < number(live, "metadata", "generation")):
            return waiting(f"waiting for condition {kind}={wanted}; the controller has not seen the change")
        if str(found.get("status", "")).lower() == wanted.lower():
            return READY
        detail = ": ".join(str(found[key]) for key in ("reason", "message") if found.get(key))
        return waiting(
            f"waiting for condition {kind}={wanted}; it is {found.get('status')}" + (f" ({detail})" if detail else "")
        )

    return rule


# `{…}`, then optionally `=value`; a filter inside the braces may contain `==` and braces in quotes.
_BRACED = re.compile(r"\{\s*(?P<path>.*?)\s*\}(?:=(?P<value>.*))?", re.DOTALL)


def _path_rule(expression: str) -> Rule:
    match = _BRACED.fullmatch(expression)
    if match is None:
        raise WaitForError(f"pulumi.com/waitFor has 'jsonpath={expression}': write jsonpath={{.path}} or …=VALUE")
    wanted = match["value"]
    if wanted == "":
        raise WaitForError(f"pulumi.com/waitFor has 'jsonpath={expression}' without a value after the last '='")
    try:
        path = jsonpath.parse(match["path"])
    except jsonpath.JsonPathError as error:
        raise WaitForError(f"pulumi.com/waitFor: {error}") from None
    shown = f"{{{match['path']}}}" + (f"={wanted}" if wanted else "")

    def rule(live: dict[str, Any]) -> Verdict:
        if is_stale(live):
            return waiting(f"waiting for {shown}; the controller has not seen the change")
        found = path.select(live)
        if not found:
            return waiting(f"waiting for {shown}; there is nothing yet")
        if wanted is None or _as_text(found[0]) == wanted:
            return READY
        return waiting(f"waiting for {shown}; it is {_as_text(found[0])!r}")

    return rule


def _as_text(value: Any) -> str:
    """The text that the official provider (Go's fmt) compares with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "<nil>" if value is None else str(value)
