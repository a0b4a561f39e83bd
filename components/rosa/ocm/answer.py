"""What all answers of OCM are: lenient, immutable; and those that fit everything."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Answer(BaseModel):
    """Lenient: unknown fields are ignored, all others have a default unless nothing works without them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Nothing(Answer):
    """An answer that is not read."""


class Link(Answer):
    """A reference to something else."""

    id: str = ""


class Named(Answer):
    """Something of a cluster that has a name and an id: identity providers, tuning and kubelet configurations."""

    id: str = ""
    name: str = ""
    type: str = ""


class Raw(Answer):
    """An answer as it came, beside its id: for comparing it with what was asked for, field by field."""

    id: str
    told: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, value: Any) -> Any:
        return {"id": value.get("id"), "told": value} if isinstance(value, dict) and "told" not in value else value


class Settings(Answer):
    """Settings without an id, as they came."""

    model_config = ConfigDict(frozen=True, extra="allow")
