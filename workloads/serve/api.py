"""HTTP routes, as a FastAPI application over a `Service`. Ray is not needed here.

| route                     | is                                                              |
|---------------------------|-----------------------------------------------------------------|
| GET  /v1/models           | the one model                                                   |
| POST /v1/completions      | OpenAI's, in one piece or streamed                              |
| POST /v1/chat/completions | OpenAI's, in one piece or streamed                              |
| GET  /health              | 200 while the engine generates, else 503; no key needed         |
| GET  /metrics             | Prometheus' text format; no key needed                          |
"""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from modelyard.workloads.serve.engine import Generation
from modelyard.workloads.serve.metrics import CONTENT_TYPE
from modelyard.workloads.serve.openai import (
    AnswerBuilder,
    APIError,
    ChatRequest,
    CompletionRequest,
    GenerationRequest,
    convert_validation_error,
    usage,
)
from modelyard.workloads.serve.service import EncodedPrompt, Piece, Service
from starlette.exceptions import HTTPException

MAX_BODY_BYTES = 16 * 2**20
"""Largest body that is read into memory; no context of any model takes so much text."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def create_api(service: Service, api_key: str | None) -> FastAPI:
    """Create the application; with `api_key`, the routes under /v1 demand it as a bearer token."""
    api = FastAPI(title="modelyard", docs_url=None, redoc_url=None, openapi_url=None)
    api.include_router(_open_routes(service))
    api.include_router(_v1_routes(service), dependencies=[Depends(_key_check(api_key))])
    api.add_exception_handler(APIError, _handle_api_error)
    api.add_exception_handler(RequestValidationError, _handle_validation_error)
    api.add_exception_handler(HTTPException, _handle_http_error)
    api.add_middleware(_Measurement, service=service)  # type: ignore[arg-type]  # starlette types scopes more loosely
    return api


def _open_routes(service: Service) -> APIRouter:
    routes = APIRouter()

    @routes.get("/health")
    async def health() -> JSONResponse:
        failure = service.engine.find_failure()
        if failure is not None:
            return JSONResponse({"status": "unavailable", "reason": failure}, status_code=503)
        return JSONResponse({"status": "ok"})

    @routes.get("/metrics")
    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(service.metrics.text(), media_type=CONTENT_TYPE)

    return routes


def _v1_routes(service: Service) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    name = service.config.public_name
    model = {"id": name, "object": "model", "created": service.created, "owned_by": "modelyard"}
    model |= {"max_model_len": service.engine.limits.context_tokens}  # vLLM's extension, which clients look for

    @routes.get("/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [model]}

    @routes.get("/models/{model_id:path}")
    async def get_model(model_id: str) -> dict[str, Any]:
        if model_id != name:
            raise APIError(404, f"The model `{model_id}` does not exist.", param="model", code="model_not_found")
        return model

    @routes.post("/completions")
    async def completions(body: CompletionRequest, request: Request) -> Any:
        prompts = await service.completion_prompts(body)
        return await _answer(service, request, body, prompts, AnswerBuilder(name, chat=False))

    @routes.post("/chat/completions")
    async def chat_completions(body: ChatRequest, request: Request) -> Any:
        prompt = await service.chat_prompt(body)
        return await _answer(service, request, body, [prompt], AnswerBuilder(name, chat=True))

    return routes


async def _answer(
    service: Service, request: Request, body: GenerationRequest, prompts: list[EncodedPrompt], answer: AnswerBuilder
) -> Any:
    generations: list[Generation] = []
    try:
        generations.extend(service.submit(prompt) for prompt in prompts)
    except APIError:
        for generation in generations:
            generation.close()
        raise
    if body.stream:
        events = _stream_answer(service, generations[0], prompts[0], answer, wants_usage=body.wants_usage)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
    return await _collect_answer(service, request, generations, prompts, answer)


async def _collect_answer(
    service: Service,
    request: Request,
    generations: list[Generation],
    prompts: list[EncodedPrompt],
    answer: AnswerBuilder,
) -> dict[str, Any]:
    """Collect the answer in one piece. When the client leaves, the requests are cancelled in the engine."""
    texts_task = asyncio.gather(
        *(
            _collect_text(service.pieces(generation, prompt))
            for generation, prompt in zip(generations, prompts, strict=True)
        )
    )
    disconnect = asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait({texts_task, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        if not texts_task.done():
            # Nobody reads this answer; 499 is what nginx logs for it.
            raise APIError(499, "The client has left.", kind="client_closed_request")
        texts = texts_task.result()
    finally:
        for task in (texts_task, disconnect):
            task.cancel()
        await asyncio.gather(texts_task, disconnect, return_exceptions=True)
    tokens = sum(tokens for _, _, tokens in texts)
    return answer.complete(
        [(text, reason) for text, reason, _ in texts], usage(sum(len(prompt.tokens) for prompt in prompts), tokens)
    )


async def _collect_text(pieces: AsyncIterator[Piece]) -> tuple[str, str, int]:
    texts: list[str] = []
    last = Piece("")
    async for last in pieces:
        texts.append(last.text)
    return "".join(texts), last.finish_reason or "stop", last.completion_tokens


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _stream_answer(
    service: Service, generation: Generation, prompt: EncodedPrompt, answer: AnswerBuilder, *, wants_usage: bool
) -> AsyncIterator[bytes]:
    """Stream the answer as server-sent events. When the client leaves, the request is cancelled."""
    # With usage asked for, every chunk has the field, and all but the last leave it empty.
    extra: dict[str, Any] = {"usage": None} if wants_usage else {}
    pieces = service.pieces(generation, prompt)
    try:
        if (opening := answer.first_chunk()) is not None:
            yield _format_event(opening | extra)
        async for piece in pieces:
            if piece.text:
                yield _format_event(answer.text_chunk(piece.text) | extra)
            if piece.finish_reason is not None:
                yield _format_event(answer.last_chunk(piece.finish_reason) | extra)
                if wants_usage:
                    yield _format_event(answer.usage_chunk(usage(len(prompt.tokens), piece.completion_tokens)))
        yield b"data: [DONE]\n\n"
    except APIError as error:  # the status is already sent; the error is all that is left to say
        yield _format_event(error.body)
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is used as
        generation.close()


def _format_event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _key_check(api_key: str | None) -> Callable[[Request], Awaitable[None]]:
    expected = f"Bearer {api_key}".encode() if api_key else None

    async def check(request: Request) -> None:
        header = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        if expected is not None and not hmac.compare_digest(header, expected):
            message = "Incorrect API key provided." if header else "You didn't provide an API key."
            raise APIError(
                401,
                f"{message} It goes into the header `Authorization: Bearer <key>`.",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return check


async def _handle_api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, APIError)  # noqa: S101 - registered for this class alone
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)


async def _handle_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    return await _handle_api_error(request, convert_validation_error(list(error.errors())))


async def _handle_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answer unknown routes and methods in OpenAI's form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    message = f"{error.detail}: {request.method} {request.url.path}"
    return await _handle_api_error(request, APIError(error.status_code, message, headers=dict(error.headers or {})))


class _Measurement:
    """Middleware that counts answers by route and status, and refuses bodies that are too large.

    Plain ASGI: starlette's own middleware class hides from a route that its client has left.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], service: Service) -> None:
        self._app = app
        self._metrics = service.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = 499  # unless an answer begins, the client has left before

        async def sending(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if _count_body_bytes(scope) > MAX_BODY_BYTES:
                error = APIError(413, f"The body of a request may have at most {MAX_BODY_BYTES} bytes.")
                await JSONResponse(error.body, status_code=413)(scope, receive, sending)  # type: ignore[arg-type]
            else:
                await self._app(scope, receive, sending)
        finally:
            # The route's pattern, not the path: anyone can make up paths, and each would be a new series.
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.requests.labels(route, str(status)).inc()
            if route.startswith("/v1"):
                self._metrics.duration.labels(route).observe(time.monotonic() - started)


def _count_body_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
