"""A Hugging Face `config.json` from disk: what it holds, or one sentence about why it cannot be read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelyard.cli.complaints import BadRequestError


def read_config_file(file: Path) -> dict[str, Any]:
    """The file's content, with or without a byte order mark.

    Raises:
        BadRequestError: it cannot be read, is not JSON, or holds no object.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as wrong:
        raise BadRequestError(f"{file}: cannot be read: {wrong.strerror}") from wrong
    except UnicodeDecodeError as wrong:
        raise BadRequestError(f"{file}: not text, so no config.json") from wrong
    except json.JSONDecodeError as wrong:
        where = "it is empty" if not wrong.doc.strip() else f"line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
        raise BadRequestError(f"{file}: not JSON: {where}") from wrong
    except (RecursionError, ValueError) as wrong:  # ValueError: a number of more digits than Python converts
        raise BadRequestError(f"{file}: no config.json: nested too deeply, or a number without end") from wrong
    if not isinstance(content, dict):
        raise BadRequestError(f"{file}: must be an object with a model's sizes, got a {_kind(content)}")
    return content


@contextmanager
def about(file: Path) -> Iterator[None]:
    """Errors about a configuration are about this file.

    Raises:
        BadRequestError: in place of InvalidConfigError, which only knows that it was a `config.json`.
    """
    from modelyard.workloads.presets.model_config import InvalidConfigError  # noqa: PLC0415 - loads pydantic

    try:
        yield
    except InvalidConfigError as wrong:
        raise BadRequestError(f"{file}: {str(wrong).removeprefix('config.json: ')}") from wrong


def _kind(value: Any) -> str:
    return {list: "list", str: "text", bool: "boolean", type(None): "null"}.get(type(value), "number")
