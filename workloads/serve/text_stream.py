"""Text of generated tokens, piece by piece: never half a character, never a part of a stop sequence."""

from collections.abc import Sequence
from typing import Any, Protocol

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Result of a decoder for bytes that are not a whole character (yet)."""

LONGEST_CHARACTER_TOKENS = 4
"""Most tokens of one character: it has at most four bytes in UTF-8, and a token has at least one."""


class Decoder(Protocol):
    """Part of a tokenizer that is needed here."""

    def decode(self, token_ids: list[int], skip_special_tokens: bool = False) -> Any:  # noqa: FBT001, FBT002 - theirs
        """Return the text of these tokens."""
        ...


class TextStream:
    """Decoder of the tokens of one request.

    Tokens are decoded together with a few before them, because some tokenizers join words by what precedes them; only
    what is new is given out. Text that may be the beginning of a stop sequence is held back until that is known.
    """

    def __init__(self, decoder: Decoder, stop: Sequence[str] = ()) -> None:
        self._decoder = decoder
        self._stop = [sequence for sequence in stop if sequence]
        self._tokens: list[int] = []
        self._given = 0  # tokens whose text is already out
        self._context = 0  # the first token that is decoded along
        self._held = ""
        self.stopped = False
        """True once a stop sequence was found; there will be no more text."""

    def push(self, tokens: Sequence[int]) -> str:
        """Return the text that is certain after these further tokens."""
        self._tokens.extend(tokens)
        return self._release(self._decoded(final=False), final=False)

    def finish(self) -> str:
        """Return the rest: bytes that never became a character, and text that did not become a stop sequence."""
        return self._release(self._decoded(final=True), final=True)

    def _decoded(self, *, final: bool) -> str:
        end = len(self._tokens) if final else self._last_whole()
        if end <= self._given:
            return ""
        before = self._decode(self._tokens[self._context : self._given])
        whole = self._decode(self._tokens[self._context : end])
        if len(whole) <= len(before):  # special tokens, which have no text
            return ""
        self._context, self._given = self._given, end
        return whole[len(before) :]

    def _last_whole(self) -> int:
        """Count the tokens up to the last whole character; four tokens without one are no text, and count too."""
        for end in range(len(self._tokens), len(self._tokens) - LONGEST_CHARACTER_TOKENS, -1):
            if end <= self._given:
                return end
            if not self._decode(self._tokens[self._context : end]).endswith(REPLACEMENT):
                return end
        return len(self._tokens)

    def _decode(self, tokens: list[int]) -> str:
        return str(self._decoder.decode(tokens, skip_special_tokens=True))

    def _release(self, text: str, *, final: bool) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        self._held = ""
        places = [place for sequence in self._stop if (place := text.find(sequence)) >= 0]
        if places:
            self.stopped = True
            return text[: min(places)]
        if final:
            return text
        keep = max((_overlap(text, sequence) for sequence in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, sequence: str) -> int:
    """Count the characters at the end of `text` with which `sequence` begins."""
    for length in range(min(len(text), len(sequence) - 1), 0, -1):
        if text.endswith(sequence[:length]):
            return length
    return 0
