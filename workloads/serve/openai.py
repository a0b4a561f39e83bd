"""Part of OpenAI's protocol that the server speaks: requests as models, answers as plain dictionaries.

An option that the server does not have is refused by name, rather than ignored: an answer that silently lacks
log-probabilities is worse than an error. Shapes follow the API reference of platform.openai.com, chapters Completions
and Chat.
"""

import time
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

COMPLETION_MAX_TOKENS = 16
"""Default max_tokens of a completion request, as OpenAI documents."""

MAX_STOP_SEQUENCES = 4
"""Most stop sequences of a request, as OpenAI documents."""


class APIError(Exception):
    """Answer other than 200, in OpenAI's form."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
        self.headers = headers or {}


class StreamOptions(BaseModel):
    """Options of a streamed answer."""

    model_config = ConfigDict(extra="forbid")
    include_usage: bool = False


class GenerationRequest(BaseModel):
    """Fields that both kinds of request share."""

    model_config = ConfigDict(extra="forbid")

    model: str
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    # Accepted and without effect here: they concern the caller's own bookkeeping.
    user: str | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    # Known, and refused unless they ask for nothing.
    n: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[str, float] | None = None

    @field_validator("stop")
    @classmethod
    def _few_stops(cls, stop: str | list[str] | None) -> str | list[str] | None:
        if isinstance(stop, list) and len(stop) > MAX_STOP_SEQUENCES:
            raise ValueError(f"at most {MAX_STOP_SEQUENCES} stop sequences are allowed, got {len(stop)}")
        return stop

    @property
    def stop_sequences(self) -> list[str]:
        """Return the stop sequences as a list."""
        return [self.stop] if isinstance(self.stop, str) else list(self.stop or [])

    @property
    def wants_usage(self) -> bool:
        """Return true if a streamed answer ends with the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def refuse_unsupported(self) -> None:
        """Raise APIError for the first option that this server does not have."""
        for name, neutral in self._neutral().items():
            value = getattr(self, name)
            if value is not None and value != neutral:
                raise APIError(
                    400,
                    f"{name} is not supported by this server; leave it out",
                    param=name,
                    code="unsupported_parameter",
                )
        if self.stream_options is not None and not self.stream:
            raise APIError(400, "stream_options is only allowed when stream is true", param="stream_options")

    def _neutral(self) -> dict[str, Any]:
        return {"n": 1, "frequency_penalty": 0, "presence_penalty": 0, "logit_bias": {}}


class CompletionRequest(GenerationRequest):
    """POST /v1/completions."""

    prompt: str | list[str] | list[int] | list[list[int]]
    max_tokens: int | None = Field(default=None, ge=1)
    echo: bool | None = None
    logprobs: int | None = None
    best_of: int | None = None
    suffix: str | None = None

    def _neutral(self) -> dict[str, Any]:
        return super()._neutral() | {"echo": False, "logprobs": None, "best_of": 1, "suffix": ""}

    @property
    def prompts(self) -> list[str] | list[list[int]]:
        """Return the prompts, each a text or a list of token ids."""
        if isinstance(self.prompt, str):
            return [self.prompt]
        if self.prompt and isinstance(self.prompt[0], int):
            return [self.prompt]  # type: ignore[list-item]  # a list that begins with a number is one of numbers
        return self.prompt  # type: ignore[return-value]  # see above


class TextPart(BaseModel):
    """Text part of a message; other kinds are refused by their type."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["text"]
    text: str


class Message(BaseModel):
    """Message of a conversation."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]
    name: str | None = None

    def for_template(self) -> dict[str, str]:
        """Return role and text for a chat template, which knows the role developer by its older name, system."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class ChatRequest(GenerationRequest):
    """POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: list[Any] | None = None
    tool_choice: Any = None
    functions: list[Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    reasoning_effort: str | None = None

    def _neutral(self) -> dict[str, Any]:
        return super()._neutral() | {
            "logprobs": False,
            "top_logprobs": None,
            "tools": [],
            "tool_choice": "none",
            "functions": [],
            "parallel_tool_calls": True,
            "response_format": {"type": "text"},
            "modalities": ["text"],
            "reasoning_effort": None,
        }

    @property
    def token_limit(self) -> int | None:
        """Return the largest number of tokens; the newer name counts before the older."""
        return self.max_completion_tokens or self.max_tokens


class AnswerBuilder:
    """Builder of the parts of one answer, which all carry the same id and time."""

    def __init__(self, model: str, *, chat: bool) -> None:
        self.chat = chat
        self._head = {
            "id": f"{'chatcmpl' if chat else 'cmpl'}-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": model,
        }

    def complete(self, texts: list[tuple[str, str]], usage: dict[str, int]) -> dict[str, Any]:
        """Return the answer in one piece; `texts` are pairs of text and finish reason."""
        choices = [
            {"index": index, "logprobs": None, "finish_reason": reason}
            | ({"message": {"role": "assistant", "content": text, "refusal": None}} if self.chat else {"text": text})
            for index, (text, reason) in enumerate(texts)
        ]
        return self._object("chat.completion") | {"choices": choices, "usage": usage}

    def first_chunk(self) -> dict[str, Any] | None:
        """Return the first chunk of a streamed chat answer, which names the role."""
        return self._chunk({"delta": {"role": "assistant", "content": ""}}, None) if self.chat else None

    def text_chunk(self, text: str) -> dict[str, Any]:
        """Return a chunk of text."""
        return self._chunk({"delta": {"content": text}} if self.chat else {"text": text}, None)

    def last_chunk(self, reason: str) -> dict[str, Any]:
        """Return the last chunk with a choice, which has the finish reason."""
        return self._chunk({"delta": {}} if self.chat else {"text": ""}, reason)

    def usage_chunk(self, usage: dict[str, int]) -> dict[str, Any]:
        """Return the chunk with the usage, which follows the last if the client wants it."""
        return self._object("chat.completion.chunk") | {"choices": [], "usage": usage}

    def _chunk(self, content: dict[str, Any], reason: str | None) -> dict[str, Any]:
        choice = {"index": 0, **content, "logprobs": None, "finish_reason": reason}
        return self._object("chat.completion.chunk") | {"choices": [choice]}

    def _object(self, chat_object: str) -> dict[str, Any]:
        return {"object": chat_object if self.chat else "text_completion", **self._head}


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Return OpenAI's count of tokens."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def convert_validation_error(errors: list[Any]) -> APIError:
    """Convert the first error in a request's body to OpenAI's form."""
    first = errors[0]
    # A union of types complains once per member; the field is what the client knows.
    path = [str(part) for part in first["loc"] if part != "body"]
    param = path[0] if path else None
    if first["type"] == "extra_forbidden":
        return APIError(400, f"Unrecognized request argument supplied: {'.'.join(path)}", param=param)
    if first["type"] == "json_invalid":
        return APIError(400, "The body of the request is not valid JSON.")
    message = first["msg"].removeprefix("Value error, ")
    return APIError(400, f"Invalid value for {'.'.join(path) or 'the body'}: {message}", param=param)
