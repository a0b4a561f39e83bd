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
    callers in Python and in other languages alike. With a `spec`, which was validated earlier, they pass unchecked.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        schema = inspect.get_annotations(cls.__init__).get("args")
        if "__init__" in vars(cls) and is_typeddict(schema):
            cls.__init__ = _checking(cls.__init__, schema)  # type: ignore[method-assign]


def _checking(constructor: Callable[..., None], schema: Any) -> Callable[..., None]:
    """Return `constructor`, preceded by the check of its arguments."""

    @functools.wraps(constructor)
    def construct(self: Any, name: str, args: Any, opts: Any = None, **keywords: Any) -> None:
        if keywords.get("spec") is None:
            args = validate_arguments(name, args, schema)
        constructor(self, name, args, opts, **keywords)

    return construct
