"""Rules of a cloud's resource type, as data; `azure` and `aws` have the tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.clouds.account import Contents


@dataclass(frozen=True)
class AccountScope:
    """Account and region of a provider.

    Attributes:
        account: subscription (Azure) or account number (AWS).
        region: default region, empty where the provider has none.
        tenant: id of the directory (Azure).
    """

    account: str
    region: str = ""
    tenant: str = ""


@dataclass(frozen=True)
class Subject:
    """Resource during an operation.

    Attributes:
        token: type of the resource.
        name: name in the cloud.
        identifier: id; empty before the resource has one.
        inputs: new inputs, in clear and fully known.
        before: earlier inputs; None when the resource is new.
        outputs: outputs beyond the inputs at its creation; empty when the resource is new.
        cloud: contents of the cloud.
        scope: account and region of the provider.
    """

    token: str
    name: str
    identifier: str
    inputs: dict[str, Any]
    cloud: Contents
    scope: AccountScope
    before: dict[str, Any] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Region of the resource."""
        return str(self.inputs.get("location") or self.inputs.get("region") or self.scope.region)


Rule = Callable[[Subject], None]
"""Function that raises CloudError when the cloud refuses."""


def no_outputs(_subject: Subject) -> dict[str, Any]:
    """Return no outputs beyond the inputs."""
    return {}


@dataclass(frozen=True)
class ResourceType:
    """Resource type.

    Attributes:
        token: Pulumi's type token.
        identifier: function that returns the id of a new resource.
        name: input with the name, generated from the Pulumi name when omitted. Empty: the type has no name.
        suffix: digits of a generated name; 0: the Pulumi name itself.
        separator: text before the digits.
        replace_on: inputs whose change replaces the resource, as paths (`[*]` is any item of a list).
        computed: function that returns the outputs beyond the inputs.
        rules: refusals at create and update.
        delete_rules: refusals at delete.
        held_by: `token#property` of resources that block the deletion while they refer to the id.
        needs: inputs with the id of a resource, which must exist.
        excludes: function that returns the id whose operations, and those below it, exclude this one; None: no id.
        seconds: rough duration of a create in the real cloud; updates and deletions take half of it.
        default_location: a missing location is that of the resource group.
        overwrites: a PUT creates the resource and replaces an existing one, as with settings of another resource.
    """

    token: str
    identifier: Callable[[Subject], str]
    name: str = ""
    suffix: int = 8
    separator: str = ""
    replace_on: tuple[str, ...] = ()
    computed: Callable[[Subject], dict[str, Any]] = no_outputs
    rules: tuple[Rule, ...] = ()
    delete_rules: tuple[Rule, ...] = ()
    held_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    excludes: Callable[[Subject], str] | None = None
    seconds: float = 2.0
    default_location: bool = False
    overwrites: bool = False
