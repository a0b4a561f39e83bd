"""What is wrong with an environment file, told to the person who wrote it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.environment.section import MISPLACED_KEY, UNKNOWN_KEY
from pydantic import ValidationError

Path = tuple[str | int, ...]


class EnvironmentFileError(ValueError):
    """An environment file is refused; the message lists every complaint with its place and value."""


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong."""

    path: Path
    value: Any
    text: str
    """What was expected, and the nearest valid choice."""
    kind: str = ""
    """Pydantic's name of the fault, where it has one."""

    def line(self) -> str:
        """`teams[0].quota.memory = '8G': …`; objects and missing values are not repeated."""
        shown = "" if self.value is None or isinstance(self.value, (Mapping, list, tuple)) else f" = {self.value!r}"
        return f"{place(self.path)}{shown}: {self.text}"


def place(path: Path) -> str:
    """`path` as `pulumi config set --path` writes it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "(the whole object)"


def refuse(file: str, complaints: Sequence[Complaint]) -> EnvironmentFileError:
    """The error that carries all `complaints` about `file`."""
    return EnvironmentFileError("\n  ".join([f"{file}: {KEY} is refused:", *(one.line() for one in complaints)]))


def nearest(name: str, known: Sequence[str]) -> str:
    """`did you mean 'high'?`, or what there is."""
    if not known:
        return "there are none"
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


def from_validation(error: ValidationError, given: Any, prefix: Path = ()) -> list[Complaint]:
    """Pydantic's complaints in our words, with the place in the file."""
    found = []
    for detail in error.errors(include_url=False):
        path = _in_file(detail["loc"], given)
        text, value = detail["msg"].removeprefix("Value error, "), detail.get("input")
        context = detail.get("ctx") or {}
        match detail["type"]:
            case complaint_type if complaint_type == UNKNOWN_KEY:
                path, value = (*path, context["key"]), None
            case complaint_type if complaint_type == MISPLACED_KEY:
                path, value = (*path, context["key"]), None
            case "missing":
                text, value = "is missing", None
            case "union_tag_not_found":
                path, text, value = (*path, "kind"), "is missing; expected 'fine-tune' or 'serve'", None
            case "union_tag_invalid":
                path, value = (*path, "kind"), context.get("tag")
                text = f"expected {context.get('expected_tags')}"
            case "enum" | "literal_error":
                text = f"expected {context.get('expected')}"
            case _:
                text = text[0].lower() + text[1:]
        found.append(Complaint((*prefix, *path), value, text, kind=detail["type"]))
    return found


def _in_file(location: Sequence[str | int], given: Any) -> Path:
    """`location` without the parts that pydantic adds: only what can be followed in `given`, and a last missing key."""
    path: list[str | int] = []
    here = given
    for index, part in enumerate(location):
        if _has(here, part):
            here = here[part]
        elif index < len(location) - 1 or (isinstance(here, Mapping) and here.get("kind") == part):
            continue  # the tag of a union
        path.append(part)
    return tuple(path)


def _has(here: Any, part: str | int) -> bool:
    if isinstance(here, Mapping):
        return part in here
    return isinstance(here, (list, tuple)) and isinstance(part, int) and part < len(here)
