"""In which order the engine makes and deletes things, and what it does not delete one by one."""

import itertools

import pytest

from tests.unit.stacks.orders import Orders
from tests.unit.stacks.test_program import composed, kubeconfig

__all__ = ["kubeconfig"]


def test_azure_is_asked_for_one_pool_at_a_time(monkeypatch: pytest.MonkeyPatch):
    orders = Orders(monkeypatch)
    composed("aks-prod", "")
    pools = ["aks-prod-general", "serve", "train", "trial"]
    agent_pools = list(orders.of("AgentPool"))

    assert agent_pools == pools
    for earlier, later in itertools.pairwise(pools):
        assert orders.urn("AgentPool", earlier) in orders.before(orders.urn("AgentPool", later))


def test_machine_pools_wait_for_the_cluster_and_not_for_each_other(monkeypatch: pytest.MonkeyPatch):
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
def test_what_is_in_a_cluster_goes_with_it(monkeypatch: pytest.MonkeyPatch, name: str, kind: str):
    orders = Orders(monkeypatch)
    composed(name, "")
    cluster = next(urn for urn, one in orders.requests.items() if one.type.endswith(f":{kind}"))
    inside = [
        one for one in orders.requests.values() if one.custom and one.type.startswith("kubernetes:") and one.deletedWith
    ]
    alone = [one.name for one in inside if one.deletedWith != cluster]
    forgotten = [
        one.name
        for one in orders.requests.values()
        if one.custom
        and (one.type.startswith("kubernetes:") or one.type.endswith((":AgentPool", ":HcpNodePool")))
        and not one.deletedWith
    ]

    assert len(inside) > 15
    assert alone == []
    assert forgotten == []


@pytest.mark.parametrize("name", ["aks-dev", "rosa-dev"])
def test_nothing_is_put_inside_before_the_cluster_can_run_it(monkeypatch: pytest.MonkeyPatch, name: str):
    orders = Orders(monkeypatch)
    composed(name, "")
    ready = {
        "aks-dev": ("AgentPool", "aks-dev-general"),
        "rosa-dev": ("HcpClusterReady", "rosa-dev-ready"),
    }[name]
    objects = [urn for urn, one in orders.requests.items() if one.custom and one.type.startswith("kubernetes:")]

    assert len(objects) > 10
    for urn in objects:
        assert orders.urn(*ready) in orders.before(urn), urn
