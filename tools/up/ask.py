"""Requests to the served model, as any OpenAI client would send them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tools.up.objects import Cluster


class NoAnswerError(Exception):
    """The endpoint did not answer in time, or refused; the text repeats its last answer."""


def wait_until_healthy(endpoint: str, patience: float) -> None:
    """Wait until `endpoint` answers /health.

    Raises:
        NoAnswerError: no healthy answer within `patience` seconds.
    """
    give_up, last = time.monotonic() + patience, "none"
    while time.monotonic() < give_up:
        try:
            answer = httpx.get(f"{endpoint}/health", timeout=5)
        except httpx.HTTPError as error:
            last = f"{type(error).__name__}"
        else:
            if answer.status_code == 200:
                return
            last = f"HTTP {answer.status_code}: {answer.text[:200]}"
        time.sleep(1)
    raise NoAnswerError(f"{endpoint}/health: not healthy after {patience:.0f} s; last answer: {last}")


def complete(endpoint: str, key: str, prompt: str, tokens: int) -> str:
    """Ask the model to continue `prompt` by at most `tokens` tokens, greedily.

    Raises:
        NoAnswerError: the endpoint refused or does not exist; the text holds its message, never the key.
    """
    headers = {"Authorization": f"Bearer {key}"}
    try:
        models = httpx.get(f"{endpoint}/v1/models", headers=headers, timeout=30)
        models.raise_for_status()
        body: dict[str, Any] = {
            "model": models.json()["data"][0]["id"], "prompt": prompt, "max_tokens": tokens, "temperature": 0,
        }  # fmt: skip
        answer = httpx.post(f"{endpoint}/v1/completions", json=body, headers=headers, timeout=120)
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        message = f"HTTP {error.response.status_code}: {error.response.text[:300]}"
        raise NoAnswerError(f"{error.request.url} answered {message}") from error
    except httpx.HTTPError as error:
        raise NoAnswerError(f"{endpoint}: {type(error).__name__}: {error}") from error
    return answer.json()["choices"][0]["text"]


@contextmanager
def open_endpoint(
    cluster: Cluster, namespace: str, service: str, patience: float, say: Callable[[str], None]
) -> Iterator[str]:
    """Wait for a Service, and yield its base URL while the context lasts.

    On the local cluster the URL has the service's own address, to which the host has a route. Elsewhere it has a port
    of 127.0.0.1 that kubectl forwards.

    Raises:
        NoAnswerError: no such service within `patience` seconds.
    """
    give_up = time.monotonic() + patience
    while (manifest := cluster.get("service", service, namespace)) is None:
        if time.monotonic() > give_up:
            raise NoAnswerError(
                f"no service {namespace}/{service} after {patience:.0f} s; see kubectl get rayservice -A"
            )
        say("waiting for the queue to admit the server")
        time.sleep(1)
    address, port = manifest["spec"]["clusterIP"], manifest["spec"]["ports"][0]["port"]
    if cluster.is_local:
        yield f"http://{address}:{port}"
        return
    with cluster.forward(namespace, service, port) as local_port:
        yield f"http://127.0.0.1:{local_port}"
