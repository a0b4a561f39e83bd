"""Fixtures of the plugin tests."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.api_server import ApiServer
from tests.engine.plugins.stack import Stack

_counter = itertools.count()


@pytest.fixture
def stack(api_server: ApiServer, tmp_path: Path) -> Stack:
    """An empty stack whose provider talks to the test API."""
    return Stack(tmp_path, {"kubeconfig": str(api_server.kubeconfig)})


@pytest.fixture
def namespace(api_server: ApiServer) -> Iterator[str]:
    """A namespace of the test's own; what a test leaves in it goes with it."""
    name = f"conformance-{next(_counter)}"
    created = api_server.client.post(
        "/api/v1/namespaces", json={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    )
    created.raise_for_status()
    yield name
    api_server.client.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def cluster(api_server: ApiServer) -> httpx.Client:
    """The test API, for looking at objects and for playing the controllers that no node runs."""
    return api_server.client
