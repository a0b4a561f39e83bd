"""The trained tokenizer: every text comes back, and transformers loads it."""

from pathlib import Path

import pytest

pytest.importorskip("hypothesis")
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.workloads.preprocess import tokenizer

pytest.importorskip("torch")
pytestmark = pytest.mark.workloads

TRAINED = tokenizer.train(["the cat sat on the mat.\n" * 20], 300, 64)


@given(st.text())
@settings(deadline=None)
def test_every_text_comes_back(text: str):
    # The special token's own spelling is the one text that means something else.
    text = text.replace(tokenizer.END_OF_TEXT, "")
    ids = tokenizer.encode(TRAINED, [text]).tolist()
    assert ids[-1] == TRAINED.eos_token_id
    assert TRAINED.decode(ids[:-1]) == text


def test_it_learns_words_and_keeps_to_its_size(topics: dict[str, str]):
    trained = tokenizer.train(topics.values(), 600, 64)
    assert len(trained) == 600
    sample = topics["assert"]
    assert len(trained(sample)["input_ids"]) < 0.6 * len(sample.encode())


def test_long_documents_are_encoded_in_blocks_without_loss(topics: dict[str, str]):
    long = "\n".join(topics.values())
    assert len(long) > 3 * tokenizer.BLOCK_CHARACTERS
    ids = tokenizer.encode(TRAINED, [long, "short"]).tolist()
    end = TRAINED.eos_token_id
    assert [position for position, token in enumerate(ids) if token == end] == [ids.index(end), len(ids) - 1]
    assert TRAINED.decode(ids[: ids.index(end)]) == long


def test_transformers_loads_what_was_saved(tmp_path: Path):
    from transformers import AutoTokenizer

    TRAINED.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded("the cat sat")["input_ids"] == TRAINED("the cat sat")["input_ids"]
    assert (loaded.eos_token, loaded.bos_token) == (tokenizer.END_OF_TEXT, tokenizer.END_OF_TEXT)
