"""Golden files: registered resources as JSON under version control, compared whole."""

import difflib
import json
import os
from pathlib import Path
from typing import Any

#: Variable that, set to 1, makes every comparison write its file instead.
UPDATE = "MODELYARD_UPDATE_GOLDENS"


class GoldenMismatchError(AssertionError):
    """A value differs from its golden file; the message is the difference, file (-) against value (+)."""


def compare(value: Any, file: Path) -> None:
    """Compare `value`, as JSON, with `file`; with `MODELYARD_UPDATE_GOLDENS=1`, write the file.

    Raises:
        GoldenMismatchError: they differ, or there is no such file.
    """
    text = json.dumps(value, indent=1, sort_keys=True) + "\n"
    if os.environ.get(UPDATE) == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    if not file.exists():
        raise GoldenMismatchError(f"no golden file {file}; run once with {UPDATE}=1 and read the result")
    golden = file.read_text(encoding="utf-8")
    if text != golden:
        lines = difflib.unified_diff(golden.splitlines(), text.splitlines(), "want", "got", lineterm="", n=6)
        raise GoldenMismatchError(f"{file.name} differs (-want +got):\n" + "\n".join(lines))


def difference(want: Any, got: Any) -> str:
    """Return the lines that differ between two objects, `want` (-) and `got` (+); empty if they are equal."""
    if want == got:
        return ""
    before, after = (json.dumps(value, indent=1, sort_keys=True).splitlines() for value in (want, got))
    return "\n".join(difflib.unified_diff(before, after, "want", "got", lineterm="", n=4)) or f"-{want!r}\n+{got!r}"
