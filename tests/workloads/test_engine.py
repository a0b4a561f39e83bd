"""The engine: same tokens as generate(), limits kept, cancelled when left, dead when dead."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from modelyard.workloads.serve.engine import (
    Engine,
    EngineDeadError,
    Limits,
    QueueFullError,
    TooLongError,
)
from modelyard.workloads.serve.sampling import Sampling

pytestmark = pytest.mark.workloads

PROMPTS = [[5, 6, 7], list(range(40, 90)), [9], [200, 100, 300, 400], list(range(3, 35))]


@pytest.fixture(scope="module")
def reference(model_folder: Path):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(model_folder).eval()


@pytest.fixture
def engine(model_folder: Path) -> Callable[..., AbstractAsyncContextManager[Engine]]:
    from transformers import AutoModelForCausalLM

    @asynccontextmanager
    async def running(**limits: Any) -> AsyncIterator[Engine]:
        model = AutoModelForCausalLM.from_pretrained(model_folder, attn_implementation="sdpa").eval()
        end_of_text = limits.pop("end_of_text", set())
        known = {"context_tokens": 128, "max_queue": 16, "max_batch_tokens": 256, "max_batch_requests": 8}
        one = Engine(model, Limits(**known | limits), end_of_text)
        one.start()
        try:
            yield one
        finally:
            one.stop()

    return running


async def all_tokens(engine: Engine, prompt: list[int], sampling: Sampling) -> tuple[list[int], str | None]:
    generation = engine.submit(prompt, sampling)
    tokens, reason = [], None
    try:
        async for step in generation.steps():
            tokens += step.tokens
            reason = step.finish_reason
    finally:
        generation.close()
    return tokens, reason


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass in 10 s")


def test_greedy_tokens_are_those_of_generate(engine, reference):
    async def go() -> list[tuple[list[int], str | None]]:
        async with engine() as one:
            return await asyncio.gather(*(all_tokens(one, prompt, Sampling(20, temperature=0)) for prompt in PROMPTS))

    for prompt, (tokens, reason) in zip(PROMPTS, asyncio.run(go()), strict=True):
        ids = torch.tensor([prompt])
        want = reference.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False, eos_token_id=None
        )
        assert tokens == want[0, len(prompt) :].tolist()
        assert reason == "length"


def test_a_seed_gives_the_same_tokens_alone_and_in_company(engine):
    seeded = Sampling(15, temperature=1.3, top_p=0.9, seed=42)

    async def go() -> None:
        async with engine() as one:
            alone, _ = await all_tokens(one, PROMPTS[0], seeded)
            again, *others = await asyncio.gather(
                all_tokens(one, PROMPTS[0], seeded),
                *(all_tokens(one, prompt, Sampling(15, seed=seed)) for seed, prompt in enumerate(PROMPTS)),
            )
            other_seed, _ = await all_tokens(one, PROMPTS[0], Sampling(15, temperature=1.3, top_p=0.9, seed=43))
            greedy, _ = await all_tokens(one, PROMPTS[0], Sampling(15, temperature=0))
            assert alone == again[0]
            assert alone != other_seed
            assert alone != greedy
            assert all(len(tokens) == 15 for tokens, _ in others)

    asyncio.run(go())


def test_the_first_token_follows_the_models_distribution(engine, reference):
    """Drawn with 400 seeds; the most likely token of a sharpened distribution comes as often as it should."""
    with torch.no_grad():
        logits = reference(torch.tensor([PROMPTS[3]])).logits[0, -1].double()
    likely = torch.softmax(logits / 0.2, 0)

    async def go() -> list[int]:
        async with engine(max_queue=400) as one:
            found = await asyncio.gather(
                *(all_tokens(one, PROMPTS[3], Sampling(1, temperature=0.2, seed=seed)) for seed in range(400))
            )
            return [tokens[0] for tokens, _ in found]

    drawn = torch.bincount(torch.tensor(asyncio.run(go())), minlength=len(likely)).double() / 400
    top = likely.argmax()
    # Three standard deviations of a binomial share.
    assert abs(drawn[top] - likely[top]) < 3 * (likely[top] * (1 - likely[top]) / 400).sqrt()


def test_top_p_keeps_to_the_likeliest(engine, reference):
    with torch.no_grad():
        probabilities = torch.softmax(reference(torch.tensor([PROMPTS[3]])).logits[0, -1], 0)
    ranked, order = probabilities.sort(descending=True)
    nucleus = set(order[: int((ranked.cumsum(0) < 0.05).sum()) + 1].tolist())

    async def go() -> set[int]:
        async with engine(max_queue=60) as one:
            wanted = [Sampling(1, top_p=0.05, seed=seed) for seed in range(60)]
            found = await asyncio.gather(*(all_tokens(one, PROMPTS[3], sampling) for sampling in wanted))
            return {tokens[0] for tokens, _ in found}

    assert asyncio.run(go()) <= nucleus


def test_the_end_of_text_ends_it(engine):
    async def go() -> None:
        async with engine() as one:
            tokens, _ = await all_tokens(one, PROMPTS[0], Sampling(20, temperature=0))
        async with engine(end_of_text={tokens[4]}) as one:
            cut, reason = await all_tokens(one, PROMPTS[0], Sampling(20, temperature=0))
            assert (cut, reason) == (tokens[: tokens.index(tokens[4]) + 1], "stop")

    asyncio.run(go())


def test_what_does_not_fit_is_refused_and_harms_nobody(engine):
    async def go() -> None:
        async with engine() as one:
            with pytest.raises(TooLongError, match=r"maximum context length is 128 tokens.*requested 129 tokens"):
                one.submit([1] * 100, Sampling(29))
            tokens, reason = await all_tokens(one, [1] * 100, Sampling(28, temperature=0))
            assert (len(tokens), reason) == (28, "length")
            assert one.in_flight == 0

    asyncio.run(go())


def test_the_queue_has_an_end(engine):
    async def go() -> None:
        async with engine(max_queue=2) as one:
            running = [one.submit([1, 2], Sampling(100, temperature=0)) for _ in range(2)]
            with pytest.raises(QueueFullError, match="2 requests are waiting or running, and 2 may"):
                one.submit([1, 2], Sampling(5))
            running[0].close()
            one.submit([1, 2], Sampling(5)).close()
            running[1].close()
            assert one.in_flight == 0

    asyncio.run(go())


def test_more_requests_than_the_batch_takes_wait_and_are_served(engine):
    async def go() -> None:
        async with engine(max_batch_requests=2, max_queue=12) as one:
            found = await asyncio.gather(*(all_tokens(one, [n + 3], Sampling(10, temperature=0)) for n in range(12)))
            assert all(len(tokens) == 10 for tokens, _ in found)

    asyncio.run(go())


def test_a_cache_that_is_too_small_for_all_serves_all(engine):
    """Room for one sequence of full length, eight that need it: requests are put back and taken up again."""

    async def go() -> None:
        async with engine(cache_tokens=128, max_queue=8) as one:
            alone, _ = await all_tokens(one, [7] * 30, Sampling(60, temperature=0))
            found = await asyncio.gather(*(all_tokens(one, [7] * 30, Sampling(60, temperature=0)) for _ in range(8)))
            assert [tokens for tokens, _ in found] == [alone] * 8

    asyncio.run(go())


def test_leaving_early_cancels_in_the_engine(engine):
    async def go() -> None:
        async with engine() as one:
            generation = one.submit([1, 2, 3], Sampling(120, temperature=0))
            async for _ in generation.steps():
                break
            assert one._active() == 1
            generation.close()
            generation.close()
            assert one.in_flight == 0
            await until(lambda: one._active() == 0)
            tokens, _ = await all_tokens(one, [1, 2, 3], Sampling(5, temperature=0))
            assert len(tokens) == 5

    asyncio.run(go())


def test_a_request_nobody_ever_read_gives_its_place_back(engine):
    async def go() -> None:
        async with engine(max_queue=1) as one:
            generation = one.submit([1, 2, 3], Sampling(120, temperature=0))
            assert one.in_flight == 1
            del generation
            await until(lambda: one.in_flight == 0)

    asyncio.run(go())


def test_a_dead_engine_says_so_to_all(engine):
    async def go() -> None:
        async with engine() as one:
            assert one.find_failure() is None
            waiting = asyncio.ensure_future(all_tokens(one, [1, 2], Sampling(126, temperature=0)))
            await until(lambda: one._active() == 1)
            # Past the engine's own check: a position that the model has not, which ends transformers' thread.
            one._manager.add_request([1] * 100, request_id="poison", max_new_tokens=100)
            with pytest.raises(EngineDeadError):
                await asyncio.wait_for(waiting, 30)
            await until(lambda: one.find_failure() is not None)
            assert "generation ended with" in (one.find_failure() or "")
            with pytest.raises(EngineDeadError, match="generation ended with"):
                one.submit([1, 2], Sampling(5))
            assert one.in_flight == 0

    asyncio.run(go())
