"""Golden files: what a program registers, as JSON under version control, compared whole."""

import difflib
import json
import os
from pathlib import Path
from typing import Any

#: Set to 1, it makes every comparison write its file instead.
UPDATE = "MODELYARD_UPDATE_GOLDENS"


class GoldenMismatchError(AssertionError):
    """What was made differs from the golden file; the message is the difference, wanted (-) against made (+)."""


def compare(made: Any, file: Path) -> None:
    """Fails unless `made`, as JSON, is what `file` holds. With `MODELYARD_UPDATE_GOLDENS=1` it writes the file.

    Raises:
        GoldenMismatchError: they differ, or there is no such file.
    """
    text = json.dumps(made, indent=1, sort_keys=True) + "\n"
    if os.environ.get(UPDATE) == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    if not file.exists():
        raise GoldenMismatchError(f"no golden file {file}; run once with {UPDATE}=1 and read what it writes")
    wanted = file.read_text(encoding="utf-8")
    if text != wanted:
        lines = difflib.unified_diff(wanted.splitlines(), text.splitlines(), "want", "got", lineterm="", n=6)
        raise GoldenMismatchError(f"{file.name} differs (-want +got):\n" + "\n".join(lines))


def difference(want: Any, got: Any) -> str:
    """The lines that differ between two objects, wanted (-) and got (+); empty if they are equal."""
    if want == got:
        return ""
    wanted, made = (json.dumps(one, indent=1, sort_keys=True).splitlines() for one in (want, got))
    return "\n".join(difflib.unified_diff(wanted, made, "want", "got", lineterm="", n=4)) or f"-{want!r}\n+{got!r}"
