"""The server in a real Ray Serve instance on this machine, over real sockets, with httpx and OpenAI's own client."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("torch")
pytest.importorskip("ray")
import ray

pytest.importorskip("openai")
import openai
from ray import serve

pytestmark = pytest.mark.workloads

KEY = "a-made-up-key"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def address(model_folder: Path) -> Iterator[str]:
    from modelyard.workloads.serve.app import build

    port = free_port()
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=100 * 2**20,
        runtime_env={"env_vars": {"MODELYARD_API_KEY": KEY}},
    )
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        serve.run(build({"model": str(model_folder), "served_model_name": "small", "max_queue": 3}), route_prefix="/")
        yield f"http://127.0.0.1:{port}"
    finally:
        # serve.shutdown has been seen to hang; the end of Ray ends Serve too.
        closing = threading.Thread(target=serve.shutdown, daemon=True)
        closing.start()
        closing.join(timeout=20)
        ray.shutdown()


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as client:
        yield client


@pytest.fixture
def client(address: str) -> "openai.OpenAI":
    return openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0, timeout=60)


def figure(http: httpx.Client, name: str) -> float:
    for line in http.get("/metrics").text.splitlines():
        if line.rpartition(" ")[0] == name:
            return float(line.rpartition(" ")[2])
    return 0.0


def test_models_and_health(client, http: httpx.Client):
    assert [model.id for model in client.models.list()] == ["small"]
    assert http.get("/health").json() == {"status": "ok"}


def test_completions_by_openais_client(client):
    whole = client.completions.create(model="small", prompt="The statement", max_tokens=10, temperature=0)
    assert whole.choices[0].finish_reason == "length"
    assert whole.usage.completion_tokens == 10
    stream = client.completions.create(
        model="small",
        prompt="The statement",
        max_tokens=10,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = stream
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert last.usage == whole.usage


def test_chat_by_openais_client(client):
    messages = [{"role": "user", "content": "What is a statement?"}]
    whole = client.chat.completions.create(model="small", messages=messages, max_completion_tokens=10, seed=3)
    assert whole.choices[0].message.role == "assistant"
    chunks = list(
        client.chat.completions.create(model="small", messages=messages, max_completion_tokens=10, seed=3, stream=True)
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content


def test_openais_client_understands_the_refusals(client, address: str):
    with pytest.raises(openai.BadRequestError) as too_long:
        client.completions.create(model="small", prompt="a", max_tokens=1000)
    assert too_long.value.code == "context_length_exceeded"
    with pytest.raises(openai.NotFoundError):
        client.completions.create(model="large", prompt="a")
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0).models.list()


def test_the_queue_limit_reaches_the_client_as_429(client, http: httpx.Client):
    """Three may; of twelve at once some are refused, and health answers all the while."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(client.completions.create(model="small", prompt="a", max_tokens=120))
        except openai.RateLimitError as error:
            found.append(error)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    assert http.get("/health").status_code == 200
    for thread in threads:
        thread.join()
    refused = [answer for answer in found if isinstance(answer, openai.RateLimitError)]
    assert len(found) == 12
    assert 0 < len(refused) < 12
    assert refused[0].response.headers["retry-after"] == "1"
    assert figure(http, "modelyard_requests_in_flight") == 0


def test_a_client_that_leaves_a_stream_cancels_its_request(http: httpx.Client):
    before = figure(http, "modelyard_requests_cancelled_total")
    for _ in range(5):  # a small model may be done before the news of the leaving arrives
        body = {"model": "small", "prompt": "a", "max_tokens": 126, "temperature": 0, "stream": True}
        with http.stream("POST", "/v1/completions", json=body) as response:
            next(response.iter_lines())
        end = time.monotonic() + 10
        while figure(http, "modelyard_requests_in_flight") and time.monotonic() < end:
            time.sleep(0.05)
        assert figure(http, "modelyard_requests_in_flight") == 0
        if figure(http, "modelyard_requests_cancelled_total") > before:
            return
    pytest.fail("five requests were left, and none was cancelled")


def test_wrong_arguments_are_refused_before_anything_is_deployed():
    from modelyard.workloads.serve.app import build

    with pytest.raises(ValueError, match="args of the server: max_queue = 0: must be greater than 0"):
        build({"model": "/m", "max_queue": 0})


def test_a_replica_whose_engine_dies_fails_its_health_check(model_folder: Path):
    """Ray Serve calls the check every five seconds, and then replaces the replica."""
    import asyncio

    from modelyard.workloads.serve.app import Server

    async def go() -> None:
        # Ray makes the constructor asynchronous, and awaits it in the replica.
        kind: Any = Server.func_or_class
        replica = kind.__new__(kind)
        await replica.__init__({"model": str(model_folder)})
        await replica.check_health()
        replica.service.engine._manager.add_request([1] * 100, request_id="poison", max_new_tokens=100)
        while replica.service.engine.find_failure() is None:
            await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError, match="generation ended with"):
            await replica.check_health()

    asyncio.run(go())
