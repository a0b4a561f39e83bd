"""Former names of arguments, which stay accepted beside today's."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import pulumi
from modelyard.components.common.errors import ArgumentError

_Args = TypeVar("_Args", bound=Mapping[str, Any])


def resolve_deprecated(component: str, args: _Args, names: Mapping[str, str]) -> _Args:
    """Return `args` with every former name replaced by today's, with a warning for each.

    Args:
        component: name of the component, for messages.
        args: the arguments as given.
        names: today's name of each former one.

    Raises:
        ArgumentError: an argument is given under both names.
    """
    resolved = dict(args)
    for former, name in names.items():
        if former not in resolved:
            continue
        if name in resolved:
            raise ArgumentError(component, former, None, f"is the former name of {name}, which is given as well")
        pulumi.log.warn(f"{component}: {former} is now called {name}; the former name goes with the next major release")
        resolved[name] = resolved.pop(former)
    return cast(_Args, resolved)
