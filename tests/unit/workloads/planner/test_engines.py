"""Plans name the engine that runs them today, and say so where there is none."""

from dataclasses import dataclass

import pytest
from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.one_gpu import find_lack
from modelyard.workloads.planner.plan import plan
from modelyard.workloads.planner.request import FineTune, Request, Task
from modelyard.workloads.presets.preset import load


@dataclass(frozen=True)
class Case:
    """A plan of one instance type, the engine of its candidate, and the start of the reason where there is none."""

    id: str
    preset: str
    task: Task
    sku: str
    engine: str
    refusal: str = ""


NONE = "no engine of this release runs this: "
CASES = (
    Case("server", "llama-3.1-8b-instruct", "serve", "Standard_NC24ads_A100_v4", "the server"),
    Case("full fine-tune", "qwen2.5-0.5b", "full", "Standard_NC24ads_A100_v4", "the trainer"),
    Case(
        "LoRA", "llama-3.1-8b-instruct", "lora", "Standard_NC24ads_A100_v4", "", "the trainer does not take task lora"
    ),
    Case(
        "batch", "llama-3.1-8b-instruct", "batch", "Standard_NC24ads_A100_v4", "", "the server does not take task batch"
    ),
    Case(
        "split over two GPUs",
        "llama-3.1-70b-instruct",
        "serve",
        "Standard_NC48ads_A100_v4",
        "",
        "the server does not take tensor 2",
    ),
    Case(
        "embedding model",
        "bge-m3",
        "full",
        "Standard_NC24ads_A100_v4",
        "",
        "the trainer does not take family xlm-roberta",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_plan_names_the_engine_that_runs_it(case: Case):
    result = plan(Request(model=Model.from_preset(load(case.preset)), task=case.task, sku=case.sku))
    (candidate,) = result.candidates
    assert candidate.fits
    assert candidate.engine == case.engine
    assert [text.startswith(NONE + case.refusal) for text in result.engine_refusals] == [True] * bool(case.refusal)


def test_plan_that_fits_nowhere_still_names_what_no_engine_runs():
    model = Model.from_preset(load("deepseek-v3-0324"))
    result = plan(Request(model=model, task="lora", sku="Standard_NC4as_T4_v3", max_nodes=1))
    assert result.best is None
    assert [text.startswith(NONE + "the trainer does not take task lora") for text in result.engine_refusals] == [True]


@dataclass(frozen=True)
class Memory:
    """A task on one GPU, and a part of the reason why it does not fit; empty: it fits."""

    id: str
    preset: str
    task: Task
    sku: str
    lack: str


MEMORY = (
    Memory("full fine-tune of 8B on a T4", "llama-3.1-8b-instruct", "full", "Standard_NC4as_T4_v3", "GiB"),
    Memory("full fine-tune of GPT-2 on a T4", "gpt2", "full", "Standard_NC4as_T4_v3", ""),
    Memory("DeepSeek V3 on two A100", "deepseek-v3-0324", "serve", "Standard_NC48ads_A100_v4", "GiB"),
    Memory("70B that needs both GPUs", "llama-3.1-70b-instruct", "serve", "Standard_NC48ads_A100_v4", "GiB"),
    Memory("8B on one of two A100", "llama-3.1-8b-instruct", "serve", "Standard_NC48ads_A100_v4", ""),
)


@pytest.mark.parametrize("case", MEMORY, ids=lambda case: case.id)
def test_one_gpu_holds_a_task_or_lacks_memory(case: Memory):
    settings = FineTune(gradient_checkpointing=False, sequence_tokens=512)
    request = Request(
        model=Model.from_preset(load(case.preset)), task=case.task, fine_tune=settings, context_tokens=1024, cloud="aws"
    )
    lack = find_lack(request, case.sku)
    assert bool(lack) == bool(case.lack), lack
    assert case.lack in lack
