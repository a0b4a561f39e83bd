"""Tokens into text: characters stay whole, stop sequences never show."""

from typing import Any

import pytest

pytest.importorskip("hypothesis")
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.workloads.preprocess import tokenizer
from modelyard.workloads.serve.text_stream import TextStream

pytest.importorskip("torch")
pytestmark = pytest.mark.workloads

# Learned from plain letters only: all other characters are several tokens, one per byte.
BYTES: Any = tokenizer.train(["abc abc abc\n" * 30], 270, 64)


class Letters:
    """A decoder whose tokens are characters' code points, to test stop sequences without a tokenizer's own rules."""

    def decode(self, token_ids: list[int], skip_special_tokens: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - theirs
        return "".join(map(chr, token_ids))


def pieces(stream: TextStream, tokens: list[int], sizes: list[int]) -> list[str]:
    given, found = 0, []
    for size in sizes:
        found.append(stream.push(tokens[given : given + size]))
        given += size
        if stream.stopped:
            return found
    found.append(stream.push(tokens[given:]))
    found.append(stream.finish())
    return found


# The replacement character itself cannot be told from bytes that are not a character yet.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\N{REPLACEMENT CHARACTER}"), max_size=30)


@given(TEXTS, st.lists(st.integers(1, 3), max_size=40))
@settings(deadline=None)
def test_the_pieces_are_the_text_and_no_character_is_cut(text: str, sizes: list[int]):
    tokens = BYTES(text)["input_ids"]
    found = pieces(TextStream(BYTES), tokens, sizes)
    assert "".join(found) == text
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in found)


def test_bytes_that_never_become_a_character_come_at_the_end():
    tokens = BYTES("a€")["input_ids"]
    stream = TextStream(BYTES)
    assert stream.push(tokens[:-1]) in {"", "a"}
    assert stream.finish().endswith("\N{REPLACEMENT CHARACTER}")


def test_special_tokens_do_not_show():
    stream = TextStream(BYTES)
    assert stream.push([*BYTES("abc")["input_ids"], BYTES.eos_token_id]) + stream.finish() == "abc"


@given(
    st.text("ab<>", max_size=20),
    st.lists(st.text("ab<>", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(1, 3), max_size=20),
)
def test_text_ends_before_the_first_stop_sequence(text: str, stop: list[str], sizes: list[int]):
    stream = TextStream(Letters(), stop)
    found = "".join(pieces(stream, [ord(letter) for letter in text], sizes))
    places = [place for sequence in stop if (place := text.find(sequence)) >= 0]
    assert stream.stopped == bool(places)
    if not places:
        assert found == text
    else:
        # Which of several sequences is seen first may depend on how the text arrives; none of them ever shows.
        assert text.startswith(found)
        assert not any(sequence in found for sequence in stop)


def test_what_may_become_a_stop_sequence_is_held_back():
    stream = TextStream(Letters(), ["END"])
    assert stream.push([ord(letter) for letter in "textE"]) == "text"
    assert stream.push([ord("N")]) == ""
    assert stream.push([ord("!")]) == "EN!"
    assert not stream.stopped
