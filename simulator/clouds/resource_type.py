"""What a resource type of a cloud is made of, as data: the tables of `azure` and `aws` are lists of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.clouds.account import Contents


@dataclass(frozen=True)
class Place:
    """Whose cloud it is.

    Attributes:
        account: subscription (Azure) or account number (AWS).
        region: the default region, empty where the provider was given none.
        tenant: the directory's id (Azure).
    """

    account: str
    region: str = ""
    tenant: str = ""


@dataclass(frozen=True)
class Subject:
    """A resource while something is done to it.

    Attributes:
        token: its type.
        name: its name in the cloud.
        identifier: its id; empty before it has one.
        inputs: what is wanted, in clear and fully known.
        before: what was wanted until now; None when it is new.
        outputs: what the cloud added when it was made; empty when it is new.
        cloud: everything that exists.
        place: whose cloud it is.
    """

    token: str
    name: str
    identifier: str
    inputs: dict[str, Any]
    cloud: Contents
    place: Place
    before: dict[str, Any] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """Where it is."""
        return str(self.inputs.get("location") or self.inputs.get("region") or self.place.region)


Rule = Callable[[Subject], None]
"""Raises CloudError when the cloud refuses."""


def nothing(_subject: Subject) -> dict[str, Any]:
    """No outputs beyond the inputs."""
    return {}


@dataclass(frozen=True)
class ResourceType:
    """One type.

    Attributes:
        token: Pulumi's type token.
        identifier: the id of a new resource.
        name: the input that names it; made up from the Pulumi name when left out. Empty: it has no name.
        suffix: digits behind a made-up name; 0: the Pulumi name itself.
        separator: what stands before them.
        replace_on: inputs whose change replaces the resource, as paths (`[*]` is any item of a list).
        computed: the outputs that the cloud adds.
        rules: what the cloud refuses at create and update.
        delete_rules: what it refuses at delete.
        held_by: `token.property` of resources that keep it from being deleted while they refer to its id.
        needs: inputs that hold the id of a resource, which must exist.
        excludes: the id whose operations, and those below it, exclude this one; None: nothing.
        seconds: what a create takes in the real cloud, roughly; updates and deletions take half of it.
        default_location: whether a missing location is that of the resource group.
        overwrites: whether it is made by a PUT that takes over what is there, as settings of something else are.
    """

    token: str
    identifier: Callable[[Subject], str]
    name: str = ""
    suffix: int = 8
    separator: str = ""
    replace_on: tuple[str, ...] = ()
    computed: Callable[[Subject], dict[str, Any]] = nothing
    rules: tuple[Rule, ...] = ()
    delete_rules: tuple[Rule, ...] = ()
    held_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    excludes: Callable[[Subject], str] | None = None
    seconds: float = 2.0
    default_location: bool = False
    overwrites: bool = False
