"""GpuNodePool: the same arguments on every kind of cluster, and the features that a kind does not have."""

from pathlib import Path
from typing import Any, NamedTuple

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.common.errors import ArgumentError
from modelyard.components.gpu_node_pool import GpuNodePool
from modelyard.components.node_pools import capabilities
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.capabilities import CAPABILITIES, ClusterKind, Feature
from modelyard.components.testing import Recorder
from pulumi.runtime.mocks import MockMonitor

from tests.components.openshift import machine_sets

PAGE = Path(__file__).resolve().parents[2] / "docs" / "components" / "node-pools.md"
OWNER = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}

CLUSTERS: dict[ClusterKind, dict[str, Any]] = {
    ClusterKind.AKS: {
        "cluster": {
            "name": "gpu1",
            "resource_group": "gpu1",
            "location": "eastus",
            "kubernetes_version": "1.33",
            "node_subnet": "subnet",
        }
    },
    ClusterKind.ROSA: {
        "cluster": {
            "cluster_id": "1",
            "region": "us-east-1",
            "zones": ["us-east-1a"],
            "version": "4.20.1",
            "subnets": {"us-east-1a": "subnet-1"},
            "spot_drains": True,
        }
    },
    ClusterKind.OPENSHIFT: {"template": machine_sets.AWS},
    ClusterKind.KARPENTER: {"cloud": "aws", "cluster": "research", "role": "nodes", "image": "ami-0a1b"},
}


def machine(kind: ClusterKind) -> str:
    return "Standard_NC24ads_A100_v4" if kind is ClusterKind.AKS else "g6.4xlarge"


def args(kind: ClusterKind, /, **changes: Any) -> Any:
    shared = {"ownership": OWNER, "instance_type": machine(kind), "max_nodes": 4}
    return {"kind": kind, kind.value: CLUSTERS[kind], **shared} | changes


@pytest.mark.parametrize("kind", CLUSTERS, ids=lambda kind: kind.value)
def test_the_same_arguments_make_a_pool_on_every_kind_of_cluster(kind: ClusterKind):
    engine = Recorder.installed()
    name = "gpua"  # AKS takes letters and digits only
    pool = GpuNodePool(name, args(kind, spot=True, disk_gib=300))
    engine.finish()
    types = [one.type for one in engine.registered if one.type.startswith("modelyard:")]

    assert (pool.pool.instance.name, pool.pool.spot, pool.pool.max_nodes) == (machine(kind), True, 4)
    assert types == ["modelyard:index:GpuNodePool", f"modelyard:index:{type(pool.node_pool).__name__}"]
    assert all(one.inputs for one in engine.registered if one.is_object)


@pytest.mark.parametrize("kind", CLUSTERS, ids=lambda kind: kind.value)
def test_the_kinds_component_has_the_options_of_the_facade(kind: ClusterKind, monkeypatch: pytest.MonkeyPatch):
    requests: dict[str, Any] = {}
    register = MockMonitor.RegisterResource
    monkeypatch.setattr(
        MockMonitor,
        "RegisterResource",
        lambda self, request: requests.update({request.type: request}) or register(self, request),
    )
    engine = Recorder.installed()
    first = pulumi.CustomResource("test:index:First", "first")
    cluster = pulumi.ComponentResource("test:index:Cluster", "cluster")
    pool = GpuNodePool("gpua", args(kind), pulumi.ResourceOptions(depends_on=[first], deleted_with=cluster))
    engine.finish()
    request = requests[f"modelyard:index:{type(pool.node_pool).__name__}"]

    assert [urn.rpartition("::")[2] for urn in request.dependencies] == ["first"]
    assert request.deletedWith.endswith("test:index:Cluster::cluster")


def test_the_former_section_of_a_kind_is_accepted():
    engine = Recorder.installed()
    former = args(ClusterKind.OPENSHIFT, openshift=None, cluster=CLUSTERS[ClusterKind.OPENSHIFT])
    pool = GpuNodePool("gpu-a", former)
    engine.finish()
    assert type(pool.node_pool).__name__ == "OpenShiftGpuMachineSet"


def test_the_kind_may_come_as_text():
    engine = Recorder.installed()
    pool = GpuNodePool("gpu-a", {**args(ClusterKind.OPENSHIFT), "kind": "openshift"})  # type: ignore[typeddict-item]
    engine.finish()
    assert type(pool.node_pool).__name__ == "OpenShiftGpuMachineSet"


class Refusal(NamedTuple):
    """Changes of a pool that works, and the part of the message that tells what is wrong with them."""

    kind: ClusterKind
    changes: dict[str, Any]
    message: str


REFUSED = {
    "nodes that always run": Refusal(
        ClusterKind.KARPENTER,
        {"min_nodes": 1},
        "min_nodes = 1: karpenter cannot have nodes that always run (min_nodes above 0): Karpenter starts nodes for "
        "pods that wait; aks, rosa, openshift can (karpenter.sh/v1, NodePool)",
    ),
    "driver of the image": Refusal(
        ClusterKind.OPENSHIFT, {"driver": Driver.CLOUD}, "Red Hat's node image has no NVIDIA driver"
    ),
    "two zones": Refusal(
        ClusterKind.OPENSHIFT, {"zones": ["us-east-1a", "us-east-1b"]}, "make one pool per zone; aks, karpenter can"
    ),
    "argument given twice": Refusal(
        ClusterKind.OPENSHIFT,
        {"openshift": {"template": machine_sets.AWS, "disk_gib": 100}, "disk_gib": 200},
        "openshift.disk_gib: is an argument of the pool; give it there only",
    ),
    "section of another kind": Refusal(
        ClusterKind.OPENSHIFT,
        {"aks": CLUSTERS[ClusterKind.AKS]},
        "aks: does not go with kind = 'openshift'; give openshift",
    ),
    "section without its required key": Refusal(
        ClusterKind.OPENSHIFT, {"openshift": {}}, "openshift.template: is required"
    ),
    "section with a misspelt key": Refusal(
        ClusterKind.ROSA,
        {"rosa": CLUSTERS[ClusterKind.ROSA] | {"tund": {}}},
        "rosa.tund: is unknown; did you mean 'tuned'?",
    ),
    "unknown kind": Refusal(
        ClusterKind.OPENSHIFT, {"kind": "eks"}, "kind = 'eks': must be one of aks, rosa, openshift, karpenter"
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_pool_that_the_kind_cannot_have_is_refused(case: Refusal):
    engine = Recorder.installed()
    with pytest.raises(ArgumentError) as refused:
        GpuNodePool("gpu-a", args(case.kind, **case.changes))
    assert case.message in str(refused.value)
    assert engine.registered == []


def test_the_table_answers_for_every_kind_of_cluster():
    for feature in Feature:
        assert set(CAPABILITIES[feature]) == set(ClusterKind), feature
        assert all(row.supported or (row.note and row.source) for row in CAPABILITIES[feature].values())


@given(kind=st.sampled_from(ClusterKind))
def test_a_plain_pool_is_refused_nowhere(kind: ClusterKind):
    capabilities.validate_features("gpu-a", kind, {"max_nodes": 1})


def test_the_page_holds_the_table():
    assert capabilities.markdown() in PAGE.read_text(), (
        f"run {capabilities.__name__} and put its table into {PAGE.name}"
    )
