"""Generation engine: transformers' continuous batching behind an asyncio interface. Ray is not needed here.

Requests of any length are computed together, token by token, in one background thread. The engine guards that thread:
a prompt that does not fit is refused before it gets there (an index beyond the model's positions would end the thread
and every request in it), the number of requests is limited, and a dead thread is noticed.
"""

import asyncio
import importlib.util
import itertools
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from modelyard.workloads.serve.sampling import Sampling, build_processors
from transformers import ContinuousBatchingConfig, GenerationConfig, PreTrainedModel

log = logging.getLogger(__name__)

FinishReason = Literal["stop", "length"]

PAGE_TOKENS = 32
"""Tokens per page of the key and value cache on a CPU; transformers' default of 256 wastes memory on short requests."""

CPU_CACHE_SEQUENCES = 8
"""Sequences of full length whose keys and values a CPU server keeps room for, by default."""

WATCH_SECONDS = 1.0
"""Seconds between checks of a waiting request that the thread still lives."""


class QueueFullError(Exception):
    """Refusal of a request because the queue is full; the caller should try again later."""


class TooLongError(ValueError):
    """Refusal of a request whose prompt and continuation together exceed the context."""


class EngineDeadError(RuntimeError):
    """End of the background thread; the process must be replaced."""


@dataclass(frozen=True)
class Limits:
    """Limits of the engine, in tokens and requests."""

    context_tokens: int
    max_queue: int
    max_batch_tokens: int
    max_batch_requests: int
    cache_tokens: int | None = None


@dataclass(frozen=True)
class Step:
    """Tokens generated since the last step; the last step has a finish reason."""

    tokens: list[int]
    finish_reason: FinishReason | None = None


class Engine:
    """Model that generates for many requests at once. `start` and `submit` must run in one event loop."""

    def __init__(self, model: PreTrainedModel, limits: Limits, end_of_text: set[int]) -> None:
        self.limits = limits
        self.end_of_text = end_of_text
        self.in_flight = 0
        self._numbers = itertools.count()
        generator: Any = model  # GenerationMixin, which PreTrainedModel does not declare
        self._manager = generator.init_continuous_batching(
            generation_config=GenerationConfig(
                do_sample=False,
                max_new_tokens=limits.context_tokens,
                eos_token_id=sorted(end_of_text) or -1,
                pad_token_id=next(iter(end_of_text), 0),
                use_cache=True,
            ),
            continuous_batching_config=_configure_batching(model.device, limits),
        )
        self._manager.logit_processor = build_processors()

    def start(self) -> None:
        """Start the background thread."""
        self._manager.start()

    def stop(self) -> None:
        """End the background thread; requests in it fail."""
        if self._manager.is_running():
            self._manager.stop(block=True, timeout=5, hard_stop=True)

    def find_failure(self) -> str | None:
        """Return the reason why the engine cannot serve; None while it can."""
        fatal = self._manager.background_thread_status.fatal_error
        if fatal is not None:
            return f"generation ended with {type(fatal).__name__}: {fatal}"
        return None if self._manager.is_running() else "generation is not running"

    @property
    def waiting(self) -> int:
        """Return the number of requests that have not begun to generate."""
        return max(0, self.in_flight - self._active())

    def check(self, prompt_tokens: int, max_tokens: int) -> None:
        """Refuse a request that does not fit into the context.

        Raises:
            TooLongError: it does not fit into the context.
        """
        if prompt_tokens + max_tokens > self.limits.context_tokens:
            raise TooLongError(
                f"This model's maximum context length is {self.limits.context_tokens} tokens. However, you requested "
                f"{prompt_tokens + max_tokens} tokens ({prompt_tokens} in the prompt, {max_tokens} in the completion)."
            )

    def submit(self, prompt: list[int], sampling: Sampling) -> "Generation":
        """Add a request to the batch; its tokens come from the result.

        Raises:
            TooLongError: it does not fit into the context.
            QueueFullError: there is no room.
            EngineDeadError: the background thread has ended.
        """
        self.check(len(prompt), sampling.max_tokens)
        if self.in_flight >= self.limits.max_queue:
            raise QueueFullError(f"{self.in_flight} requests are waiting or running, and {self.limits.max_queue} may")
        if (failure := self.find_failure()) is not None:
            raise EngineDeadError(failure)
        return Generation(self, f"r{next(self._numbers)}", prompt, sampling)

    def _active(self) -> int:
        processor = self._manager.batch_processor
        return len(processor.scheduler.active_requests) if processor is not None else 0


class Generation:
    """Request in the engine: iterate over its steps, then close it (leaving early cancels it)."""

    def __init__(self, engine: Engine, request_id: str, prompt: list[int], sampling: Sampling) -> None:
        self._engine = engine
        self._manager = engine._manager
        self._id = request_id
        self._outputs: asyncio.Queue[Any] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._finished = False
        engine.in_flight += 1
        self._manager.register_result_handler(request_id, self._outputs.put_nowait)
        accepted = self._manager.add_request(
            prompt, request_id=request_id, max_new_tokens=sampling.max_tokens, streaming=True, **sampling.arguments()
        )
        if accepted is None:
            self.close()
            raise EngineDeadError(engine.find_failure() or "generation is stopping")

    async def steps(self) -> AsyncIterator[Step]:
        """Iterate over the tokens as they come.

        Raises:
            EngineDeadError: the request was lost with the engine.
        """
        seen = 0
        while not self._finished:
            output = await self._next_output()
            tokens = output.generated_tokens[seen:]
            seen += len(tokens)
            if not output.is_finished():
                yield Step(tokens)
                continue
            self._finished = True
            if output.error is not None:
                raise EngineDeadError(output.error)
            ended = bool(output.generated_tokens) and output.generated_tokens[-1] in self._engine.end_of_text
            yield Step(tokens, "stop" if ended else "length")

    def close(self) -> None:
        """Free the request's place in the queue, and cancel it if it is not finished. May be called again."""
        if not self._open:
            return
        self._open = False
        self._engine.in_flight -= 1
        if not self._finished:
            self._manager.cancel_request(self._id)
            with self._manager.output_router._lock:
                self._manager.output_router.result_handlers.pop(self._id, None)

    def __del__(self) -> None:
        """Close a request that was never iterated over, since its client left before the first token."""
        if getattr(self, "_open", False) and not self._loop.is_closed():
            self.close()

    async def _next_output(self) -> Any:
        while True:
            try:
                return await asyncio.wait_for(self._outputs.get(), WATCH_SECONDS)
            except TimeoutError:
                if (failure := self._engine.find_failure()) is not None and self._outputs.empty():
                    self._finished = True
                    raise EngineDeadError(failure) from None


def _configure_batching(device: torch.device, limits: Limits) -> ContinuousBatchingConfig:
    settings: dict[str, Any] = {
        "max_batch_tokens": limits.max_batch_tokens,
        "max_requests_per_batch": limits.max_batch_requests,
        # What transformers takes when it knows of logits processors; ours are put in after it has looked.
        "max_memory_percent": 0.8,
    }
    batching_fields = ContinuousBatchingConfig.__dataclass_fields__
    if "auto_switch_to_flash" in batching_fields:  # transformers 5.17 has it not
        # On by default, and then attention kernels are looked for on the hub when none is installed.
        settings["auto_switch_to_flash"] = device.type == "cuda" and importlib.util.find_spec("flash_attn") is not None
    page_field = "page_size" if "page_size" in batching_fields else "block_size"  # its name in transformers 5.17
    if device.type == "cpu":
        room = limits.cache_tokens or min(limits.max_batch_requests, CPU_CACHE_SEQUENCES) * limits.context_tokens
        room = max(room, limits.context_tokens)  # less could not finish one long request
        settings |= {page_field: PAGE_TOKENS, "num_blocks": -(-room // PAGE_TOKENS) + 1}
    elif limits.cache_tokens is not None:
        room = max(limits.cache_tokens, limits.context_tokens)
        settings |= {"num_blocks": -(-room // batching_fields[page_field].default) + 1}
    return ContinuousBatchingConfig(**settings)
