"""Packing: token ids one after the other, cut into sequences of one length.

No token is padded and no attention mask is needed, which is both the fastest and the safest form: transformers lets
packed documents attend across their borders, silently, once a mask or a cache is passed along with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.unsignedinteger[Any]]
"""Token ids in the least memory: uint16 or uint32."""


@dataclass(frozen=True)
class TokenRows:
    """Token ids in rows of one length, and the rest that fills no row."""

    rows: Tokens
    """Shape (sequences, sequence_tokens)."""
    tail: Tokens
    """Fewer than sequence_tokens ids. Training leaves them out; evaluation counts them."""

    @property
    def tokens(self) -> int:
        """Return the number of ids in all rows and the tail."""
        return self.rows.size + self.tail.size


def choose_token_type(vocabulary: int) -> type[np.uint16] | type[np.uint32]:
    """Choose the number type that holds every id below `vocabulary` in the least memory."""
    return np.uint16 if vocabulary <= 2**16 else np.uint32


def pack(ids: Tokens, sequence_tokens: int) -> TokenRows:
    """Cut `ids` into rows that share their memory."""
    if sequence_tokens < 1:
        raise ValueError(f"sequence_tokens must be at least 1, got {sequence_tokens}")
    full = len(ids) // sequence_tokens * sequence_tokens
    return TokenRows(ids[:full].reshape(-1, sequence_tokens), ids[full:])


def join(documents: Iterable[Sequence[int] | Tokens], separator: int | None, vocabulary: int) -> Tokens:
    """Join all documents' ids in one array, with `separator` after each document if there is one."""
    kind = choose_token_type(vocabulary)
    parts: list[Tokens] = []
    for document in documents:
        parts.append(np.asarray(document, dtype=kind))
        if separator is not None:
            parts.append(np.asarray([separator], dtype=kind))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def write(ids: Tokens, file: Path) -> None:
    """Save ids so that `read` maps them into memory; the file appears only when it is whole."""
    temporary = file.with_name(f".{file.name}.new")
    with temporary.open("wb") as stream:
        np.save(stream, ids)
    temporary.replace(file)


def read(file: Path) -> Tokens:
    """Map saved ids into memory, of which workers on one machine share one copy."""
    return np.load(file, mmap_mode="r")
