"""Pretrained models and tokenizers: from a folder, the Hugging Face hub, or an object store."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess.location import Location, parse
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging


def hide_progress_bars() -> None:
    """Keep the progress bars of transformers out of logs, where each redraw would be a line."""
    logging.disable_progress_bar()


def load_tokenizer(uri: str, field: str) -> PreTrainedTokenizerFast:
    """Load the tokenizer in a folder, object store or on the hub; errors name it by `field`.

    Raises:
        UserError: there is none.
    """
    with open_source(uri, field) as (source, revision):
        try:
            return AutoTokenizer.from_pretrained(source, revision=revision)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{field} {uri}: no tokenizer can be loaded: {read_first_line(error)}") from error


@contextlib.contextmanager
def open_source(uri: str, field: str) -> Iterator[tuple[str, str | None]]:
    """Provide the folder or hub id that from_pretrained takes, and the revision; remote objects are copied first."""
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


def read_first_line(error: BaseException) -> str:
    """Return the first line with text of an exception's message."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _copy(location: Location, folder: Path, field: str) -> None:
    try:
        import fsspec  # noqa: PLC0415 - only for object stores

        filesystem, path = fsspec.core.url_to_fs(location.remote)
        filesystem.get(f"{path.rstrip('/')}/", str(folder), recursive=True)
    except ImportError as error:
        raise UserError(f"{field} {location.uri} needs the Python package s3fs, which is not installed") from error
    except Exception as error:
        raise UserError(f"{field} {location.uri} cannot be copied: {type(error).__name__}: {error}") from error
