"""Prerequisites of operators, as data: the platform sorts operators by them before it registers any."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from modelyard.components.common.errors import ArgumentError


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Name of an operator and of the operators that it needs."""

    name: str
    requires: frozenset[str] = frozenset()
    """Operators that must be installed before it."""
    after: frozenset[str] = frozenset()
    """Operators that are installed before it where they are installed at all."""


def sort_operators(operators: Iterable[Operator], *, present: Collection[str] = ()) -> tuple[Operator, ...]:
    """Sort `operators` so that each follows its prerequisites; the given order stays where it is free.

    Args:
        operators: operators to install.
        present: names of operators that the cluster already has.

    Raises:
        ArgumentError: an operator is named twice, one is missing, or some require each other.
    """
    waiting = list(operators)
    names = [operator.name for operator in waiting]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError("operators", name, None, "is named twice")
    for operator in waiting:
        if missing := sorted(operator.requires - {*names, *present}):
            rule = f"needs {', '.join(missing)}, which is neither installed nor in the list; add it"
            raise ArgumentError("operators", operator.name, None, rule)
    return _sort(waiting, set(present))


def _sort(waiting: list[Operator], installed: set[str]) -> tuple[Operator, ...]:
    names = {operator.name for operator in waiting}
    order: list[Operator] = []
    while waiting:
        ready = next((operator for operator in waiting if not _missing(operator, names, installed)), None)
        if ready is None:
            rule = f"require each other in a circle: {_circle(waiting, names, installed)}"
            raise ArgumentError("operators", "", None, rule)
        waiting.remove(ready)
        order.append(ready)
        installed.add(ready.name)
    return tuple(order)


def _missing(operator: Operator, names: set[str], installed: set[str]) -> list[str]:
    return sorted(((operator.requires | operator.after) & names) - installed)


def _circle(waiting: list[Operator], names: set[str], installed: set[str]) -> str:
    """Describe one circle among `waiting`, in which each operator needs another that waits."""
    by_name = {operator.name: operator for operator in waiting}
    path = [waiting[0].name]
    while (following := _missing(by_name[path[-1]], names, installed)[0]) not in path:
        path.append(following)
    return " → ".join([*path[path.index(following) :], following])
