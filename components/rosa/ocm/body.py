"""What all bodies of requests to OCM are: strict, immutable, and without what was not given."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Strict and immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def wire(self) -> dict[str, Any]:
        """As it is sent: fields that were not given are left out."""
        return self.model_dump(mode="json", exclude_none=True)


class Id(Body):
    """A reference by id."""

    id: str


class Enabled(Body):
    """A switch."""

    enabled: bool = True
