"""Packing: no token is lost, none is made up."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("hypothesis")
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.preprocess import pack

pytestmark = pytest.mark.workloads

documents = st.lists(st.lists(st.integers(0, 99), max_size=40), max_size=8)


@given(documents, st.integers(1, 17))
def test_rows_and_tail_are_the_documents_in_order(documents: list[list[int]], sequence_tokens: int):
    ids = pack.join(documents, 100, 101)
    packed = pack.pack(ids, sequence_tokens)
    want = [token for document in documents for token in [*document, 100]]
    assert [*packed.rows.flatten().tolist(), *packed.tail.tolist()] == want
    assert packed.rows.shape[1] == sequence_tokens
    assert len(packed.tail) < sequence_tokens
    assert packed.tokens == len(want)


@given(documents)
def test_without_a_separator_nothing_is_added(documents: list[list[int]]):
    assert pack.join(documents, None, 100).tolist() == [token for document in documents for token in document]


@pytest.mark.parametrize(("vocabulary", "kind"), [(2**16, np.uint16), (2**16 + 1, np.uint32)])
def test_ids_take_the_least_memory_that_holds_them(vocabulary: int, kind: type):
    ids = pack.join([[vocabulary - 1]], None, vocabulary)
    assert ids.dtype == kind
    assert ids.tolist() == [vocabulary - 1]


def test_saved_ids_are_mapped_and_equal(tmp_path: Path):
    ids = pack.join([[1, 2, 3]], None, 10)
    pack.write(ids, tmp_path / "ids.npy")
    read = pack.read(tmp_path / "ids.npy")
    assert isinstance(read, np.memmap)
    assert read.tolist() == [1, 2, 3]
    assert [entry.name for entry in tmp_path.iterdir()] == ["ids.npy"]
