"""Base of all parts of an environment file: immutable, closed to keys it does not know, and read past its faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from modelyard.stacks.environment.unsound import UNSOUND, Unsound, require_sound
from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic import ValidationInfo as Info
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]
"""Keys and list positions that lead to a value of the file."""


class Section(BaseModel):
    """Part of the file: immutable, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    MISPLACED: ClassVar[Mapping[str, str]] = {}
    """Keys that people expect here, each with the reason why it is not, and where it belongs."""

    @model_validator(mode="wrap")
    @classmethod
    def _read_past_faults(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: Info) -> Any:
        if not isinstance(info.context, FaultCollector) or not isinstance(value, dict):
            return handler(value)
        try:
            return handler(value)
        except ValidationError as error:
            return handler(info.context.collect(cls, value, error))

    @field_validator("*", mode="wrap")
    @classmethod
    def _keep_unsound(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return value if isinstance(value, Unsound) else handler(value)

    def arguments(self, *omitted: str) -> dict[str, Any]:
        """Return the section as arguments of a component, which has the same keys; what was left out stays out."""
        values = {name: _plain(value) for name, value in self}
        return {name: value for name, value in values.items() if value is not None and name not in omitted}


def _plain(value: Any) -> Any:
    require_sound(value)
    if isinstance(value, Section):
        return value.arguments()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class RawFault:
    """A fault as pydantic reports it, and the section that it lies in."""

    path: Path
    detail: ErrorDetails
    section: type[Section]


@dataclass
class FaultCollector:
    """Collector of what is wrong with a file, given to `model_validate` as its context."""

    paths: dict[int, Path] = field(default_factory=dict)
    """Path of each object, by its identity in memory: a validator sees the object, but not the way to it."""
    faults: dict[tuple[Path, str], RawFault] = field(default_factory=dict)
    """By path and pydantic's type, because a section is read again after each fault inside it."""

    @classmethod
    def of(cls, document: Any) -> "FaultCollector":
        """Prepare for one document. No object may stand in it twice, as YAML's anchors would have it."""
        collector = cls()
        collector._index(document, ())
        return collector

    def collect(self, section: type[Section], value: dict[str, Any], error: ValidationError) -> dict[str, Any]:
        """Record the faults of one section; return its object with placeholders in place of the faulty values."""
        rest = dict(value)
        for detail in error.errors(include_url=False):
            location = detail["loc"]
            if not location:
                raise error
            path = (*self.paths[id(value)], *(part for part in location if part != "[key]"))
            self.faults.setdefault((path, detail["type"]), RawFault(path, detail, section))
            key = str(location[0])
            if detail["type"] == "extra_forbidden":
                rest.pop(key, None)
            elif detail["type"].startswith("union_tag") and len(location) > 1:
                rest[key] = [UNSOUND if i == location[1] else item for i, item in enumerate(rest[key])]
            else:
                rest[key] = UNSOUND
        return rest

    def _index(self, value: Any, path: Path) -> None:
        if isinstance(value, dict):
            self.paths[id(value)] = path
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, (dict, list)):
                self._index(inner, (*path, key))
