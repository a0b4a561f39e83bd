"""The routes under load: a full queue, clients that leave, metrics, a dead engine."""

import asyncio
import json
import time
from typing import Any

import pytest

from tests.workloads.api_client import KEY, Client, events

pytestmark = pytest.mark.workloads


def test_a_full_queue_is_429_and_a_moment_later_it_is_not(client):
    async def go() -> None:
        async with client(max_queue=2) as server:
            running = [asyncio.ensure_future(server.complete(max_tokens=100)) for _ in range(2)]
            while server.service.engine.in_flight < 2:
                await asyncio.sleep(0.005)
            refused = await server.complete()
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "1"
            error = refused.json()["error"]
            assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
            # Of several prompts, none is begun when not all have room.
            assert (await server.complete(prompt=["a", "b", "c"])).status_code == 429
            assert server.service.engine.in_flight == 2
            assert (await server.get("/health")).status_code == 200
            assert [response.status_code for response in await asyncio.gather(*running)] == [200, 200]
            assert (await server.complete()).status_code == 200

    asyncio.run(go())


async def ask_and_leave(server: Client, body: dict[str, Any], after: int) -> None:
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
    transport: Any = server._transport
    await transport.app(scope, receive, send)


@pytest.mark.parametrize(("stream", "after"), [(True, 2), (False, 0)])
def test_a_client_that_leaves_cancels_its_request(client, stream, after):
    async def go() -> None:
        async with client() as server:
            engine = server.service.engine
            body = {"model": "small", "prompt": "The", "max_tokens": 120, "temperature": 0, "stream": stream}

            # A large model's speed, so that the client leaves in the middle.
            step = engine._manager._generation_step

            def slowly() -> None:
                time.sleep(0.02)
                step()

            engine._manager._generation_step = slowly
            await asyncio.wait_for(ask_and_leave(server, body, after), 10)
            assert engine.in_flight == 0
            for _ in range(200):
                if engine._active() == 0:
                    break
                await asyncio.sleep(0.01)
            assert engine._active() == 0
            text = (await server.get("/metrics")).text
            assert "modelyard_requests_cancelled_total 1.0" in text
            generated = float(text.split("\nmodelyard_generated_tokens_total ")[1].split()[0])
            assert generated < 120

    asyncio.run(go())


def test_metrics_count_what_happened(client):
    async def go() -> None:
        async with client() as server:
            usage = (await server.complete(max_tokens=7)).json()["usage"]
            more = (await server.chat(max_tokens=5)).json()["usage"]
            await server.complete(logprobs=3)
            await server.get("/v1/made-up-path")
            figures = {}
            for line in (await server.get("/metrics")).text.splitlines():
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
        async with client() as server:
            stream = asyncio.ensure_future(server.complete(max_tokens=125, temperature=0, stream=True))
            while server.service.engine._active() == 0:
                await asyncio.sleep(0.005)
            server.service.engine._manager.add_request([1] * 100, request_id="poison", max_new_tokens=100)
            *_, last = events(await asyncio.wait_for(stream, 30))
            assert last["error"]["type"] == "server_error"
            while server.service.engine.find_failure() is None:
                await asyncio.sleep(0.01)
            health = await server.get("/health")
            assert health.status_code == 503
            assert "generation ended with" in health.json()["reason"]
            assert (await server.complete()).status_code == 503

    asyncio.run(go())
