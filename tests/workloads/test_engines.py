"""The tables of the engines are true: a tiny model of every family is trained and served, with the tables' own checks
switched off, and does what its row says. A row that refuses must really fail, so that a newer version is noticed."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

import pytest
import torch
from modelyard.workloads.engines import engine as engines
from modelyard.workloads.engines.engine import Family, Job
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune import model as models
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.fine_tune.work import work
from modelyard.workloads.fine_tune.worker import Worker
from modelyard.workloads.preprocess import tokenizer as tokenizers
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.serve.config import ServeConfig
from modelyard.workloads.serve.openai import ChatRequest
from modelyard.workloads.serve.service import Service
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from tests.workloads.tiny_models import CONTEXT, save_tiny_model

pytestmark = pytest.mark.workloads

ANSWER_TOKENS = 12
CPU = Worker(0, 1, torch.device("cpu"))
TEXT = "\n".join(topics[name] for name in sorted(topics))[:20_000]


@dataclass(frozen=True)
class Row:
    """A kind of model that rows are about: a family, of which one preset stands for those with the same layers."""

    preset: str
    architecture: Architecture

    @property
    def row_of_trainer(self) -> Family:
        """Row of the family in the trainer's table."""
        return engines.trainer().families[self.architecture.family]

    @property
    def row_of_server(self) -> Family:
        """Row of the family in the server's table."""
        return engines.server().families[self.architecture.family]


def rows() -> list[Row]:
    known: dict[tuple[object, ...], Row] = {}
    for name in presets.list_names():
        architecture = presets.load(name).architecture
        kind = (architecture.family, frozenset(architecture.layer_kinds), architecture.experts > 0)
        if not engines.trainer().families[architecture.family].not_shown:
            known.setdefault(kind, Row(name, architecture))
    return list(known.values())


ROWS = pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.architecture.family}-{row.preset}")


@pytest.fixture(scope="module")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("text") / "train.txt"
    file.write_text(TEXT)
    return file


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model of each row."""
    root = tmp_path_factory.mktemp("tiny")
    tokenizer = tokenizers.train([TEXT], 300, CONTEXT)
    for row in rows():
        save_tiny_model(row.architecture, tokenizer, root / row.preset)
    return root


@pytest.fixture
def _no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off what the tables refuse."""
    monkeypatch.setattr(engines, "require", lambda *_: None)


def fine_tune_config(preset: str, model: Path, text_file: Path, folder: Path) -> FineTuneConfig:
    return FineTuneConfig.model_validate({
        "name": "tiny", "preset": preset, "model": str(model), "train_data": str(text_file),
        "results": str(folder / "results"), "sequence_tokens": 32, "batch_sequences": 2,
        "gradient_accumulation": 1, "max_steps": 3, "learning_rate": 1e-3, "use_gpu": False,
    })  # fmt: skip


def failure_of_training(config: FineTuneConfig) -> str:
    """Return why the trainer did not train a model that predicts text; empty if it did."""
    Results(config.results_folder).open(config)
    try:
        metrics = work(config, CPU)
    except UserError as error:
        return str(error)
    model = AutoModelForCausalLM.from_pretrained(Results(config.results_folder).model).eval()
    if sees_later_tokens(model):
        return "it sees the tokens that it has to predict"
    return "" if metrics["perplexity_after"] < metrics["perplexity_before"] else "it has learned nothing"


@torch.inference_mode()
def sees_later_tokens(model: torch.nn.Module) -> bool:
    first, second = (model(input_ids=torch.tensor([[5, 6, last]]), use_cache=False).logits[0, 0] for last in (7, 8))
    return not torch.allclose(first, second, atol=1e-5)


def failure_of_serving(folder: Path) -> str:
    """Return why the server's answer is not the model's own; empty if it is."""
    try:
        prompt, answer = asyncio.run(answer_of(folder))
    except Exception as error:  # noqa: BLE001 - engines fail in many ways, and each is a failure
        return f"{type(error).__name__}: {error}"
    expected = greedy_answer(folder, prompt)
    return "" if answer == expected else f"it answers {answer}, and the model itself {expected}"


async def answer_of(folder: Path) -> tuple[list[int], list[int]]:
    """Serve one chat request; return the tokens of prompt and answer."""
    config = ServeConfig(
        model=str(folder), device="cpu", max_context_tokens=CONTEXT, max_batch_tokens=64, max_batch_requests=2
    )
    service = Service.load(config)
    service.engine.start()
    try:
        messages = [{"role": "user", "content": "Hello"}]
        request = {"model": config.public_name, "messages": messages, "max_tokens": ANSWER_TOKENS, "temperature": 0}
        prompt = await service.chat_prompt(ChatRequest.model_validate(request))
        generation = service.submit(prompt)
        answer = [token async for step in generation.steps() for token in step.tokens]
        return prompt.tokens, answer
    finally:
        service.engine.stop()


@torch.inference_mode()
def greedy_answer(folder: Path, prompt: list[int]) -> list[int]:
    """Return the most likely tokens after `prompt`, each computed from nothing."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokens = list(prompt)
    for _ in range(ANSWER_TOKENS):
        tokens.append(int(model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0, -1].argmax()))
        if tokens[-1] == model.config.get_text_config().eos_token_id:
            break
    return tokens[len(prompt) :]


@ROWS
@pytest.mark.usefixtures("_no_tables")
def test_trainer_trains_the_families_of_its_table(row: Row, tiny_models: Path, text_file: Path, tmp_path: Path):
    config = fine_tune_config(row.preset, tiny_models / row.preset, text_file, tmp_path)
    failure = failure_of_training(config)
    assert bool(failure) == bool(row.row_of_trainer.reason), failure


@ROWS
@pytest.mark.usefixtures("_no_tables")
def test_server_answers_for_the_families_of_its_table(row: Row, tiny_models: Path):
    failure = failure_of_serving(tiny_models / row.preset)
    assert bool(failure) == bool(row.row_of_server.reason), failure


@pytest.mark.parametrize(
    "preset",
    [
        name
        for name in presets.list_names()
        if engines.trainer().families[presets.load(name).architecture.family].random_weights
    ],
)
def test_random_weights_have_the_size_of_the_preset(preset: str):
    architecture = presets.load(preset).architecture
    with torch.device("meta"):
        model = models._build_random(architecture, preset)
    assert sum(parameter.numel() for parameter in set(model.parameters())) == architecture.parameters


@pytest.fixture
def quantised_folder(tmp_path: Path, tiny_models: Path) -> Path:
    """A model whose configuration says that its weights are in AWQ's form."""
    source = tiny_models / next(row.preset for row in rows() if row.architecture.family == "qwen3")
    folder = tmp_path / "quantised"
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    for file in source.glob("model*"):
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((source / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "awq", "bits": 4, "group_size": 16, "zero_point": True}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_quantised_weights_are_refused_before_they_are_read(quantised_folder: Path, text_file: Path, tmp_path: Path):
    config = fine_tune_config("qwen3-0.6b", quantised_folder, text_file, tmp_path)
    tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(quantised_folder)
    with pytest.raises(UserError, match="the trainer does not take quantisation awq"):
        models.load(config, tokenizer)
    with pytest.raises(UserError, match="the server does not take quantisation awq"):
        Service.load(ServeConfig(model=str(quantised_folder), device="cpu"))


@pytest.mark.usefixtures("_no_tables")
def test_the_image_cannot_read_quantised_weights(quantised_folder: Path):
    with pytest.raises(ImportError, match="gptqmodel"):
        Service.load(ServeConfig(model=str(quantised_folder), device="cpu"))


def test_oldest_gpu_is_the_oldest_that_torch_is_built_for():
    built_for = torch._C._cuda_getArchFlags()
    if built_for is None:
        pytest.skip("this torch is built for CPUs alone")
    oldest = min(int(name.removeprefix("sm_")) for name in built_for.split() if name.startswith("sm_"))
    assert {engine.least_compute_capability for engine in (engines.trainer(), engines.server())} == {
        (oldest // 10, oldest % 10)
    }


def test_other_model_than_described_is_refused_by_its_family(tiny_models: Path):
    folder = tiny_models / next(row.preset for row in rows() if row.architecture.family == "falcon")
    with pytest.raises(UserError, match="the server does not take family falcon: its attention writes to no paged"):
        Service.load(ServeConfig(model=str(folder), device="cpu"))
    assert engines.server().check(Job(family="falcon", task="serve"))


def test_kimi_is_unknown_to_transformers():
    assert "kimi_k2" not in CONFIG_MAPPING
