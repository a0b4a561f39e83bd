"""Ownership of a component's objects: labels in the cluster, tags in the cloud."""

from dataclasses import dataclass

from typing_extensions import TypedDict

MANAGED_BY = "app.kubernetes.io/managed-by"
"""Label with the name of the tool that manages an object (Kubernetes, recommended labels)."""


class OwnershipArgs(TypedDict):
    """Ownership of all objects of a component, as labels and tags; policies demand them."""

    team: str
    """Name of the team; also of its namespace."""
    owner: str
    """A person or group to ask, as a label value: letters, digits, `-`, `_`, `.`."""
    cost_center: str
    """Cost center that pays."""
    environment: str
    """Name of the environment."""


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Ownership of an object; policies demand it on every team's namespace."""

    team: str
    owner: str
    cost_center: str
    environment: str

    def labels(self) -> dict[str, str]:
        """Return Kubernetes labels."""
        return {
            MANAGED_BY: "modelyard",
            "team": self.team,
            "owner": self.owner,
            "cost-center": self.cost_center,
            "env": self.environment,
        }

    def tags(self) -> dict[str, str]:
        """Return tags of cloud resources. Keys are single words, because Azure allows no `/` in the name of a tag."""
        return {key.rpartition("/")[2]: value for key, value in self.labels().items()}


def parse_ownership(args: OwnershipArgs) -> Ownership:
    """Read a component's `ownership` argument."""
    return Ownership(
        team=args["team"],
        owner=args["owner"],
        cost_center=args["cost_center"],
        environment=args["environment"],
    )
