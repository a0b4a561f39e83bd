"""One cloud: its types, its functions, and how it words what goes wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.clouds.account import Contents
from simulator.clouds.resource_type import Place, ResourceType
from simulator.clouds.shapes import Shape


@dataclass(frozen=True)
class Question:
    """A call of a function (an invoke).

    Attributes:
        token: the function's.
        arguments: in clear.
        cloud: everything that exists.
        place: whose cloud it is.
    """

    token: str
    arguments: dict[str, Any]
    cloud: Contents
    place: Place


Function = Callable[[Question], dict[str, Any]]


@dataclass(frozen=True)
class Wording:
    """What a fault is called in this cloud, and what it leaves behind.

    Attributes:
        code: the cloud's error code.
        message: a sentence; `{name}`, `{type}` and `{region}` are replaced.
        exists: whether the resource is in the cloud afterwards.
    """

    code: str
    message: str
    exists: bool = False


@dataclass(frozen=True)
class Cloud:
    """One cloud.

    Attributes:
        package: Pulumi's name of the provider.
        python_package: its SDK for Python.
        types: the resource types that are known, by token.
        functions: the functions that are known, by token.
        unlisted: makes a type that is in the SDK and not in the table.
        unlisted_function: answers a function that is not in the table, or None.
        place: reads whose cloud it is from the provider's configuration.
        wordings: per kind of fault.
        closed_enums: start of the tokens whose service refuses values that its SDK does not list; elsewhere an enum
            that the SDK also takes as a string is open.
        is_lenient: scalars may be written as other scalars.
        creates_missing: an update of what is gone makes it again (a PUT), instead of failing.
        stable_outputs: outputs that an update does not change, known in its preview; None: all that are no inputs.
        replaces_in_place: whether a replaced resource is deleted first also where it has no name.
        retries: how often the official provider repeats a throttled request.
    """

    package: str
    python_package: str
    types: Mapping[str, ResourceType]
    functions: Mapping[str, Function]
    unlisted: Callable[[str, Shape], ResourceType]
    unlisted_function: Callable[[str], Function | None]
    place: Callable[[Mapping[str, Any]], Place]
    wordings: Mapping[str, Wording]
    closed_enums: tuple[str, ...]
    is_lenient: bool
    creates_missing: bool
    stable_outputs: tuple[str, ...] | None
    replaces_in_place: bool
    retries: int

    def type(self, token: str, shape: Shape) -> ResourceType:
        """The type of a token; one that is not in the table is simulated without rules of its own."""
        return self.types.get(token) or self.unlisted(token, shape)
