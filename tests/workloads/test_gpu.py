"""Training and serving on a GPU; skipped where there is none."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from modelyard.workloads.fine_tune.__main__ import main

from tests.workloads.conftest import Run

pytestmark = [pytest.mark.workloads, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]


def fine_tune(settings: dict[str, Any], folder: Path) -> Run:
    settings = settings | {"results": str(folder), "use_gpu": True}
    file = folder.with_suffix(".json")
    file.write_text(json.dumps(settings))
    assert main(["--config", str(file), "--local"]) == 0
    return Run(settings)


def test_auto_is_bf16_on_ampere_and_later_and_learns_like_fp32(settings: dict[str, Any], tmp_path: Path):
    if torch.cuda.get_device_capability() < (8, 0):
        pytest.skip("before Ampere auto is fp16")
    auto = fine_tune(settings, tmp_path / "auto").read("metrics.json")
    plain = fine_tune(settings | {"precision": "fp32"}, tmp_path / "fp32").read("metrics.json")
    assert auto["precision"] == "bf16"
    assert torch.cuda.get_device_name() in auto["precision_reason"]
    assert auto["peak_memory_gib"] > 0
    assert auto["perplexity_after"] == pytest.approx(plain["perplexity_after"], rel=0.03)


def test_fp16_with_a_scaled_loss_learns_like_fp32(settings: dict[str, Any], tmp_path: Path):
    half = fine_tune(settings | {"precision": "fp16"}, tmp_path / "fp16").read("metrics.json")
    plain = fine_tune(settings | {"precision": "fp32"}, tmp_path / "fp32").read("metrics.json")
    # The first scales overflow, and those steps are skipped.
    assert half["perplexity_after"] == pytest.approx(plain["perplexity_after"], rel=0.15)


def test_a_compiled_model_learns_the_same(settings: dict[str, Any], tmp_path: Path):
    compiled = fine_tune(settings | {"compile": True, "precision": "fp32"}, tmp_path / "compiled").losses()
    plain = fine_tune(settings | {"precision": "fp32"}, tmp_path / "plain").losses()
    assert [compiled[step] for step in range(1, 25)] == pytest.approx([plain[step] for step in range(1, 25)], rel=0.01)


def test_a_resumed_run_goes_on_where_it_was(settings: dict[str, Any], tmp_path: Path):
    whole = fine_tune(settings | {"precision": "fp32"}, tmp_path / "whole")
    again = fine_tune(settings | {"precision": "fp32"}, tmp_path / "again")
    (again.folder / "SUCCEEDED").unlink()
    state = again.folder / "checkpoints/step-00000024/state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    resumed = fine_tune(settings | {"precision": "fp32"}, tmp_path / "again")
    assert [event["step"] for event in resumed.starts()] == [0, 20]
    assert resumed.losses()[24] == pytest.approx(whole.losses()[24], rel=1e-3)


def test_the_engine_generates_what_generate_does(model_folder: Path):
    from modelyard.workloads.serve.engine import Engine, Limits
    from modelyard.workloads.serve.sampling import Sampling
    from transformers import AutoModelForCausalLM

    def load():
        model: Any = AutoModelForCausalLM.from_pretrained(model_folder, attn_implementation="sdpa")
        return model.cuda().eval()

    prompts = [[5, 6, 7], list(range(40, 90)), [9], [200, 100, 300, 400]]
    reference = load()
    want = []
    for prompt in prompts:
        ids = torch.tensor([prompt], device="cuda")
        mask = torch.ones_like(ids)
        generated = reference.generate(ids, attention_mask=mask, max_new_tokens=20, do_sample=False, eos_token_id=None)
        want.append(generated[0, len(prompt) :].tolist())

    async def one(engine: Engine, prompt: list[int], sampling: Sampling) -> list[int]:
        generation = engine.submit(prompt, sampling)
        try:
            return [token async for step in generation.steps() for token in step.tokens]
        finally:
            generation.close()

    async def go() -> None:
        limits = Limits(context_tokens=128, max_queue=16, max_batch_tokens=256, max_batch_requests=8, cache_tokens=4096)
        engine = Engine(load(), limits, set())
        engine.start()
        try:
            found = await asyncio.gather(*(one(engine, prompt, Sampling(20, temperature=0)) for prompt in prompts))
            assert found == want
            seeded = Sampling(15, temperature=1.2, top_p=0.9, seed=7)
            alone = await one(engine, prompts[0], seeded)
            together, *_ = await asyncio.gather(
                one(engine, prompts[0], seeded), *(one(engine, prompt, Sampling(15, seed=1)) for prompt in prompts)
            )
            assert alone == together
        finally:
            engine.stop()

    asyncio.run(go())
