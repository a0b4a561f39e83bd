"""Drain of a pool's nodes, against an API that keeps pods as the real one does."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from modelyard.components.azure.pool_drain import PoolDrainProvider
from modelyard.components.kubernetes.drain import DrainError, drain

SELECTOR = "kubernetes.azure.com/agentpool=a100"


def pod(name: str, node: str = "n1", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "team-a", **more.pop("metadata", {})}
    return {"metadata": metadata, "spec": {"nodeName": node}, "status": {"phase": "Running"}, **more}


@dataclass
class Api:
    """Nodes and pods; an eviction removes a pod, unless its budget allows none yet."""

    nodes: list[str]
    pods: list[dict[str, Any]]
    refusals: dict[str, int] = field(default_factory=dict)
    """Number of times that the budget of each pod refuses its eviction."""
    status: int = 201
    cordoned: list[str] = field(default_factory=list)
    evicted: list[str] = field(default_factory=list)
    now: float = 0

    def client(self) -> httpx.Client:
        return httpx.Client(base_url="https://cluster.example", transport=httpx.MockTransport(self.answer))

    def drain(self, seconds: float = 60) -> int:
        return drain(self.client(), SELECTOR, seconds=seconds, pause=self.pause, clock=lambda: self.now)

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "GET" and path == "/api/v1/nodes":
            assert request.url.params["labelSelector"] == SELECTOR
            return httpx.Response(200, json={"items": [{"metadata": {"name": node}} for node in self.nodes]})
        if request.method == "GET":
            node = request.url.params["fieldSelector"].removeprefix("spec.nodeName=")
            return httpx.Response(200, json={"items": [body for body in self.pods if body["spec"]["nodeName"] == node]})
        if request.method == "PATCH":
            assert json.loads(request.content) == {"spec": {"unschedulable": True}}
            self.cordoned.append(path.rpartition("/")[2])
            return httpx.Response(200, json={})
        name = path.split("/")[-2]
        assert json.loads(request.content)["kind"] == "Eviction"
        if self.refusals.get(name, 0):
            self.refusals[name] -= 1
            return httpx.Response(429, json={"message": "Cannot evict pod as it would violate the budget"})
        if self.status == 201:
            self.pods = [body for body in self.pods if body["metadata"]["name"] != name]
            self.evicted.append(name)
        return httpx.Response(self.status, json={"message": "no"})


def test_all_nodes_are_cordoned_before_any_is_drained():
    api = Api(["n1", "n2"], [pod("server"), pod("trainer", "n2"), pod("other", "n3")])

    assert api.drain() == 2
    assert api.cordoned == ["n1", "n2"]
    assert sorted(api.evicted) == ["server", "trainer"]


def test_an_empty_pool_takes_no_time():
    api = Api([], [])

    assert api.drain() == 0
    assert api.now == 0


def test_a_disruption_budget_delays_the_drain():
    api = Api(["n1"], [pod("server")], refusals={"server": 3})

    api.drain()

    assert api.evicted == ["server"]
    assert api.now == 4 * 5


def test_daemons_static_and_finished_pods_stay():
    stays = [
        pod("driver", metadata={"ownerReferences": [{"kind": "DaemonSet", "name": "driver"}]}),
        pod("proxy", metadata={"annotations": {"kubernetes.io/config.mirror": "1"}}),
        pod("done", status={"phase": "Succeeded"}),
    ]
    api = Api(["n1"], stays)

    api.drain()

    assert (api.evicted, api.now) == ([], 0)


def test_pods_that_stay_are_named_with_the_reason():
    api = Api(["n1"], [pod("server")], refusals={"server": 99})

    with pytest.raises(DrainError) as refusal:
        api.drain(seconds=20)

    text = (
        "1 pods did not leave within 20 s: team-a/server; the API says: Cannot evict pod as it would violate the budget"
    )
    assert str(refusal.value) == text


def test_a_missing_pod_is_no_error_but_a_missing_right_is():
    gone = Api(["n1"], [pod("server")], status=404)
    gone.pause = lambda _seconds: gone.pods.clear()  # type: ignore[method-assign]
    gone.drain()

    with pytest.raises(DrainError, match="pod team-a/server cannot be evicted: HTTP 403 no"):
        Api(["n1"], [pod("server")], status=403).drain()


def test_a_silent_cluster_is_reported_without_the_token():
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to host", request=request)

    api = httpx.Client(base_url="https://cluster.example", transport=httpx.MockTransport(silent))
    with pytest.raises(DrainError, match="the cluster gives no answer: no route to host") as refusal:
        drain(api, SELECTOR, seconds=1)
    assert refusal.value.__cause__ is None


def test_only_another_pool_replaces_the_drain():
    before = {"pool": "a", "selector": SELECTOR, "kubeconfig": "one", "minutes": 60}
    provider = PoolDrainProvider()

    assert provider.diff("id", before, before).changes is False
    assert provider.diff("id", before, {**before, "pool": "b"}).replaces == ["pool"]
    changed = provider.diff("id", before, {**before, "kubeconfig": "two"})
    assert (changed.changes, changed.replaces) == (True, [])
