"""Emptying the nodes of a pool before the pool goes: no pod comes any more, those that are there are asked to leave.

The steps are those of `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`: cordon, then evict through
the API, which refuses what a disruption budget forbids, until nothing is left or the time is over.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

PAUSE_SECONDS = 5
"""Between two looks at the pods of a pool (kubectl drain retries evictions every 5 s)."""

_MIRROR = "kubernetes.io/config.mirror"
"""Annotation of pods that a kubelet runs from a file; the API cannot delete them."""


class DrainError(RuntimeError):
    """Pods did not leave in time, or the API refused; the message names them. The nodes stay closed for new pods."""


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
    """Empties all nodes that `selector` matches; returns how many there were.

    Args:
        api: the cluster.
        selector: label selector of the nodes, e.g. `kubernetes.azure.com/agentpool=a100`.
        seconds: longest wait for pods to leave.
        pause: waits between two looks.
        clock: seconds that pass.

    Raises:
        DrainError: pods remain, the API refused something else than an eviction, or gives no answer.
    """
    try:
        return _drain(api, selector, seconds, pause, clock)
    except httpx.HTTPError as wrong:
        # Not chained: the exception holds the request, and the request the token.
        raise DrainError(f"the cluster gives no answer: {wrong}") from None


def _drain(
    api: httpx.Client, selector: str, seconds: float, pause: Callable[[float], None], clock: Callable[[], float]
) -> int:
    nodes = [one["metadata"]["name"] for one in _list(api, "/api/v1/nodes", labelSelector=selector)]
    for node in nodes:
        _answer(
            api.patch(
                f"/api/v1/nodes/{node}",
                json={"spec": {"unschedulable": True}},
                headers={"Content-Type": "application/merge-patch+json"},
            ),
            f"node {node} cannot be closed for new pods",
        )
    end = clock() + seconds
    while left := [pod for node in nodes for pod in _pods(api, node)]:
        held = [reason for pod in left if (reason := _evict(api, pod))]
        if clock() >= end:
            named = ", ".join(str(pod) for pod in left[:5]) + (" and more" if len(left) > 5 else "")
            why = f"; the API says: {held[0]}" if held else ""
            raise DrainError(f"{len(left)} pods did not leave within {seconds:g} s: {named}{why}")
        pause(PAUSE_SECONDS)
    return len(nodes)


def _pods(api: httpx.Client, node: str) -> Iterator[Pod]:
    """Pods of `node` that an eviction can move: not those of daemons, of files, or at their end."""
    for pod in _list(api, "/api/v1/pods", fieldSelector=f"spec.nodeName={node}"):
        metadata = pod["metadata"]
        by_daemon_set = any(one.get("kind") == "DaemonSet" for one in metadata.get("ownerReferences") or [])
        ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if not (by_daemon_set or ended or _MIRROR in (metadata.get("annotations") or {})):
            yield Pod(metadata["namespace"], metadata["name"])


def _evict(api: httpx.Client, pod: Pod) -> str:
    """Asks `pod` to leave; returns the reason for which a disruption budget keeps it, else nothing."""
    answer = api.post(
        f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction",
        json={
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": pod.namespace},
        },
    )
    if answer.status_code == 429:  # a disruption budget, or too many requests: later
        return _reason(answer)
    if answer.status_code != 404:  # gone already
        _answer(answer, f"pod {pod} cannot be evicted")
    return ""


def _list(api: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    return _answer(api.get(path, params=query), f"{path} cannot be read")["items"]


def _answer(answer: httpx.Response, problem: str) -> dict[str, Any]:
    if not answer.is_success:
        raise DrainError(f"{problem}: HTTP {answer.status_code} {_reason(answer)}".rstrip())
    return answer.json()


def _reason(answer: httpx.Response) -> str:
    is_json = "json" in answer.headers.get("Content-Type", "")
    return str(answer.json().get("message", "")) if is_json else ""
