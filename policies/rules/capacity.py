"""Quota that the nodes can keep."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from .field import Field, UndecidedError
from .quantity import parse_quantity
from .resource import Kind, Resource
from .rule import Finding, Severity, stack_rule
from .settings import Settings

_QUOTA_KINDS: frozenset[Kind] = frozenset({("kueue.x-k8s.io", "ClusterQueue"), ("kueue.x-k8s.io", "Cohort")})


@stack_rule(
    name="quota-within-capacity",
    severity=Severity.HIGH,
    requirement=(
        "The nominal quotas of all ClusterQueues and Cohorts of the stack add up to at most the configured capacity, "
        "in total and for each resource flavor."
    ),
    reason=(
        "Kueue believes its quota and admits jobs that no node can hold; their pods wait, and the quota stays taken."
    ),
    source="Kueue 0.19: flavor quota is declared, not measured",
    fix="Lower nominalQuota, or add nodes and raise capacity or flavorCapacity in the configuration.",
)
def quota_within_capacity(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding | Exception]:
    """One finding per resource in total, and one per resource and flavor."""
    shares: list[_Share] = []
    for resource in resources:
        if resource.kind in _QUOTA_KINDS:
            for share in _shares(resource):
                if isinstance(share, Finding | Exception):
                    yield share
                else:
                    shares.append(share)
    capacities = [(None, settings.capacity), *settings.flavor_capacity.items()]
    for flavor, capacity in capacities:
        for name, amount in capacity.items():
            counted = [share for share in shares if share.name == name and flavor in (None, share.flavor)]
            yield from _find_excess(counted, name, flavor, amount)


class _Share:
    """Nominal quota of the resource `name` in one flavor, with the field that states it."""

    def __init__(self, resource: Resource, field: Field, flavor: str, name: str) -> None:
        self.resource, self.field, self.flavor, self.name = resource, field, flavor, name
        self.amount = parse_quantity(field.read() if field.read() is not None else 0)


def _shares(resource: Resource) -> Iterator[_Share | Finding | Exception]:
    for group in resource.body.at("spec", "resourceGroups").items():
        for flavor in group.at("flavors").items():
            for amount in flavor.at("resources").items():
                quota = amount.at("nominalQuota")
                try:
                    yield _Share(resource, quota, flavor.at("name").text(), amount.at("name").text())
                except UndecidedError as error:
                    yield error
                except ValueError as error:
                    yield Finding(quota.path, str(error), "a Kubernetes quantity", resource)


def _find_excess(shares: list[_Share], name: str, flavor: str | None, capacity: Any) -> Iterator[Finding]:
    total = sum((share.amount for share in shares), Fraction(0))
    if total <= parse_quantity(capacity):
        return
    largest = max(shares, key=lambda share: share.amount)
    parts = ", ".join(f"{share.resource.object_name.value} {share.field.value}" for share in shares)
    nodes = f"the nodes of flavor {flavor} have" if flavor else "the nodes have"
    yield Finding(
        largest.field.path,
        f"the queues promise {_format_amount(total)} of {name} in total ({parts}), and {nodes} {capacity}",
        f"at most {capacity} of {name}{' in flavor ' + flavor if flavor else ''} over all queues",
        largest.resource,
    )


def _format_amount(total: Fraction) -> str:
    return str(total) if total.denominator == 1 else f"{float(total):g}"
