"""Client of the routes of a running service, in this process. Ray is tested elsewhere."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx")
import httpx

pytest.importorskip("fastapi")
pytest.importorskip("prometheus_client")

from modelyard.workloads.serve.api import create_api
from modelyard.workloads.serve.config import ServeConfig
from modelyard.workloads.serve.service import Service

KEY = "a-made-up-key"


class Client(httpx.AsyncClient):
    """Client of the application of a running service."""

    service: Service

    async def complete(self, **fields: Any) -> httpx.Response:
        return await self.post("/v1/completions", json={"model": "small", "prompt": "The", "max_tokens": 8} | fields)

    async def chat(self, **fields: Any) -> httpx.Response:
        messages = [{"role": "user", "content": "What is a statement?"}]
        return await self.post("/v1/chat/completions", json={"model": "small", "messages": messages} | fields)


@asynccontextmanager
async def serve_model(model_folder: Path, **settings: Any) -> AsyncIterator[Client]:
    """Serve the model as `small`, with a client that has the key."""
    config = ServeConfig.model_validate({"model": str(model_folder), "served_model_name": "small"} | settings)
    service = Service.load(config)
    service.engine.start()
    transport = httpx.ASGITransport(create_api(service, KEY))
    try:
        async with Client(
            transport=transport, base_url="http://test", headers={"Authorization": f"Bearer {KEY}"}
        ) as client:
            client.service = service
            yield client
    finally:
        service.engine.stop()


def events(response: httpx.Response) -> list[Any]:
    """Read the data of a stream of server-sent events."""
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = response.text.split("\n\n")
    assert blocks[-1] == ""
    data = [block.removeprefix("data: ") for block in blocks[:-1]]
    return [part if part == "[DONE]" else json.loads(part) for part in data]
