"""The routes: requests, keys and models that are refused."""

import asyncio
from pathlib import Path

import pytest
import torch
from modelyard.workloads.serve.api import MAX_BODY_BYTES
from modelyard.workloads.serve.config import ServeConfig
from modelyard.workloads.serve.service import Service

from tests.workloads.api_client import KEY

pytestmark = pytest.mark.workloads


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
        async with client() as server:
            response = await server.complete(**fields)
            assert response.status_code == 400, response.text
            error = response.json()["error"]
            assert error["type"] == "invalid_request_error"
            assert error["param"] == param
            assert message in error["message"]
            assert server.service.engine.in_flight == 0

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
        async with client() as server:
            response = await server.chat(**fields)
            assert response.status_code == 400
            assert response.json()["error"]["param"] == param

    asyncio.run(go())


def test_neutral_options_are_fine(client):
    async def go() -> None:
        async with client() as server:
            neutral = {"n": 1, "best_of": 1, "echo": False, "presence_penalty": 0, "user": "me", "suffix": ""}
            assert (await server.complete(**neutral)).status_code == 200
            assert (await server.chat(max_tokens=3, response_format={"type": "text"}, tools=[])).status_code == 200

    asyncio.run(go())


def test_an_unknown_model_route_method_and_body(client):
    async def go() -> None:
        async with client() as server:
            response = await server.complete(model="large")
            assert response.status_code == 404
            assert response.json()["error"]["code"] == "model_not_found"
            assert (await server.get("/v1/nothing")).json()["error"]["message"] == "Not Found: GET /v1/nothing"
            assert (await server.get("/v1/completions")).status_code == 405
            broken = await server.post("/v1/completions", content=b"{", headers={"content-type": "application/json"})
            assert broken.status_code == 400
            assert "not valid JSON" in broken.json()["error"]["message"]
            huge = await server.post("/v1/completions", content=b"x" * (MAX_BODY_BYTES + 1))
            assert huge.status_code == 413

    asyncio.run(go())


@pytest.mark.parametrize("header", [None, "", "Bearer wrong", KEY, f"Basic {KEY}", "Bearer \xe9"])
def test_without_the_key_only_health_and_metrics_answer(client, header: str | None):
    async def go() -> None:
        async with client() as server:
            server.headers.pop("Authorization")
            headers = {} if header is None else {"Authorization": header.encode("latin-1")}
            for method, path in (("GET", "/v1/models"), ("POST", "/v1/completions"), ("POST", "/v1/chat/completions")):
                response = await server.request(method, path, headers=headers)
                assert response.status_code == 401
                assert response.json()["error"]["code"] == "invalid_api_key"
                assert response.headers["www-authenticate"] == "Bearer"
                assert KEY not in response.text
            assert (await server.get("/health", headers=headers)).json() == {"status": "ok"}
            assert (await server.get("/metrics", headers=headers)).status_code == 200

    asyncio.run(go())


def test_a_model_that_is_not_there_is_a_user_error(tmp_path: Path):
    from modelyard.workloads.failure import UserError

    with pytest.raises(UserError, match="there is no folder"):
        Service.load(ServeConfig(model=str(tmp_path / "none")))
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="sees no CUDA device; allowed here are auto and cpu"):
            Service.load(ServeConfig(model=str(tmp_path), device="cuda"))
