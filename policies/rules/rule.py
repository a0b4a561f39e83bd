"""A rule, its levels, and the message of a violation."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .resource import Kind, Resource
from .settings import Settings


class Level(StrEnum):
    """Effect of a broken rule: stop the deployment, warn, or none."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


class Severity(StrEnum):
    """Harm that a broken rule can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that a check found: `path` of the field, the problem, and the values that are allowed instead.

    `resource` is given by checks of a whole stack; a check of one resource leaves it out.
    """

    path: str
    problem: str
    allowed: str
    resource: Resource | None = None


Subject = Any
"""Argument of one call of a check: the whole resource, one pod, one container or one field."""

Subjects = Callable[[Resource], Iterable[Subject]]
Check = Callable[[Subject, Resource, Settings], Iterator[Finding]]
StackCheck = Callable[[Sequence[Resource], Settings], Iterator[Finding | Exception]]


@dataclass(frozen=True, kw_only=True)
class _RuleBase:
    name: str
    """Kebab case; part of every message, of the configuration and of exemptions."""
    requirement: str
    """Exact requirement, one sentence."""
    reason: str
    """Damage that the rule prevents, one sentence."""
    source: str
    """Published rule or document that it follows."""
    fix: str
    """Instruction, one sentence."""
    severity: Severity
    level: Level = Level.MANDATORY
    exemptable: bool = True
    """False if no annotation can exempt an object."""

    def level_in(self, settings: Settings) -> Level:
        """Return the level that `settings` give this rule, else its own."""
        return Level(settings.levels.get(self.name, self.level))


@dataclass(frozen=True, kw_only=True)
class Rule(_RuleBase):
    """A rule about one resource of certain kinds."""

    kinds: frozenset[Kind]
    subjects: Subjects
    check: Check
    tenants_only: bool = False
    """True if objects in operator namespaces are skipped."""

    def __call__(self, subject: Subject, resource: Resource, settings: Settings) -> Iterator[Finding]:
        """Run the check on one subject."""
        return self.check(subject, resource, settings)


@dataclass(frozen=True, kw_only=True)
class StackRule(_RuleBase):
    """A rule about all resources of a stack together.

    Its check yields an `UndecidedError` instead of raising it, so that one unknown value hides nothing else.
    """

    check: StackCheck

    def __call__(self, resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
        """Run the check on the whole stack."""
        return self.check(resources, settings)


def whole(resource: Resource) -> Iterable[Subject]:
    """Return all properties of the resource as the only subject."""
    return (resource.body,)


def rule(
    *, kinds: Iterable[Kind], subjects: Subjects = whole, tenants_only: bool = False, **fields: Any
) -> Callable[[Check], Rule]:
    """Turn a check into a `Rule`; the other keywords are the fields of `Rule`."""

    def decorate(check: Check) -> Rule:
        return Rule(check=check, kinds=frozenset(kinds), subjects=subjects, tenants_only=tenants_only, **fields)

    return decorate


def stack_rule(**fields: Any) -> Callable[[StackCheck], StackRule]:
    """Turn a check into a `StackRule`; the keywords are the fields of `StackRule`."""

    def decorate(check: StackCheck) -> StackRule:
        return StackRule(check=check, **fields)

    return decorate


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule with its message."""

    rule: Rule | StackRule
    level: Level
    resource: Resource | None
    finding: Finding

    @property
    def message(self) -> str:
        """Text for a person: rule, severity, resource, field path, problem, allowed values, fix."""
        place = ", ".join(filter(None, [self.resource.label if self.resource else "", self.finding.path]))
        return (
            f"[{self.rule.name}, {self.rule.severity}] {place}: {self.finding.problem}. "
            f"Allowed: {self.finding.allowed}. Fix: {self.rule.fix}"
        )
