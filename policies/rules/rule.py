"""What a rule is, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .resource import Kind, Resource
from .settings import Settings


class Level(StrEnum):
    """What a broken rule does: stop the deployment, warn, or nothing."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


class Severity(StrEnum):
    """How much harm a broken rule can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: the `path` of the field, what is wrong there, and what is allowed instead.

    `resource` is given by checks of a whole stack; a check of one resource leaves it out.
    """

    path: str
    problem: str
    allowed: str
    resource: Resource | None = None


Subject = Any
"""What one call of a check looks at: the whole resource, one pod, one container or one field."""

Subjects = Callable[[Resource], Iterable[Subject]]
Check = Callable[[Subject, Resource, Settings], Iterator[Finding]]
StackCheck = Callable[[Sequence[Resource], Settings], Iterator[Finding | Exception]]


@dataclass(frozen=True, kw_only=True)
class _Described:
    name: str
    """Kebab case; part of every message, of the configuration and of exemptions."""
    what: str
    """Exactly what is checked, one sentence."""
    why: str
    """What goes wrong without it."""
    source: str
    """Where the rule comes from."""
    fix: str
    """One sentence: what to do."""
    severity: Severity
    level: Level = Level.MANDATORY
    exemptable: bool = True
    """Whether an object may be exempted by annotation."""

    def level_in(self, settings: Settings) -> Level:
        """The level that `settings` give this rule, else its own."""
        return Level(settings.levels.get(self.name, self.level))


@dataclass(frozen=True, kw_only=True)
class Rule(_Described):
    """A rule about one resource of certain kinds."""

    kinds: frozenset[Kind]
    subjects: Subjects
    check: Check
    tenants_only: bool = False
    """Whether objects in operator namespaces are left alone."""

    def __call__(self, subject: Subject, resource: Resource, settings: Settings) -> Iterator[Finding]:
        """Run the check on one subject."""
        return self.check(subject, resource, settings)


@dataclass(frozen=True, kw_only=True)
class StackRule(_Described):
    """A rule about all resources of a stack together.

    Its check yields an `UndecidedError` instead of raising it, so that one unknown value hides nothing else.
    """

    check: StackCheck

    def __call__(self, resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
        """Run the check on the whole stack."""
        return self.check(resources, settings)


def whole(resource: Resource) -> Iterable[Subject]:
    """The subject of a check that looks at a resource as a whole: all its properties."""
    return (resource.body,)


def rule(
    *, kinds: Iterable[Kind], subjects: Subjects = whole, tenants_only: bool = False, **described: Any
) -> Callable[[Check], Rule]:
    """Turn a check into a `Rule`; the other keywords are the fields of `Rule`."""

    def make(check: Check) -> Rule:
        return Rule(check=check, kinds=frozenset(kinds), subjects=subjects, tenants_only=tenants_only, **described)

    return make


def stack_rule(**described: Any) -> Callable[[StackCheck], StackRule]:
    """Turn a check into a `StackRule`; the keywords are the fields of `StackRule`."""

    def make(check: StackCheck) -> StackRule:
        return StackRule(check=check, **described)

    return make


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, ready to be told to a person."""

    rule: Rule | StackRule
    level: Level
    resource: Resource | None
    finding: Finding

    @property
    def message(self) -> str:
        """Rule and severity, resource, field path, what is wrong, what is allowed, and what to do."""
        where = ", ".join(filter(None, [self.resource.label if self.resource else "", self.finding.path]))
        return (
            f"[{self.rule.name}, {self.rule.severity}] {where}: {self.finding.problem}. "
            f"Allowed: {self.finding.allowed}. Fix: {self.rule.fix}"
        )
