"""Training text from any location; content that is not text is refused.

A file is one document; so is each ``*.txt`` file of a folder, in order of their names. On the hub, each row's ``text``
column is appended to one document per split. All of it is held in memory: some gigabytes are the practical limit.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess.location import parse

HELD_OUT_SHARE = 0.1
"""Part of the text that is held out when there is no validation text."""

GLANCE_BYTES = 65536
"""Bytes at the start of a file that `glance` reads, and in which zero bytes are looked for."""

Documents = list[str]


@dataclass(frozen=True)
class Corpus:
    """Documents for training, and documents that are held out of it."""

    train: Documents
    validation: Documents


def read_corpus(train_data: str, validation_data: str | None) -> Corpus:
    """Read both texts; without `validation_data` the last tenth of the training text is cut off, at the end of a line.

    Raises:
        UserError: a location does not exist, is empty, is not UTF-8 text, or is too short to be divided.
    """
    documents = read_documents(train_data, field="train_data")
    if validation_data is None:
        return hold_out(documents, train_data)
    return Corpus(documents, read_documents(validation_data, field="validation_data", split="validation"))


def glance(uri: str, *, field: str) -> None:
    """Refuse early what `read_documents` would certainly refuse; only the beginning of local files is read.

    Raises:
        UserError: there is nothing, or its beginning is not text.
    """
    path = parse(uri).path
    if path is None:
        return
    label = f"{field} {uri}"
    files = _list_files(path, label)
    try:
        if not any(file.stat().st_size for file in files):
            raise _describe_empty(label)
        for file in files:
            with file.open("rb") as stream:
                beginning = stream.read(GLANCE_BYTES)
            # The cut may go through a character of up to four bytes.
            _decode_text(
                beginning if len(beginning) < GLANCE_BYTES else _trim_cut_character(beginning),
                _label_file(file, path, label),
            )
    except OSError as error:
        raise UserError(f"{label} cannot be read: {error.strerror}") from error


def read_documents(uri: str, *, field: str, split: str = "train") -> Documents:
    """Read the documents at `uri` that are not blank; errors name it by `field`."""
    location = parse(uri)
    if location.path is not None:
        pieces = _read_local(location.path, f"{field} {uri}")
    elif location.remote is not None:
        pieces = _read_remote(location.remote, f"{field} {uri}")
    else:
        pieces = _read_hub(location.hub_id or "", location.revision, split, f"{field} {uri}")
    documents = [_decode_text(content, label) for label, content in pieces]
    documents = [document for document in documents if document.strip()]
    if not documents:
        raise _describe_empty(f"{field} {uri}")
    return documents


def hold_out(documents: Documents, uri: str) -> Corpus:
    """Divide the text at the end of the line in which its last tenth begins.

    Raises:
        UserError: there is no line end to divide at.
    """
    total = sum(map(len, documents))
    before = 0
    for number, document in enumerate(documents):
        if before + len(document) >= total * (1 - HELD_OUT_SHARE):
            cut = document.find("\n", max(0, int(total * (1 - HELD_OUT_SHARE)) - before)) + 1
            train = [*documents[:number], document[:cut]]
            validation = [document[cut:], *documents[number + 1 :]]
            corpus = Corpus(_drop_blank(train), _drop_blank(validation))
            if cut and corpus.train and corpus.validation:
                return corpus
        before += len(document)
    raise UserError(
        f"train_data {uri} is one line, of which no tenth can be held out; divide it, or give validation_data"
    )


def _drop_blank(documents: Documents) -> Documents:
    return [document for document in documents if document.strip()]


def _read_local(path: Path, label: str) -> Iterator[tuple[str, bytes]]:
    for file in _list_files(path, label):
        try:
            yield _label_file(file, path, label), file.read_bytes()
        except OSError as error:
            raise UserError(f"{label} cannot be read: {error.strerror}") from error


def _list_files(path: Path, label: str) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.txt"))
        if not files:
            raise UserError(f"{label} holds no *.txt files; allowed is a text file, or a folder of *.txt files")
        return files
    if not path.exists():
        raise UserError(f"{label} does not exist{_name_existing(path)}")
    return [path]


def _label_file(file: Path, path: Path, label: str) -> str:
    return label if file == path else f"{label} ({file.name})"


def _describe_empty(label: str) -> UserError:
    return UserError(f"{label} is empty; text to train on is needed, at least a few hundred words")


def _name_existing(path: Path) -> str:
    """Name the deepest folder of a path that exists, so that a wrong mount is not mistaken for a wrong name."""
    existing = next((parent for parent in path.parents if parent.exists()), Path("/"))
    if existing == path.parent:
        names = sorted(entry.name for entry in existing.iterdir())[:8]
        return f"; {existing} holds {', '.join(names) if names else 'nothing'}"
    return f"; {existing} is the deepest folder of it that exists"


def _read_remote(uri: str, label: str) -> Iterator[tuple[str, bytes]]:
    fsspec = _import_optional("fsspec", label, "s3fs")
    try:
        filesystem, path = fsspec.core.url_to_fs(uri)
        files = sorted(filesystem.glob(f"{path.rstrip('/')}/*.txt")) if filesystem.isdir(path) else [path]
        for file in files:
            yield f"{label} ({file})", filesystem.cat_file(file)
    except ImportError as error:
        raise UserError(f"{label} needs the Python package s3fs, which is not installed") from error
    except FileNotFoundError as error:
        raise UserError(f"{label} does not exist") from error
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{label} cannot be read: {type(error).__name__}: {error}") from error


def _read_hub(hub_id: str, revision: str | None, split: str, label: str) -> Iterator[tuple[str, bytes]]:
    datasets = _import_optional("datasets", label, "datasets")
    try:
        rows = datasets.load_dataset(hub_id, revision=revision, split=split)
    except Exception as error:
        raise UserError(f"{label}: split {split!r} cannot be loaded: {type(error).__name__}: {error}") from error
    if "text" not in rows.column_names:
        raise UserError(f"{label} has no column 'text'; it has {', '.join(rows.column_names)}")
    yield label, "".join(rows["text"]).encode()


def _import_optional(module: str, label: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(f"{label} needs the Python package {package}, which is not installed") from error


def _trim_cut_character(content: bytes) -> bytes:
    """Remove the bytes of a last character that is cut: at most three and its first one."""
    for back in range(1, 5):
        if content[-back] & 0xC0 != 0x80:  # not a continuation byte
            return content[:-back]
    return content


def _decode_text(content: bytes, label: str) -> str:
    if b"\0" in content[:GLANCE_BYTES]:
        raise UserError(f"{label} is not text: it contains zero bytes; allowed is UTF-8 text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{label} is not UTF-8 text: byte {content[error.start]:#04x} at position {error.start} is out of place"
        ) from error
