"""Whose a component's objects are, as components take it."""

from modelyard.components.kubernetes.manifests.labels import Ownership
from typing_extensions import TypedDict


class OwnershipArgs(TypedDict):
    """Goes onto every object as labels; policies demand them."""

    team: str
    """Name of the team; also of its namespace."""
    owner: str
    """A person or group to ask."""
    cost_center: str
    """Who pays."""
    environment: str
    """Name of the environment."""


def ownership(args: OwnershipArgs) -> Ownership:
    """As the builders take it."""
    return Ownership(
        team=args["team"],
        owner=args["owner"],
        cost_center=args["cost_center"],
        environment=args["environment"],
    )


def tags(whose: Ownership) -> dict[str, str]:
    """As tags of a cloud's resources. Keys are single words, because Azure allows no `/` in the name of a tag."""
    return {key.rpartition("/")[2]: value for key, value in whose.labels().items()}
