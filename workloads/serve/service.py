"""Service behind the routes: requests in OpenAI's form in, pieces of text out, no HTTP."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from modelyard.workloads.engines import engine as engines
from modelyard.workloads.failure import UserError
from modelyard.workloads.preprocess.pretrained import hide_progress_bars, open_source, read_first_line
from modelyard.workloads.serve.chat import ChatTemplate
from modelyard.workloads.serve.config import ServeConfig
from modelyard.workloads.serve.engine import Engine, EngineDeadError, Generation, Limits, QueueFullError, TooLongError
from modelyard.workloads.serve.metrics import Metrics
from modelyard.workloads.serve.openai import (
    COMPLETION_MAX_TOKENS,
    APIError,
    ChatRequest,
    CompletionRequest,
    GenerationRequest,
)
from modelyard.workloads.serve.sampling import Sampling
from modelyard.workloads.serve.text_stream import TextStream
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

log = logging.getLogger(__name__)

RETRY_SECONDS = 1
"""Seconds that a refused client should wait (Retry-After)."""

LONG_TEXT = 20_000
"""Characters from which a prompt is tokenised in a thread, so that other requests' tokens are not held up."""


@dataclass(frozen=True)
class Piece:
    """Piece of an answer's text; the last one has the finish reason and the number of tokens."""

    text: str
    finish_reason: str | None = None
    completion_tokens: int = 0


@dataclass(frozen=True)
class EncodedPrompt:
    """Accepted prompt, as the engine takes it."""

    tokens: list[int]
    sampling: Sampling
    stop: tuple[str, ...]


class Service:
    """Model with its tokenizer and its engine."""

    def __init__(self, config: ServeConfig, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
        self.config = config
        self.created = int(time.time())
        self._tokenizer = tokenizer
        preset = config.known_preset
        self._chat = ChatTemplate(tokenizer, preset.template if preset else None)
        self.engine = Engine(model, _derive_limits(config, model), _find_end_tokens(model, tokenizer))
        self.metrics = Metrics(lambda: self.engine.in_flight, lambda: self.engine.waiting)

    @classmethod
    def load(cls, config: ServeConfig) -> Self:
        """Load the model that `config` names.

        Raises:
            UserError: the model cannot be loaded, or the device is not there.
        """
        hide_progress_bars()
        device = _choose_device(config)
        preset = config.known_preset
        uri = (
            f"hf://{preset.huggingface_id}@{preset.revision}"
            if preset and config.model == preset.name
            else config.model
        )
        with open_source(uri, "model") as (source, revision):
            try:
                # Before the weights are fetched, which may take an hour.
                engines.require_loaded(AutoConfig.from_pretrained(source, revision=revision), "serve")
                tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
                model: Any = AutoModelForCausalLM.from_pretrained(
                    source, revision=revision, dtype=_choose_dtype(config, device), attn_implementation="sdpa"
                )
            except (OSError, ValueError, KeyError) as error:
                raise UserError(f"model {config.model} cannot be loaded: {read_first_line(error)}") from error
        return cls(config, model.to(device).eval(), tokenizer)

    async def completion_prompts(self, request: CompletionRequest) -> list[EncodedPrompt]:
        """Encode the prompts of a completion request.

        Raises:
            APIError: the request asks for what this server cannot give.
        """
        self._check_request(request)
        prompts = request.prompts
        if not prompts:
            raise APIError(400, "prompt must not be an empty list", param="prompt")
        if request.stream and len(prompts) > 1:
            raise APIError(400, "a streamed request may have one prompt", param="prompt", code="unsupported_parameter")
        limit = request.max_tokens or COMPLETION_MAX_TOKENS
        return [self._encode_request(await self._tokenize(prompt), limit, request) for prompt in prompts]

    async def chat_prompt(self, request: ChatRequest) -> EncodedPrompt:
        """Encode the prompt of a chat request.

        Raises:
            APIError: the request asks for what this server cannot give, or the template refuses the conversation.
        """
        self._check_request(request)
        try:
            text = self._chat.prompt([message.for_template() for message in request.messages])
        except Exception as error:
            raise APIError(400, f"the model's chat template refuses the messages: {error}", param="messages") from error
        tokens = await self._tokenize(text)
        # Without a limit, as much as is usual and as fits.
        room = max(1, self.engine.limits.context_tokens - len(tokens))
        limit = request.token_limit or min(self.config.max_tokens_default, room)
        return self._encode_request(tokens, limit, request, self._chat.stop)

    def submit(self, prompt: EncodedPrompt) -> Generation:
        """Put a prompt into the engine.

        Raises:
            APIError: the queue is full (429), or the engine is dead (503).
        """
        try:
            generation = self.engine.submit(prompt.tokens, prompt.sampling)
        except QueueFullError as error:
            raise APIError(
                429,
                f"The server is at its limit: {error}. Please try again later.",
                kind="rate_limit_error",
                code="rate_limit_exceeded",
                headers={"Retry-After": str(RETRY_SECONDS)},
            ) from error
        except EngineDeadError as error:
            raise build_unavailable_error(error) from error
        self.metrics.prompt_tokens.inc(len(prompt.tokens))
        return generation

    async def pieces(self, generation: Generation, prompt: EncodedPrompt) -> AsyncIterator[Piece]:
        """Iterate over the answer's text as it comes. Closing the iterator early cancels the request in the engine.

        Raises:
            APIError: the engine died meanwhile.
        """
        started = time.monotonic()
        text = TextStream(self._tokenizer, prompt.stop)
        count = 0
        try:
            async for step in generation.steps():
                if count == 0 and step.tokens:
                    self.metrics.first_token.observe(time.monotonic() - started)
                count += len(step.tokens)
                self.metrics.count_generated(len(step.tokens))
                if new := text.push(step.tokens):
                    yield Piece(new)
                if text.stopped:
                    yield Piece("", "stop", count)
                    return
                if step.finish_reason is not None:
                    rest = text.finish()
                    yield Piece(rest, "stop" if text.stopped else step.finish_reason, count)
                    return
        except EngineDeadError as error:
            raise build_unavailable_error(error) from error
        except (asyncio.CancelledError, GeneratorExit):
            self.metrics.cancelled.inc()
            raise
        finally:
            generation.close()

    def _check_request(self, request: GenerationRequest) -> None:
        if request.model != self.config.public_name:
            raise APIError(
                404,
                f"The model `{request.model}` does not exist; this server has `{self.config.public_name}`.",
                param="model",
                code="model_not_found",
            )
        request.refuse_unsupported()

    def _encode_request(
        self, tokens: list[int], limit: int, request: GenerationRequest, stop: Sequence[str] = ()
    ) -> EncodedPrompt:
        try:
            self.engine.check(len(tokens), limit)
        except TooLongError as error:
            param = "messages" if isinstance(request, ChatRequest) else "prompt"
            raise APIError(400, str(error), param=param, code="context_length_exceeded") from error
        sampling = Sampling(
            max_tokens=limit,
            temperature=1.0 if request.temperature is None else request.temperature,
            top_p=1.0 if request.top_p is None else request.top_p,
            seed=secrets.randbits(62) if request.seed is None else request.seed,
        )
        return EncodedPrompt(tokens, sampling, (*request.stop_sequences, *stop))

    async def _tokenize(self, prompt: str | list[int]) -> list[int]:
        if isinstance(prompt, list):
            vocabulary = len(self._tokenizer)
            if any(not 0 <= token < vocabulary for token in prompt):
                raise APIError(400, f"token ids must be from 0 to {vocabulary - 1}", param="prompt")
            tokens = prompt
        elif len(prompt) > LONG_TEXT:
            tokens = await asyncio.to_thread(self._encode, prompt)
        else:
            tokens = self._encode(prompt)
        if tokens:
            return tokens
        # An empty prompt begins a document, for which models know the token that begins or ends one.
        start: Any = self._tokenizer.bos_token_id
        if start is None:
            start = self._tokenizer.eos_token_id
        if start is None:
            raise APIError(400, "this model needs a prompt that is not empty", param="prompt")
        return [start]

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False, verbose=False)


def build_unavailable_error(dead: EngineDeadError) -> APIError:
    """Return the answer to requests once the engine has ended."""
    log.error("the engine is dead: %s", dead)
    return APIError(503, "The server's generation engine has ended; it is being replaced.", kind="server_error")


def _derive_limits(config: ServeConfig, model: PreTrainedModel) -> Limits:
    built_for = getattr(model.config, "max_position_embeddings", None) or config.max_context_tokens
    if built_for is None:
        raise UserError(f"model {config.model} does not say how many positions it has; give max_context_tokens")
    return Limits(
        context_tokens=min(built_for, config.max_context_tokens or built_for),
        max_queue=config.max_queue,
        max_batch_tokens=config.max_batch_tokens,
        max_batch_requests=config.max_batch_requests,
        cache_tokens=config.cache_tokens,
    )


def _find_end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> set[int]:
    configured: Any = getattr(model.generation_config, "eos_token_id", None)
    own: Any = tokenizer.eos_token_id
    ends = {*(configured if isinstance(configured, list) else [configured]), own}
    return {token for token in ends if token is not None}


def _choose_device(config: ServeConfig) -> torch.device:
    if config.device == "cuda" and not torch.cuda.is_available():
        raise UserError("device is cuda, but this replica sees no CUDA device; allowed here are auto and cpu")
    wants_gpu = config.device == "cuda" or (config.device == "auto" and torch.cuda.is_available())
    return torch.device("cuda" if wants_gpu else "cpu")


def _choose_dtype(config: ServeConfig, device: torch.device) -> torch.dtype:
    if config.precision != "auto":
        return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[config.precision]
    if device.type == "cpu":
        return torch.float32
    # bf16 is native from compute capability 8.0 (Ampere) on.
    return torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float16
