"""Base class of the components."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pulumi
from modelyard.components.common.validation import validate_arguments
from typing_extensions import is_typeddict


class Component(pulumi.ComponentResource):
    """Component resource that checks its arguments before its constructor runs.

    The constructor of a subclass annotates `args` with a TypedDict; `validate_arguments` checks them against it, for
    callers in Python and in other languages alike. `spec` is the validated form of the same arguments, where their
    composer has it already: they then pass unchecked. Without it the constructor validates them, and raises an
    ArgumentError before anything is registered.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        schema = inspect.get_annotations(cls.__init__).get("args")
        if "__init__" in vars(cls) and is_typeddict(schema):
            cls.__init__ = _checking(cls.__init__, schema)  # type: ignore[method-assign]


def list_dependencies(opts: pulumi.ResourceOptions | None) -> list[Any]:
    """List the resources that a component depends on, for its child that must come after them in a deletion as well.

    A component's own `depends_on` orders creation only; the state, from which Pulumi takes the order of replacement and
    deletion, holds that of the child.
    """
    depends_on: Any = opts.depends_on if opts else None
    if depends_on is None:
        return []
    return list(depends_on) if isinstance(depends_on, list | tuple) else [depends_on]


def _checking(constructor: Callable[..., None], schema: Any) -> Callable[..., None]:
    """Return `constructor`, preceded by the check of its arguments."""

    @functools.wraps(constructor)
    def construct(self: Any, name: str, args: Any, opts: Any = None, **keywords: Any) -> None:
        if keywords.get("spec") is None:
            args = validate_arguments(name, args, schema)
        constructor(self, name, args, opts, **keywords)

    return construct
