"""Reads training text from wherever its URI says, and refuses what is not text.

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
"""How much of a file `glance` reads, and in which zero bytes are looked for."""

Documents = list[str]


@dataclass(frozen=True)
class Corpus:
    """Text to train on, and text that was never trained on."""

    train: Documents
    validation: Documents


def read_corpus(train_data: str, validation_data: str | None) -> Corpus:
    """Both texts; without `validation_data` the last tenth of the training text is cut off, at the end of a line.

    Raises:
        UserError: a location does not exist, is empty, is not UTF-8 text, or is too short to be divided.
    """
    documents = read_documents(train_data, field="train_data")
    if validation_data is None:
        return hold_out(documents, train_data)
    return Corpus(documents, read_documents(validation_data, field="validation_data", split="validation"))


def glance(uri: str, *, field: str) -> None:
    """Refuses at little cost what `read_documents` would certainly refuse: only the beginning of local files is read.

    Raises:
        UserError: there is nothing, or its beginning is not text.
    """
    path = parse(uri).path
    if path is None:
        return
    what = f"{field} {uri}"
    files = _files(path, what)
    try:
        if not any(file.stat().st_size for file in files):
            raise _empty(what)
        for file in files:
            with file.open("rb") as stream:
                beginning = stream.read(GLANCE_BYTES)
            # The cut may go through a character of up to four bytes.
            _text(beginning if len(beginning) < GLANCE_BYTES else _whole_characters(beginning), _name(file, path, what))
    except OSError as wrong:
        raise UserError(f"{what} cannot be read: {wrong.strerror}") from wrong


def read_documents(uri: str, *, field: str, split: str = "train") -> Documents:
    """The documents at `uri`, none of them blank; `field` is how errors call it."""
    location = parse(uri)
    if location.path is not None:
        pieces = _local(location.path, f"{field} {uri}")
    elif location.remote is not None:
        pieces = _remote(location.remote, f"{field} {uri}")
    else:
        pieces = _hub(location.hub_id or "", location.revision, split, f"{field} {uri}")
    documents = [_text(content, place) for place, content in pieces]
    documents = [document for document in documents if document.strip()]
    if not documents:
        raise _empty(f"{field} {uri}")
    return documents


def hold_out(documents: Documents, uri: str) -> Corpus:
    """Divides the text at the end of the line in which its last tenth begins.

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
            corpus = Corpus(_not_blank(train), _not_blank(validation))
            if cut and corpus.train and corpus.validation:
                return corpus
        before += len(document)
    raise UserError(
        f"train_data {uri} is one line, of which no tenth can be held out; divide it, or give validation_data"
    )


def _not_blank(documents: Documents) -> Documents:
    return [document for document in documents if document.strip()]


def _local(path: Path, what: str) -> Iterator[tuple[str, bytes]]:
    for file in _files(path, what):
        try:
            yield _name(file, path, what), file.read_bytes()
        except OSError as wrong:
            raise UserError(f"{what} cannot be read: {wrong.strerror}") from wrong


def _files(path: Path, what: str) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.txt"))
        if not files:
            raise UserError(f"{what} holds no *.txt files; allowed is a text file, or a folder of *.txt files")
        return files
    if not path.exists():
        raise UserError(f"{what} does not exist{_nearest(path)}")
    return [path]


def _name(file: Path, path: Path, what: str) -> str:
    return what if file == path else f"{what} ({file.name})"


def _empty(what: str) -> UserError:
    return UserError(f"{what} is empty; text to train on is needed, at least a few hundred words")


def _nearest(path: Path) -> str:
    """Tells which part of a path is there, so that a wrong mount is not mistaken for a wrong name."""
    there = next((parent for parent in path.parents if parent.exists()), Path("/"))
    if there == path.parent:
        names = sorted(entry.name for entry in there.iterdir())[:8]
        return f"; {there} holds {', '.join(names) if names else 'nothing'}"
    return f"; {there} is the deepest folder of it that exists"


def _remote(uri: str, what: str) -> Iterator[tuple[str, bytes]]:
    fsspec = _optional("fsspec", what, "s3fs")
    try:
        filesystem, path = fsspec.core.url_to_fs(uri)
        files = sorted(filesystem.glob(f"{path.rstrip('/')}/*.txt")) if filesystem.isdir(path) else [path]
        for file in files:
            yield f"{what} ({file})", filesystem.cat_file(file)
    except ImportError as missing:
        raise UserError(f"{what} needs the Python package s3fs, which is not installed") from missing
    except FileNotFoundError as missing:
        raise UserError(f"{what} does not exist") from missing
    except UserError:
        raise
    except Exception as wrong:
        raise UserError(f"{what} cannot be read: {type(wrong).__name__}: {wrong}") from wrong


def _hub(hub_id: str, revision: str | None, split: str, what: str) -> Iterator[tuple[str, bytes]]:
    datasets = _optional("datasets", what, "datasets")
    try:
        rows = datasets.load_dataset(hub_id, revision=revision, split=split)
    except Exception as wrong:
        raise UserError(f"{what}: split {split!r} cannot be loaded: {type(wrong).__name__}: {wrong}") from wrong
    if "text" not in rows.column_names:
        raise UserError(f"{what} has no column 'text'; it has {', '.join(rows.column_names)}")
    yield what, "".join(rows["text"]).encode()


def _optional(module: str, what: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise UserError(f"{what} needs the Python package {package}, which is not installed") from missing


def _whole_characters(content: bytes) -> bytes:
    """Without the bytes of a last character that is cut: at most three, and its first one."""
    for back in range(1, 5):
        if content[-back] & 0xC0 != 0x80:  # not a continuation byte
            return content[:-back]
    return content


def _text(content: bytes, what: str) -> str:
    if b"\0" in content[:GLANCE_BYTES]:
        raise UserError(f"{what} is not text: it contains zero bytes; allowed is UTF-8 text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise UserError(
            f"{what} is not UTF-8 text: byte {content[wrong.start]:#04x} at position {wrong.start} is out of place"
        ) from wrong
