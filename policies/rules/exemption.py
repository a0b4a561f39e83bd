"""Exemptions: one object, one rule, one reason.

    modelyard.dev/policy-exempt: "job-deadline=interactive cluster of the course, ends in June; host-paths=…"

The rule named is not held against that object; an advisory says so on every preview, with the reason, so that it can
be found and questioned. An exemption that names an unknown rule, or one that allows none, or that gives no reason, is
ignored, and the same advisory says why. A cloud's resource carries the same text as its tag `policy-exempt`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .field import UNKNOWN
from .resource import ANNOTATION, Resource
from .rule import Rule, StackRule
from .settings import Settings

__all__ = ["ANNOTATION", "Exemption", "exemptions"]

_SHORTEST_REASON = 10  # characters: "ok" and "tmp" are no reasons


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule that is not held against one object. `ignored` says why it is nevertheless; empty if it is valid."""

    rule: str
    reason: str
    ignored: str = ""


def exemptions(resource: Resource, rules: Mapping[str, Rule | StackRule], settings: Settings) -> list[Exemption]:
    """The exemptions that `resource` carries, valid or not, in the order they are written."""
    text = resource.exemption.value
    if text is UNKNOWN or not isinstance(text, str):
        return []
    return [_parse_exemption(part, rules, settings) for part in text.split(";") if part.strip()]


def _parse_exemption(text: str, rules: Mapping[str, Rule | StackRule], settings: Settings) -> Exemption:
    name, _, reason = (part.strip() for part in text.partition("="))
    ignored = ""
    if not settings.exemptions:
        ignored = "the configuration allows no exemptions"
    elif name not in rules:
        ignored = "there is no rule of this name"
    elif not rules[name].exemptable:
        ignored = "this rule allows no exemption"
    elif len(reason) < _SHORTEST_REASON:
        ignored = f"a reason of at least {_SHORTEST_REASON} characters must follow: {name}=<reason>"
    return Exemption(name, reason, ignored)
