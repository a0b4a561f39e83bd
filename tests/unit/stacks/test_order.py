"""In which order the engine makes and deletes things, and what it does not delete one by one."""

import itertools

import pytest

from tests.unit.stacks.orders import Orders
from tests.unit.stacks.test_program import composed, kubeconfig

__all__ = ["kubeconfig"]


def test_aks_node_pools_are_created_in_series(monkeypatch: pytest.MonkeyPatch):
    orders = Orders(monkeypatch)
    composed("aks-prod", "")
    pools = ["aks-prod-general", "serve", "train", "trial"]
    agent_pools = list(orders.of("AgentPool"))

    assert agent_pools == pools
    for earlier, later in itertools.pairwise(pools):
        assert orders.urn("AgentPool", earlier) in orders.before(orders.urn("AgentPool", later))


def test_machine_pools_wait_for_the_cluster_only(monkeypatch: pytest.MonkeyPatch):
    orders = Orders(monkeypatch)
    composed("rosa-prod", "")
    pools = {name: orders.urn("HcpNodePool", name) for name in orders.of("HcpNodePool")}

    assert sorted(pools) == ["serve", "train", "trial"]
    for urn in pools.values():
        before = orders.before(urn)
        assert orders.urn("HcpClusterReady", "rosa-prod-ready") in before
        assert not before & set(pools.values())


@pytest.mark.parametrize(
    ("name", "kind"), [("aks-prod", "ManagedCluster"), ("rosa-prod", "HcpCluster"), ("rosa-dev", "HcpCluster")]
)
def test_objects_are_deleted_with_their_cluster(monkeypatch: pytest.MonkeyPatch, name: str, kind: str):
    orders = Orders(monkeypatch)
    composed(name, "")
    cluster = next(urn for urn, resource in orders.requests.items() if resource.type.endswith(f":{kind}"))
    inside = [
        resource
        for resource in orders.requests.values()
        if resource.custom and resource.type.startswith("kubernetes:") and resource.deletedWith
    ]
    alone = [resource.name for resource in inside if resource.deletedWith != cluster]
    forgotten = [
        resource.name
        for resource in orders.requests.values()
        if resource.custom
        and (resource.type.startswith("kubernetes:") or resource.type.endswith((":AgentPool", ":HcpNodePool")))
        and not resource.deletedWith
    ]

    assert len(inside) > 15
    assert alone == []
    assert forgotten == []


@pytest.mark.parametrize("name", ["aks-dev", "rosa-dev"])
def test_objects_wait_for_a_cluster_that_can_run_them(monkeypatch: pytest.MonkeyPatch, name: str):
    orders = Orders(monkeypatch)
    composed(name, "")
    ready = {
        "aks-dev": ("AgentPool", "aks-dev-general"),
        "rosa-dev": ("HcpClusterReady", "rosa-dev-ready"),
    }[name]
    objects = [
        urn for urn, resource in orders.requests.items() if resource.custom and resource.type.startswith("kubernetes:")
    ]

    assert len(objects) > 10
    for urn in objects:
        assert orders.urn(*ready) in orders.before(urn), urn
