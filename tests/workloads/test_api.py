"""The routes, in this process: OpenAI's shapes, refusals, limits, metrics. Ray is tested elsewhere."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("httpx")
import httpx

pytest.importorskip("fastapi")
pytest.importorskip("prometheus_client")

from modelyard.workloads.serve.api import MAX_BODY_BYTES, create_api
from modelyard.workloads.serve.config import ServeConfig
from modelyard.workloads.serve.service import Service

pytestmark = pytest.mark.workloads

KEY = "a-made-up-key"


class Client(httpx.AsyncClient):
    """Talks to the application of a running service."""

    service: Service

    async def complete(self, **fields: Any) -> httpx.Response:
        return await self.post("/v1/completions", json={"model": "small", "prompt": "The", "max_tokens": 8} | fields)

    async def chat(self, **fields: Any) -> httpx.Response:
        messages = [{"role": "user", "content": "What is a statement?"}]
        return await self.post("/v1/chat/completions", json={"model": "small", "messages": messages} | fields)


@pytest.fixture
def client(model_folder: Path) -> Callable[..., AbstractAsyncContextManager[Client]]:
    @asynccontextmanager
    async def running(**settings: Any) -> AsyncIterator[Client]:
        config = ServeConfig.model_validate({"model": str(model_folder), "served_model_name": "small"} | settings)
        service = Service.load(config)
        service.engine.start()
        transport = httpx.ASGITransport(create_api(service, KEY))
        try:
            async with Client(
                transport=transport, base_url="http://test", headers={"Authorization": f"Bearer {KEY}"}
            ) as one:
                one.service = service
                yield one
        finally:
            service.engine.stop()

    return running


def events(response: httpx.Response) -> list[Any]:
    """The data of a stream of server-sent events."""
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = response.text.split("\n\n")
    assert blocks[-1] == ""
    data = [block.removeprefix("data: ") for block in blocks[:-1]]
    return [part if part == "[DONE]" else json.loads(part) for part in data]


def test_models(client):
    async def go() -> None:
        async with client() as one:
            answer = (await one.get("/v1/models")).json()
            (model,) = answer["data"]
            assert answer["object"] == "list"
            assert (model["id"], model["object"], model["max_model_len"]) == ("small", "model", 128)
            assert (await one.get("/v1/models/small")).json() == model
            assert (await one.get("/v1/models/large")).status_code == 404

    asyncio.run(go())


def test_a_completion_in_one_piece(client, model_folder: Path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model: Any = AutoModelForCausalLM.from_pretrained(model_folder).eval()
    ids = tokenizer("The assert statement", return_tensors="pt")
    answer_tokens = model.generate(**ids, max_new_tokens=12, do_sample=False)[0, ids["input_ids"].shape[1] :]

    async def go() -> None:
        async with client() as one:
            answer = (await one.complete(prompt="The assert statement", max_tokens=12, temperature=0)).json()
            assert answer["object"] == "text_completion"
            assert answer["id"].startswith("cmpl-")
            assert answer["model"] == "small"
            assert answer["choices"] == [
                {"index": 0, "logprobs": None, "finish_reason": "length", "text": tokenizer.decode(answer_tokens)}
            ]
            prompt = ids["input_ids"].shape[1]
            assert answer["usage"] == {
                "prompt_tokens": prompt,
                "completion_tokens": 12,
                "total_tokens": prompt + 12,
            }
            # Token ids are a prompt too, and an unset limit is 16.
            by_ids = (await one.complete(prompt=ids["input_ids"][0].tolist(), max_tokens=None, temperature=0)).json()
            assert by_ids["usage"]["completion_tokens"] == 16
            assert by_ids["choices"][0]["text"].startswith(answer["choices"][0]["text"])

    asyncio.run(go())


def test_several_prompts_give_several_choices_in_order(client):
    async def go() -> None:
        async with client() as one:
            both = (await one.complete(prompt=["The", "In"], temperature=0)).json()
            alone = [(await one.complete(prompt=prompt, temperature=0)).json() for prompt in ("The", "In")]
            assert [choice["index"] for choice in both["choices"]] == [0, 1]
            assert [choice["text"] for choice in both["choices"]] == [one["choices"][0]["text"] for one in alone]
            assert both["usage"]["completion_tokens"] == 16

    asyncio.run(go())


@pytest.mark.parametrize("wants_usage", [False, True])
def test_a_streamed_completion_is_the_same_text(client, wants_usage):
    async def go() -> None:
        async with client() as one:
            whole = (await one.complete(temperature=0.7, seed=5)).json()
            options = {"stream_options": {"include_usage": True}} if wants_usage else {}
            *chunks, done = events(await one.complete(temperature=0.7, seed=5, stream=True, **options))
            assert done == "[DONE]"
            assert len({chunk["id"] for chunk in chunks}) == 1
            assert all(chunk["object"] == "text_completion" for chunk in chunks)
            if wants_usage:
                last = chunks.pop()
                assert (last["choices"], last["usage"]) == ([], whole["usage"])
                assert all(chunk["usage"] is None for chunk in chunks)
            else:
                assert all("usage" not in chunk for chunk in chunks)
            reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
            assert reasons == [None] * (len(chunks) - 1) + ["length"]
            text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
            assert text == whole["choices"][0]["text"]

    asyncio.run(go())


def test_a_chat_whole_and_streamed(client):
    async def go() -> None:
        async with client() as one:
            whole = (await one.chat(max_tokens=10, seed=1)).json()
            assert whole["object"] == "chat.completion"
            assert whole["id"].startswith("chatcmpl-")
            (choice,) = whole["choices"]
            assert choice["message"]["role"] == "assistant"
            assert choice["finish_reason"] in {"length", "stop"}
            *chunks, done = events(await one.chat(max_completion_tokens=10, seed=1, stream=True))
            assert done == "[DONE]"
            assert all(chunk["object"] == "chat.completion.chunk" for chunk in chunks)
            deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
            assert deltas[0] == {"role": "assistant", "content": ""}
            assert deltas[-1] == {}
            assert "".join(delta.get("content", "") for delta in deltas) == choice["message"]["content"]
            # Without a limit, as much as fits after the prompt.
            free = (await one.chat(temperature=0)).json()["usage"]
            assert free["total_tokens"] <= 128

    asyncio.run(go())


def test_parts_of_messages_and_the_developer_role(client):
    async def go() -> None:
        async with client() as one:
            plain = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there"}]
            parts = [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Hello "}, {"type": "text", "text": "there"}]},
            ]
            answers = [(await one.chat(messages=messages, max_tokens=5, seed=2)).json() for messages in (plain, parts)]
            assert answers[0]["choices"] == answers[1]["choices"]
            image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]
            assert (await one.chat(messages=image)).status_code == 400

    asyncio.run(go())


def test_the_default_chat_template_is_a_transcript(model_folder: Path):
    from modelyard.workloads.serve.chat import DEFAULT_STOP, ChatTemplate
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    default = ChatTemplate(tokenizer, None)
    assert default.prompt(messages) == "system: Be brief.\nuser: Hello\nassistant:"
    assert default.stop == DEFAULT_STOP
    own = ChatTemplate(tokenizer, "{% for m in messages %}<{{ m.content }}>{% endfor %}")
    assert own.prompt(messages) == "<Be brief.><Hello>"
    assert own.stop == ()


def test_a_stop_sequence_ends_the_text_and_the_generation(client):
    async def go() -> None:
        async with client() as one:
            whole = (await one.complete(max_tokens=60, temperature=0)).json()["choices"][0]["text"]
            stop = whole[10:13]
            cut = (await one.complete(max_tokens=60, temperature=0, stop=[stop, "never"])).json()
            assert cut["choices"][0]["text"] == whole[: whole.index(stop)]
            assert cut["choices"][0]["finish_reason"] == "stop"
            assert cut["usage"]["completion_tokens"] < 60
            assert one.service.engine.in_flight == 0
            *chunks, _ = events(await one.complete(max_tokens=60, temperature=0, stop=stop, stream=True))
            text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
            assert text == whole[: whole.index(stop)]
            assert chunks[-1]["choices"][0]["finish_reason"] == "stop"

    asyncio.run(go())


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"logprobs": 1}, "logprobs", "logprobs is not supported by this server"),
        ({"echo": True}, "echo", "echo is not supported"),
        ({"n": 2}, "n", "n is not supported"),
        ({"best_of": 3}, "best_of", "best_of is not supported"),
        ({"suffix": "end"}, "suffix", "suffix is not supported"),
        ({"presence_penalty": 0.5}, "presence_penalty", "presence_penalty is not supported"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "logit_bias is not supported"),
        ({"temperature": 3}, "temperature", "less than or equal to 2"),
        ({"temperature": "hot"}, "temperature", "valid number"),
        ({"top_p": 0}, "top_p", "greater than 0"),
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "at most 4 stop sequences"),
        ({"colour": "blue"}, "colour", "Unrecognized request argument supplied: colour"),
        ({"prompt": []}, "prompt", "must not be an empty list"),
        ({"prompt": [99999]}, "prompt", "token ids must be from 0 to 511"),
        ({"prompt": None}, "prompt", "Invalid value for prompt"),
        ({"prompt": ["a", "b"], "stream": True}, "prompt", "a streamed request may have one prompt"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "only allowed when stream is true"),
        ({"max_tokens": 1000}, "prompt", "maximum context length is 128 tokens"),
        ({"prompt": "word " * 500}, "prompt", "maximum context length is 128 tokens"),
    ],
)
def test_what_a_completion_cannot_have_is_refused_in_openais_form(client, fields: dict, param: str, message: str):
    async def go() -> None:
        async with client() as one:
            response = await one.complete(**fields)
            assert response.status_code == 400, response.text
            error = response.json()["error"]
            assert error["type"] == "invalid_request_error"
            assert error["param"] == param
            assert message in error["message"]
            assert one.service.engine.in_flight == 0

    asyncio.run(go())


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"max_tokens": 128}, "messages"),
    ],
)
def test_what_a_chat_cannot_have(client, fields: dict, param: str):
    async def go() -> None:
        async with client() as one:
            response = await one.chat(**fields)
            assert response.status_code == 400
            assert response.json()["error"]["param"] == param

    asyncio.run(go())


def test_neutral_options_are_fine(client):
    async def go() -> None:
        async with client() as one:
            neutral = {"n": 1, "best_of": 1, "echo": False, "presence_penalty": 0, "user": "me", "suffix": ""}
            assert (await one.complete(**neutral)).status_code == 200
            assert (await one.chat(max_tokens=3, response_format={"type": "text"}, tools=[])).status_code == 200

    asyncio.run(go())


def test_an_unknown_model_route_method_and_body(client):
    async def go() -> None:
        async with client() as one:
            wrong = await one.complete(model="large")
            assert wrong.status_code == 404
            assert wrong.json()["error"]["code"] == "model_not_found"
            assert (await one.get("/v1/nothing")).json()["error"]["message"] == "Not Found: GET /v1/nothing"
            assert (await one.get("/v1/completions")).status_code == 405
            broken = await one.post("/v1/completions", content=b"{", headers={"content-type": "application/json"})
            assert broken.status_code == 400
            assert "not valid JSON" in broken.json()["error"]["message"]
            huge = await one.post("/v1/completions", content=b"x" * (MAX_BODY_BYTES + 1))
            assert huge.status_code == 413

    asyncio.run(go())


@pytest.mark.parametrize("header", [None, "", "Bearer wrong", KEY, f"Basic {KEY}", "Bearer \xe9"])
def test_without_the_key_only_health_and_metrics_answer(client, header: str | None):
    async def go() -> None:
        async with client() as one:
            one.headers.pop("Authorization")
            headers = {} if header is None else {"Authorization": header.encode("latin-1")}
            for method, path in (("GET", "/v1/models"), ("POST", "/v1/completions"), ("POST", "/v1/chat/completions")):
                response = await one.request(method, path, headers=headers)
                assert response.status_code == 401
                assert response.json()["error"]["code"] == "invalid_api_key"
                assert response.headers["www-authenticate"] == "Bearer"
                assert KEY not in response.text
            assert (await one.get("/health", headers=headers)).json() == {"status": "ok"}
            assert (await one.get("/metrics", headers=headers)).status_code == 200

    asyncio.run(go())


def test_a_full_queue_is_429_and_a_moment_later_it_is_not(client):
    async def go() -> None:
        async with client(max_queue=2) as one:
            running = [asyncio.ensure_future(one.complete(max_tokens=100)) for _ in range(2)]
            while one.service.engine.in_flight < 2:
                await asyncio.sleep(0.005)
            refused = await one.complete()
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "1"
            error = refused.json()["error"]
            assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
            # Of several prompts, none is begun when not all have room.
            assert (await one.complete(prompt=["a", "b", "c"])).status_code == 429
            assert one.service.engine.in_flight == 2
            assert (await one.get("/health")).status_code == 200
            assert [response.status_code for response in await asyncio.gather(*running)] == [200, 200]
            assert (await one.complete()).status_code == 200

    asyncio.run(go())


async def ask_and_leave(one: Client, body: dict[str, Any], after: int) -> None:
    """Speaks ASGI by hand: httpx's transport cannot leave. Leaves after so many messages of the answer's body."""
    content = json.dumps(body).encode()
    sent, left = 0, asyncio.Event()
    inbox = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if inbox:
            return inbox.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += message["type"] == "http.response.body"
        if sent >= after:
            left.set()

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {KEY}".encode())]
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
        "path": "/v1/completions", "raw_path": b"/v1/completions", "query_string": b"", "headers": headers,
        "scheme": "http", "server": ("test", 80), "client": ("test", 1), "root_path": "",
    }  # fmt: skip
    if after == 0:
        asyncio.get_running_loop().call_later(0.3, left.set)
    transport: Any = one._transport
    await transport.app(scope, receive, send)


@pytest.mark.parametrize(("stream", "after"), [(True, 2), (False, 0)])
def test_a_client_that_leaves_cancels_its_request(client, stream, after):
    async def go() -> None:
        async with client() as one:
            engine = one.service.engine
            body = {"model": "small", "prompt": "The", "max_tokens": 120, "temperature": 0, "stream": stream}

            # A large model's speed, so that the client leaves in the middle.
            step = engine._manager._generation_step

            def slowly() -> None:
                time.sleep(0.02)
                step()

            engine._manager._generation_step = slowly
            await asyncio.wait_for(ask_and_leave(one, body, after), 10)
            assert engine.in_flight == 0
            for _ in range(200):
                if engine._active() == 0:
                    break
                await asyncio.sleep(0.01)
            assert engine._active() == 0
            text = (await one.get("/metrics")).text
            assert "modelyard_requests_cancelled_total 1.0" in text
            generated = float(text.split("\nmodelyard_generated_tokens_total ")[1].split()[0])
            assert generated < 120

    asyncio.run(go())


def test_metrics_count_what_happened(client):
    async def go() -> None:
        async with client() as one:
            usage = (await one.complete(max_tokens=7)).json()["usage"]
            more = (await one.chat(max_tokens=5)).json()["usage"]
            await one.complete(logprobs=3)
            await one.get("/v1/made-up-path")
            figures = {}
            for line in (await one.get("/metrics")).text.splitlines():
                if not line.startswith("#"):
                    name, _, value = line.rpartition(" ")
                    figures[name] = float(value)
            assert figures['modelyard_requests_total{route="/v1/completions",status="200"}'] == 1
            assert figures['modelyard_requests_total{route="/v1/completions",status="400"}'] == 1
            assert figures['modelyard_requests_total{route="/v1/chat/completions",status="200"}'] == 1
            assert figures['modelyard_requests_total{route="unknown",status="404"}'] == 1
            assert figures["modelyard_prompt_tokens_total"] == usage["prompt_tokens"] + more["prompt_tokens"]
            answer_tokens = usage["completion_tokens"] + more["completion_tokens"]
            assert figures["modelyard_generated_tokens_total"] == answer_tokens
            assert figures["modelyard_time_to_first_token_seconds_count"] == 2
            assert 0 < figures["modelyard_time_to_first_token_seconds_sum"] < 20
            assert figures["modelyard_generation_tokens_per_second"] == pytest.approx(answer_tokens / 10)
            assert figures["modelyard_requests_in_flight"] == 0
            assert figures["modelyard_queue_depth"] == 0

    asyncio.run(go())


def test_a_dead_engine_is_seen_by_health_and_by_requests(client):
    async def go() -> None:
        async with client() as one:
            stream = asyncio.ensure_future(one.complete(max_tokens=125, temperature=0, stream=True))
            while one.service.engine._active() == 0:
                await asyncio.sleep(0.005)
            one.service.engine._manager.add_request([1] * 100, request_id="poison", max_new_tokens=100)
            *_, last = events(await asyncio.wait_for(stream, 30))
            assert last["error"]["type"] == "server_error"
            while one.service.engine.find_failure() is None:
                await asyncio.sleep(0.01)
            health = await one.get("/health")
            assert health.status_code == 503
            assert "generation ended with" in health.json()["reason"]
            assert (await one.complete()).status_code == 503

    asyncio.run(go())


def test_a_model_that_is_not_there_is_a_user_error(tmp_path: Path):
    from modelyard.workloads.failure import UserError

    with pytest.raises(UserError, match="there is no folder"):
        Service.load(ServeConfig(model=str(tmp_path / "none")))
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="sees no CUDA device; allowed here are auto and cpu"):
            Service.load(ServeConfig(model=str(tmp_path), device="cuda"))
