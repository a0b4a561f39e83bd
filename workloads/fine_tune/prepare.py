"""Preparation of the data: text, tokenizer, and token ids in files that every worker maps into memory.

What was prepared for the same text and tokenizer is used again, so that a resumed run starts at once.
"""

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.preprocess import pack
from modelyard.workloads.preprocess import tokenizer as tokenizers
from modelyard.workloads.preprocess.pretrained import load_tokenizer
from modelyard.workloads.preprocess.text import Corpus, read_corpus
from transformers import PreTrainedTokenizerFast

log = logging.getLogger(__name__)

RECIPE = 1
"""Version of the recipe, counted up when the same text gives other ids."""


@dataclass(frozen=True)
class PreparedData:
    """Folder of tokenizer and token ids."""

    folder: Path

    def tokenizer(self) -> PreTrainedTokenizerFast:
        """Load the tokenizer."""
        return load_tokenizer(str(self.folder / "tokenizer"), "tokenizer")

    def train(self, sequence_tokens: int) -> pack.TokenRows:
        """Map the training text, in rows of `sequence_tokens`."""
        return pack.pack(pack.read(self.folder / "train.npy"), sequence_tokens)

    def validation(self, sequence_tokens: int) -> pack.TokenRows:
        """Map the held-out text, in rows of `sequence_tokens`."""
        return pack.pack(pack.read(self.folder / "validation.npy"), sequence_tokens)


def prepare(config: FineTuneConfig, results: Results) -> PreparedData:
    """Prepare the data in the results folder, unless an earlier start did.

    Raises:
        UserError: text or tokenizer cannot be used, or there is less text than one sequence.
    """
    data = PreparedData(results.data_folder)
    corpus = read_corpus(config.train_data, config.validation_data)
    key = _key(config, corpus)
    if results.read("prepared/prepared.json") == key:
        log.info("the prepared data of an earlier start are used")
    else:
        _write(config, corpus, data.folder, key)
    _check(config, data)
    return data


def _write(config: FineTuneConfig, corpus: Corpus, target: Path, key: dict[str, Any]) -> None:
    folder = target.with_name(".prepared.new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer = _tokenizer(config, corpus)
    tokenizer.save_pretrained(folder / "tokenizer")
    pack.write(tokenizers.encode(tokenizer, corpus.train), folder / "train.npy")
    pack.write(tokenizers.encode(tokenizer, corpus.validation), folder / "validation.npy")
    (folder / "prepared.json").write_text(json.dumps(key))
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)


def _tokenizer(config: FineTuneConfig, corpus: Corpus) -> PreTrainedTokenizerFast:
    architecture = config.known_preset.architecture
    if config.tokenizer is not None:
        return load_tokenizer(config.tokenizer, "tokenizer")
    if config.model is not None:
        return load_tokenizer(config.model, "model")
    return tokenizers.train(corpus.train, architecture.vocabulary, architecture.max_context_tokens)


def _check(config: FineTuneConfig, data: PreparedData) -> None:
    for field, sequences in (
        ("train_data", data.train(config.sequence_tokens)),
        ("validation_data", data.validation(config.sequence_tokens)),
    ):
        enough = len(sequences.rows) > 0 if field == "train_data" else sequences.tokens > 1
        if not enough:
            uri = getattr(config, field) or f"the last tenth of train_data {config.train_data}"
            needed = config.sequence_tokens if field == "train_data" else 2
            raise UserError(
                f"{field} {uri} is too short: it has {sequences.tokens} tokens, and at least {needed} are needed; "
                "give more text or a smaller sequence_tokens"
            )


def _key(config: FineTuneConfig, corpus: Corpus) -> dict[str, Any]:
    digest = hashlib.sha256()
    for documents in (corpus.train, corpus.validation):
        for document in documents:
            digest.update(hashlib.sha256(document.encode()).digest())
        digest.update(b"|")
    return {
        "recipe": RECIPE,
        "text": digest.hexdigest(),
        "tokenizer": config.tokenizer or config.model,
        "vocabulary": config.known_preset.architecture.vocabulary,
    }
