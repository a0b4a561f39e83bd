"""Description of a cloud: its types, its functions, and the wording of its errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.clouds.account import Contents
from simulator.clouds.resource_type import AccountScope, ResourceType
from simulator.clouds.schemas import ResourceSchema


@dataclass(frozen=True)
class FunctionCall:
    """Call of a function (an invoke).

    Attributes:
        token: token of the function.
        arguments: arguments in clear.
        cloud: contents of the cloud.
        scope: account and region of the provider.
    """

    token: str
    arguments: dict[str, Any]
    cloud: Contents
    scope: AccountScope


Function = Callable[[FunctionCall], dict[str, Any]]


@dataclass(frozen=True)
class Wording:
    """Error of a fault in this cloud, and its effect.

    Attributes:
        code: error code of the cloud.
        message: a sentence; `{name}`, `{type}` and `{region}` are replaced.
        exists: True if the resource exists afterwards.
    """

    code: str
    message: str
    exists: bool = False


@dataclass(frozen=True)
class Cloud:
    """Cloud.

    Attributes:
        package: Pulumi's name of the provider.
        python_package: SDK for Python.
        types: resource types with rules, by token.
        functions: simulated functions, by token.
        unlisted: function that makes a type of the SDK that is not in the table.
        unlisted_function: function that finds a function that is not in the table, or None.
        scope: function that reads account and region from the provider's configuration.
        wordings: errors by kind of fault.
        closed_enums: starts of the tokens whose service refuses values that its SDK does not list; elsewhere an enum
            that the SDK also takes as a string is open.
        is_lenient: scalars may be written as other scalars.
        creates_missing: an update of a missing resource creates it (a PUT), instead of failing.
        stable_outputs: outputs that an update does not change, known in its preview; None: all that are no inputs.
        replaces_in_place: a replaced resource is deleted first also where it has no name.
        retries: repetitions of a throttled request by the official provider.
    """

    package: str
    python_package: str
    types: Mapping[str, ResourceType]
    functions: Mapping[str, Function]
    unlisted: Callable[[str, ResourceSchema], ResourceType]
    unlisted_function: Callable[[str], Function | None]
    scope: Callable[[Mapping[str, Any]], AccountScope]
    wordings: Mapping[str, Wording]
    closed_enums: tuple[str, ...]
    is_lenient: bool
    creates_missing: bool
    stable_outputs: tuple[str, ...] | None
    replaces_in_place: bool
    retries: int

    def type(self, token: str, schema: ResourceSchema) -> ResourceType:
        """Return the type of a token; a type that is not in the table is simulated without rules of its own."""
        return self.types.get(token) or self.unlisted(token, schema)
