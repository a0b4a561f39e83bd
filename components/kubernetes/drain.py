"""Drain of a pool's nodes before the pool is deleted.

The steps are those of `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`: cordon the nodes, then evict
their pods through the API, which refuses evictions that a disruption budget forbids, until no pod is left or the time
is over.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

PAUSE_SECONDS = 5
"""Pause between two rounds of evictions (kubectl drain retries every 5 s)."""

_MIRROR = "kubernetes.io/config.mirror"
"""Annotation of static pods, which a kubelet runs from a file; the API cannot delete them."""


class DrainError(RuntimeError):
    """Pods did not leave in time, or the API refused; the message names them. The nodes stay cordoned."""


@dataclass(frozen=True)
class Pod:
    """A pod that must leave."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def drain(
    api: httpx.Client,
    selector: str,
    *,
    seconds: float,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Drain all nodes that `selector` matches; return their number.

    Args:
        api: client of the cluster's API.
        selector: label selector of the nodes, e.g. `kubernetes.azure.com/agentpool=a100`.
        seconds: longest wait for pods to leave.
        pause: function that waits some seconds between two rounds.
        clock: function that returns the time in seconds.

    Raises:
        DrainError: pods remain, the API refused something other than an eviction, or gives no answer.
    """
    try:
        return _drain(api, selector, seconds, pause, clock)
    except httpx.HTTPError as error:
        # Not chained: the exception holds the request, and the request holds the token.
        raise DrainError(f"the cluster gives no answer: {error}") from None


def _drain(
    api: httpx.Client, selector: str, seconds: float, pause: Callable[[float], None], clock: Callable[[], float]
) -> int:
    nodes = [node["metadata"]["name"] for node in _list(api, "/api/v1/nodes", labelSelector=selector)]
    for node in nodes:
        _check(
            api.patch(
                f"/api/v1/nodes/{node}",
                json={"spec": {"unschedulable": True}},
                headers={"Content-Type": "application/merge-patch+json"},
            ),
            f"node {node} cannot be closed for new pods",
        )
    end = clock() + seconds
    while pods := [pod for node in nodes for pod in _pods(api, node)]:
        refusals = [refusal for pod in pods if (refusal := _evict(api, pod))]
        if clock() >= end:
            names = ", ".join(str(pod) for pod in pods[:5]) + (" and more" if len(pods) > 5 else "")
            reason = f"; the API says: {refusals[0]}" if refusals else ""
            raise DrainError(f"{len(pods)} pods did not leave within {seconds:g} s: {names}{reason}")
        pause(PAUSE_SECONDS)
    return len(nodes)


def _pods(api: httpx.Client, node: str) -> Iterator[Pod]:
    """List the pods of `node` that can be evicted: not daemons' pods, static pods or finished ones."""
    for pod in _list(api, "/api/v1/pods", fieldSelector=f"spec.nodeName={node}"):
        metadata = pod["metadata"]
        is_daemon = any(owner.get("kind") == "DaemonSet" for owner in metadata.get("ownerReferences") or [])
        is_finished = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if not (is_daemon or is_finished or _MIRROR in (metadata.get("annotations") or {})):
            yield Pod(metadata["namespace"], metadata["name"])


def _evict(api: httpx.Client, pod: Pod) -> str:
    """Evict `pod`; return the API's refusal where a disruption budget keeps the pod, else an empty text."""
    response = api.post(
        f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction",
        json={
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": pod.namespace},
        },
    )
    if response.status_code == 429:  # a disruption budget, or too many requests: try again later
        return _message(response)
    if response.status_code != 404:  # the pod has left already
        _check(response, f"pod {pod} cannot be evicted")
    return ""


def _list(api: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    return _check(api.get(path, params=query), f"{path} cannot be read")["items"]


def _check(response: httpx.Response, problem: str) -> dict[str, Any]:
    if not response.is_success:
        raise DrainError(f"{problem}: HTTP {response.status_code} {_message(response)}".rstrip())
    return response.json()


def _message(response: httpx.Response) -> str:
    is_json = "json" in response.headers.get("Content-Type", "")
    return str(response.json().get("message", "")) if is_json else ""
