"""Pretrained models and tokenizers: from a folder, the Hugging Face hub, or an object store."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess.location import Location, parse

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def no_bars() -> None:
    """Keeps the bars of transformers out of logs, where each redraw would be a line."""
    from transformers.utils import logging  # noqa: PLC0415 - heavy

    logging.disable_progress_bar()


def load_tokenizer(uri: str, field: str) -> "PreTrainedTokenizerFast":
    """The tokenizer in a folder, object store or on the hub; `field` is how errors call it.

    Raises:
        UserError: there is none.
    """
    from transformers import AutoTokenizer  # noqa: PLC0415 - heavy

    with folder_or_id(uri, field) as (source, revision):
        try:
            return AutoTokenizer.from_pretrained(source, revision=revision)
        except (OSError, ValueError, KeyError) as wrong:
            raise UserError(f"{field} {uri}: no tokenizer can be loaded: {first_line(wrong)}") from wrong


@contextlib.contextmanager
def folder_or_id(uri: str, field: str) -> Iterator[tuple[str, str | None]]:
    """What from_pretrained of transformers takes for `uri`, and the revision; remote objects are copied meanwhile."""
    location = parse(uri)
    if location.hub_id is not None:
        yield location.hub_id, location.revision or "main"
    elif location.remote is not None:
        with tempfile.TemporaryDirectory(prefix="modelyard-model-") as folder:
            _copy(location, Path(folder), field)
            yield folder, None
    else:
        path = location.path or Path()
        if not path.is_dir():
            raise UserError(f"{field} {uri}: there is no folder {path}; allowed is a folder in transformers' layout")
        yield str(path), None


def first_line(wrong: BaseException) -> str:
    """The first line of an exception's message that says something."""
    return next((line.strip() for line in str(wrong).splitlines() if line.strip()), type(wrong).__name__)


def _copy(location: Location, folder: Path, field: str) -> None:
    try:
        import fsspec  # noqa: PLC0415 - only for object stores

        filesystem, path = fsspec.core.url_to_fs(location.remote)
        filesystem.get(f"{path.rstrip('/')}/", str(folder), recursive=True)
    except ImportError as missing:
        raise UserError(f"{field} {location.uri} needs the Python package s3fs, which is not installed") from missing
    except Exception as wrong:
        raise UserError(f"{field} {location.uri} cannot be copied: {type(wrong).__name__}: {wrong}") from wrong
