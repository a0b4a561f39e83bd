"""Tokenizers trained on the text, and the encoding of text as token ids.

The trained one is byte-level BPE, as GPT-2's: every text has an encoding, and decoding gives the text back exactly.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from modelyard.workloads.preprocess.pack import Tokens, choose_token_type, join
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
"""GPT-2's only special token, which ends a document and stands in for padding."""

BLOCK_CHARACTERS = 65536
"""Characters per block of a long document; blocks end at line ends and are encoded on all cores."""


def train(documents: Iterable[str], vocabulary: int, longest: int) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE of at most `vocabulary` tokens on `documents`; little text gives fewer tokens.

    `longest` is the model's context in tokens, which transformers warns about when a text exceeds it.
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_blocks(documents), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        unk_token=END_OF_TEXT,
        model_max_length=longest,
        clean_up_tokenization_spaces=False,
    )


def encode(tokenizer: PreTrainedTokenizerFast, documents: Iterable[str]) -> Tokens:
    """Encode all documents, each followed by the tokenizer's end of text (if it has one)."""
    end: Any = tokenizer.eos_token_id  # transformers types it with those of several tokens
    return join((_encode(tokenizer, document) for document in documents), end, len(tokenizer))


def _encode(tokenizer: PreTrainedTokenizerFast, document: str) -> Tokens:
    blocks = list(_blocks([document]))
    if not blocks:  # transformers fails on an empty batch
        return np.zeros(0, dtype=choose_token_type(len(tokenizer)))
    encoded = tokenizer(blocks, add_special_tokens=False, return_attention_mask=False, verbose=False)["input_ids"]
    kind = choose_token_type(len(tokenizer))
    return np.concatenate([np.asarray(ids, dtype=kind) for ids in encoded])


def _blocks(documents: Iterable[str]) -> Iterator[str]:
    for document in documents:
        start = 0
        while start < len(document):
            cut = document.find("\n", start + BLOCK_CHARACTERS) + 1 or len(document)
            yield document[start:cut]
            start = cut
