"""Real text and real small models for the tests of workloads.

The text is the Python language reference as the standard library carries it (pydoc_data, PSF licence): nothing is
downloaded. The model is a GPT-2 of two layers, so that a step takes milliseconds.
"""

import functools
import importlib.util
import json
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from pydoc_data.topics import topics as CHAPTERS  # noqa: N812
from typing import Any

import pytest

# Before torch is imported: two cores are shared, and spinning threads of several processes starve each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["RAY_AUTH_MODE"] = "disabled"
os.environ["RAY_TRAIN_HEALTH_CHECK_INTERVAL_S"] = "0.2"

HAS_TORCH = importlib.util.find_spec("torch") is not None
collect_ignore_glob = [] if HAS_TORCH else ["test_*.py"]

VOCABULARY = 512
CONTEXT = 128


@pytest.fixture(scope="session")
def topics() -> dict[str, str]:
    """The chapters of the language reference, by name."""
    return {name: CHAPTERS[name] for name in sorted(CHAPTERS)}


@pytest.fixture(scope="session")
def text_file(tmp_path_factory: pytest.TempPathFactory, topics: dict[str, str]) -> Path:
    """All chapters in one file, about 460 kB."""
    file = tmp_path_factory.mktemp("text") / "reference.txt"
    file.write_text("\n\n".join(topics.values()))
    return file


@pytest.fixture(scope="session")
def small_text(tmp_path_factory: pytest.TempPathFactory, topics: dict[str, str]) -> Path:
    """The first chapters, about 60 kB."""
    file = tmp_path_factory.mktemp("text") / "small.txt"
    file.write_text("\n\n".join(topics.values())[:60_000])
    return file


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, topics: dict[str, str]) -> Path:
    """A random GPT-2 with a tokenizer trained on the text, in transformers' layout."""
    import torch
    from modelyard.workloads.preprocess import tokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("model")
    trained: Any = tokenizer.train(topics.values(), VOCABULARY, CONTEXT)
    torch.manual_seed(0)
    shape = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=CONTEXT,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=trained.bos_token_id,
        eos_token_id=trained.eos_token_id,
    )
    GPT2LMHeadModel(shape).save_pretrained(folder)
    trained.save_pretrained(folder)
    return folder


@pytest.fixture
def client(model_folder: Path) -> Callable[..., AbstractAsyncContextManager[Any]]:
    """Server of the small model with a client, as a context; its arguments are further settings of the server."""
    from tests.workloads.api_client import serve_model

    return functools.partial(serve_model, model_folder)


@pytest.fixture
def settings(tmp_path: Path, small_text: Path, model_folder: Path) -> dict[str, Any]:
    """A fine-tune of 24 steps that takes about a second."""
    return {
        "name": "test",
        "preset": "gpt2-tiny",
        "model": str(model_folder),
        "train_data": str(small_text),
        "results": str(tmp_path / "results"),
        "sequence_tokens": 32,
        "batch_sequences": 4,
        "max_steps": 24,
        "learning_rate": 3e-3,
        "checkpoint_every_steps": 5,
        "progress_seconds": 0,
        "use_gpu": False,
    }


class Run:
    """The results folder of a run, as its readers see it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.folder = Path(settings["results"])

    def read(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name).read_text())

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()

    def history(self) -> list[dict[str, Any]]:
        file = self.folder / "history.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def starts(self) -> list[dict[str, Any]]:
        return [event for event in self.history() if event.get("event") == "started"]

    def losses(self) -> dict[int, float]:
        """The loss of each step; of a step done twice, the later."""
        return {event["step"]: event["loss"] for event in self.history() if "loss" in event}

    def weights(self) -> dict[str, Any]:
        from safetensors.torch import load_file

        return load_file(self.folder / "model/model.safetensors")
