"""Which resource an operation is about."""

from dataclasses import dataclass
from typing import Any

from tools.plugins.kubernetes import manifest as m


@dataclass(frozen=True)
class Resource:
    """Which resource an operation is about.

    Attributes:
        urn: its Pulumi name.
        token: its type, such as `kubernetes:apps/v1:Deployment`.
    """

    urn: str
    token: str

    @property
    def api_version(self) -> str:
        """The apiVersion that the type names; the core group is spelled out there."""
        module = self.token.split(":")[1]
        return module.removeprefix("core/")

    @property
    def kind(self) -> str:
        """The kind that the type names, with `Patch` for patches."""
        return self.token.split(":")[2]

    def is_patch(self, inputs: dict[str, Any]) -> bool:
        """Say if it only patches an object that someone else owns, such as a `ConfigMapPatch`."""
        return self.kind.endswith("Patch") and m.text(inputs, "kind") == self.kind.removesuffix("Patch")
