"""Engines: what each refuses, with the reason and what runs instead; tests/workloads/test_engines.py shows the rows."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from modelyard.workloads.engines import engine as engines
from modelyard.workloads.engines.engine import Job
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError

ROOT = Path(__file__).parents[4]
LLAMA = Job.of_preset(presets.load("llama-3.1-8b-instruct"), "full")
BOTH = pytest.mark.parametrize("engine", [engines.trainer(), engines.server()], ids=lambda engine: engine.name)


@dataclass(frozen=True)
class Case:
    """A job, and the fields in which an engine refuses it with the nearest thing that runs."""

    id: str
    job: Job
    refused: tuple[tuple[str, str, str], ...] = ()


SMALLER = "take a GPU that holds the whole model, or a smaller preset"
CASES = (
    Case("full fine-tune", LLAMA),
    Case("server", replace(LLAMA, task="serve", compute_capability=(7, 5))),
    Case("LoRA", replace(LLAMA, task="lora"), (("task", "lora", "use method full, or plan only"),)),
    Case(
        "offline batch",
        replace(LLAMA, task="batch"),
        (("task", "batch", "serve the model and send the prompts to it"),),
    ),
    Case("tensor parallel server", replace(LLAMA, task="serve", tensor=2), (("tensor", "2", SMALLER),)),
    Case("sharded fine-tune", replace(LLAMA, sharding="fsdp"), (("sharding", "fsdp", SMALLER),)),
    Case(
        "V100",
        replace(LLAMA, compute_capability=(7, 0)),
        (("compute capability", "7.0", "take a T4 or a newer GPU"),),
    ),
    Case(
        "embedding model as fine-tune",
        Job.of_preset(presets.load("bge-m3"), "full"),
        (("family", "xlm-roberta", "a preset that runs: qwen3-0.6b"),),
    ),
    Case(
        "image model as chat server",
        Job.of_preset(presets.load("stable-diffusion-v1-5"), "serve"),
        (("family", "stable-diffusion", "a preset that runs: qwen3-0.6b"),),
    ),
    Case(
        "quantised weights",
        Job.of_preset(presets.load("qwen3-8b-awq"), "serve"),
        (("quantisation", "awq-int4", "serve the unquantised weights of the model"),),
    ),
    Case("other weights of a quantised preset", Job.of_preset(presets.load("qwen3-8b-awq"), "serve", hub_id=None)),
    Case(
        "quantised weights from the hub",
        Job.of_preset(presets.load("qwen3-8b"), "full", hub_id="Qwen/Qwen3-8B-AWQ"),
        (("quantisation", "awq-int4", "start from weights in 16 or 32 bit"),),
    ),
    Case(
        "random weights of a mixture of experts",
        replace(Job.of_preset(presets.load("qwen3-30b-a3b"), "full"), random_weights=True),
        (("family", "qwen3_moe", "give the folder or id of its weights as model"),),
    ),
    Case(
        "published files unlike the family's",
        Job.of_preset(presets.load("nemotron-nano-12b-v2-vl"), "full"),
        (("family", "nemotron_h", "a preset that runs: nemotron-nano-9b-v2"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_engine_refuses_what_it_cannot_run(case: Case):
    refusals = engines.engine_for(case.job.task).check(case.job)
    assert tuple((refusal.field, refusal.value, refusal.instead) for refusal in refusals) == case.refused


def test_refusal_reads_as_one_sentence():
    job = Job.of_preset(presets.load("gemma-2-2b-it"), "serve")
    assert engines.refusal_text(job) == (
        "no engine of this release runs this: the server does not take family gemma2: transformers has no "
        "scaled_dot_product_attention for it, and the server uses no other; a preset that runs: gemma-3-4b-it "
        "(transformers 5.23.0, _supports_sdpa of the model class)"
    )


def test_unknown_family_is_refused_by_name():
    (refusal,) = engines.trainer().check(Job(family="rwkv", task="full"))
    assert (refusal.field, refusal.value, refusal.reason) == ("family", "rwkv", "the family was never tried")


@BOTH
def test_engine_has_a_row_for_every_family_of_the_presets(engine: engines.Engine):
    assert {presets.load(name).architecture.family for name in presets.list_names()} == set(engine.families)
    assert set(engine.presets) <= set(presets.list_names())


@BOTH
def test_every_refused_family_names_source_and_a_preset_that_runs(engine: engines.Engine):
    for family in (*engine.families.values(), *engine.presets.values()):
        if family.reason:
            assert family.source
            instead = Job.of_preset(presets.load(family.instead), engine.limits["task"].values[0])
            assert not engine.check(instead)


@BOTH
def test_table_is_of_the_locked_versions(engine: engines.Engine):
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    locked = {package["name"]: package["version"].partition("+")[0] for package in lock["package"]}
    assert {name: locked[name] for name in engine.versions} == dict(engine.versions)


FINE_TUNE = {"name": "a", "train_data": "/t.txt", "results": "/r", "model": "/weights"}


@dataclass(frozen=True)
class Configuration:
    """A configuration of a workload that its engine refuses, and the field that says so."""

    id: str
    kind: type[FineTuneConfig] | type[ServeConfig]
    fields: dict[str, object]
    refused: tuple[str, str]


CONFIGURATIONS = (
    Configuration("embedding model", FineTuneConfig, {**FINE_TUNE, "preset": "bge-m3"}, ("preset", "family xlm-rob")),
    Configuration("LoRA", FineTuneConfig, {**FINE_TUNE, "preset": "gpt2", "method": "lora"}, ("method", "task lora")),
    Configuration(
        "two GPUs per worker",
        FineTuneConfig,
        {**FINE_TUNE, "preset": "gpt2", "gpus_per_worker": 2},
        ("gpus_per_worker", "tensor 2"),
    ),
    Configuration(
        "random weights",
        FineTuneConfig,
        {**FINE_TUNE, "preset": "opt-1.3b", "model": None},
        ("model", "family opt"),
    ),
    Configuration(
        "quantised weights",
        FineTuneConfig,
        {**FINE_TUNE, "preset": "qwen3-8b", "model": "hf://Qwen/Qwen3-8B-AWQ"},
        ("model", "quantisation awq-int4"),
    ),
    Configuration(
        "image model", ServeConfig, {"model": "stable-diffusion-v1-5"}, ("preset", "family stable-diffusion")
    ),
    Configuration(
        "latent attention", ServeConfig, {"model": "hf://deepseek-ai/DeepSeek-R1-0528"}, ("model", "deepseek_v3")
    ),
    Configuration("preset of a folder", ServeConfig, {"model": "/m", "preset": "falcon-7b"}, ("preset", "falcon")),
    Configuration(
        "two GPUs per replica",
        ServeConfig,
        {"model": "gpt2", "gpus_per_replica": 2},
        ("gpus_per_replica", "tensor 2"),
    ),
)


@pytest.mark.parametrize("case", CONFIGURATIONS, ids=lambda case: f"{case.kind.__name__}: {case.id}")
def test_configuration_of_a_job_that_no_engine_runs_is_refused(case: Configuration):
    with pytest.raises(ValidationError) as caught:
        case.kind.model_validate(case.fields)
    (error,) = caught.value.errors()
    field, value = case.refused
    assert error["loc"] == (field,)
    assert "no engine of this release runs this" in error["msg"]
    assert value in error["msg"]


def test_page_on_engines_has_a_line_for_each_family():
    def cell(family: engines.Family) -> str:
        return f"no: {family.reason}" if family.reason else "yes"

    trainer, server = engines.trainer().families, engines.server().families
    lines = [f"| `{name}` | {cell(trainer[name])} | {cell(server[name])} |" for name in sorted(trainer)]
    page = (ROOT / "docs/engines.md").read_text().splitlines()
    assert [line for line in page if line.startswith("| `")] == lines
    random_weights = [f"`{name}`" for name in sorted(trainer) if trainer[name].random_weights]
    assert f"families {', '.join(random_weights[:-1])} and {random_weights[-1]}." in " ".join(page)
