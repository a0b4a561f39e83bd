"""Content of a Hugging Face `config.json` on disk, with errors that name the file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelyard.cli.errors import BadRequestError


def read_config_file(file: Path) -> dict[str, Any]:
    """Read the file's content, with or without a byte order mark.

    Raises:
        BadRequestError: the file cannot be read, is not JSON, or holds no object.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadRequestError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadRequestError(f"{file}: cannot be read: not text") from error
    except json.JSONDecodeError as error:
        reason = "it is empty" if not error.doc.strip() else f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise BadRequestError(f"{file}: not JSON: {reason}") from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of more digits than Python converts
        raise BadRequestError(f"{file}: not a config.json: nested too deeply, or a number without end") from error
    if not isinstance(content, dict):
        raise BadRequestError(f"{file}: must be an object with a model's sizes, got {_describe_type(content)}")
    return content


@contextmanager
def name_in_errors(file: Path) -> Iterator[None]:
    """Name this file in errors about a configuration.

    Raises:
        BadRequestError: in place of InvalidConfigError, which speaks of a `config.json`.
    """
    from modelyard.workloads.presets.model_config import InvalidConfigError

    try:
        yield
    except InvalidConfigError as error:
        raise BadRequestError(f"{file}: {str(error).removeprefix('config.json: ')}") from error


def _describe_type(value: Any) -> str:
    return {list: "a list", str: "text", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
