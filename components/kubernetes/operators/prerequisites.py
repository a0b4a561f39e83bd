"""What operators need, as data: the platform sorts them, and refuses what cannot work, before it registers anything."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


class PrerequisiteError(ValueError):
    """Operators cannot be installed as asked; the message says which and why."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One operator as the sorter sees it."""

    name: str
    requires: frozenset[str] = frozenset()
    """Must be installed before it."""
    after: frozenset[str] = frozenset()
    """Come before it if they are installed at all."""


def in_order(operators: Iterable[Operator], *, present: Collection[str] = ()) -> tuple[Operator, ...]:
    """`operators` so that each comes after what it needs; as given where the order is free.

    Args:
        operators: to install.
        present: names of those that the cluster already has.

    Raises:
        PrerequisiteError: one is named twice, one is missing, or some need each other in a circle.
    """
    wanted = list(operators)
    names = [operator.name for operator in wanted]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PrerequisiteError(f"operator {', '.join(twice)} is asked for twice")
    there = {*names, *present}
    for operator in wanted:
        if missing := sorted(operator.requires - there):
            raise PrerequisiteError(
                f"operator {operator.name} needs {', '.join(missing)}, which is neither installed nor asked for"
            )
    return _sorted(wanted, set(present))


def _sorted(wanted: list[Operator], done: set[str]) -> tuple[Operator, ...]:
    names = {operator.name for operator in wanted}
    order: list[Operator] = []
    waiting = list(wanted)
    while waiting:
        ready = next((one for one in waiting if not _open(one, names, done)), None)
        if ready is None:
            raise PrerequisiteError(f"operators need each other in a circle: {_circle(waiting, names, done)}")
        waiting.remove(ready)
        order.append(ready)
        done.add(ready.name)
    return tuple(order)


def _open(operator: Operator, names: set[str], done: set[str]) -> list[str]:
    return sorted(((operator.requires | operator.after) & names) - done)


def _circle(waiting: list[Operator], names: set[str], done: set[str]) -> str:
    """One circle among `waiting`, in which each operator needs another that waits."""
    by_name = {operator.name: operator for operator in waiting}
    path = [waiting[0].name]
    while (following := _open(by_name[path[-1]], names, done)[0]) not in path:
        path.append(following)
    return " → ".join([*path[path.index(following) :], following])
