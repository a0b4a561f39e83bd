"""Apply all rules that concern a resource, or a stack, and collect their findings.

Rules are indexed by API group and kind once, so a resource that no rule concerns costs one look-up. A rule that meets
an unknown value is undecided for that subject only: its other findings, and all other rules, stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .clusters import CLUSTER_STACK_KINDS
from .exemption import Exemption, exemptions
from .field import UndecidedError
from .resource import Kind, Resource
from .rule import Finding, Level, Rule, StackRule, Violation
from .rulebook import RESOURCE_RULES, RULES, STACK_RULES
from .settings import Settings
from .storage import STORAGE_STACK_KINDS
from .tenants import is_tenant

_BY_KIND: dict[Kind, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RESOURCE_RULES if kind in rule.kinds)
    for kind in sorted(set().union(*(rule.kinds for rule in RESOURCE_RULES)))
}
_STACK_KINDS = frozenset(
    {
        ("core", "Namespace"),
        ("core", "ResourceQuota"),
        ("core", "LimitRange"),
        ("networking.k8s.io", "NetworkPolicy"),
        *CLUSTER_STACK_KINDS,
        *STORAGE_STACK_KINDS,
    }
)


@dataclass(slots=True)
class Verdict:
    """Result of all rules for one resource or one stack."""

    violations: list[Violation] = field(default_factory=list)
    """Broken rules, whose level is mandatory or advisory."""
    undecided: list[tuple[str, str]] = field(default_factory=list)
    """Name of each rule that met an unknown value, and the path of that value."""
    exempted: list[Exemption] = field(default_factory=list)
    """Exemptions that the resource carries, valid or not."""

    def at(self, level: Level) -> list[Violation]:
        """The violations of one level."""
        return [violation for violation in self.violations if violation.level is level]


def concerns(kind: Kind | None) -> bool:
    """Say if a resource rule covers this kind."""
    return kind in _BY_KIND


def concerns_stack(kind: Kind | None) -> bool:
    """Say if a stack rule covers this kind."""
    return kind in _STACK_KINDS or kind in _BY_KIND or (kind is not None and kind[0] == "kueue.x-k8s.io")


def evaluate_resource(resource: Resource, settings: Settings | None = None) -> Verdict:
    """Apply the resource rules to `resource`; the verdict is empty if no rule concerns its kind."""
    settings = settings or Settings()
    verdict = Verdict()
    rules = _BY_KIND.get(resource.kind, ()) if resource.kind else ()
    if not rules:
        return verdict
    verdict.exempted = exemptions(resource, RULES, settings)
    exempt = {exemption.rule for exemption in verdict.exempted if not exemption.ignored}
    for rule in rules:
        level = rule.level_in(settings)
        if level is Level.DISABLED or rule.name in exempt:
            continue
        for result in _apply(rule, resource, settings):
            if isinstance(result, Finding):
                verdict.violations.append(Violation(rule, level, resource, result))
            elif (rule.name, result.path) not in verdict.undecided:
                verdict.undecided.append((rule.name, result.path))
    return verdict


def evaluate_stack(resources: Sequence[Resource], settings: Settings | None = None) -> Verdict:
    """Apply the stack rules to all `resources` of a stack."""
    settings = settings or Settings()
    verdict = Verdict()
    for rule in STACK_RULES:
        level = rule.level_in(settings)
        if level is Level.DISABLED:
            continue
        for result in rule(resources, settings):
            if isinstance(result, UndecidedError):
                verdict.undecided.append((rule.name, result.path))
            elif isinstance(result, Finding) and not _is_exempt(rule, result.resource, settings):
                verdict.violations.append(Violation(rule, level, result.resource, result))
    return verdict


def _apply(rule: Rule, resource: Resource, settings: Settings) -> Iterator[Finding | UndecidedError]:
    if rule.tenants_only:
        try:
            if not is_tenant(resource.namespace.read(), settings):
                return
        except UndecidedError as error:
            yield error
            return
    for subject in rule.subjects(resource):
        try:
            yield from rule(subject, resource, settings)
        except UndecidedError as error:
            yield error


def _is_exempt(rule: StackRule, resource: Resource | None, settings: Settings) -> bool:
    if resource is None:
        return False
    return any(
        exemption.rule == rule.name and not exemption.ignored for exemption in exemptions(resource, RULES, settings)
    )
