"""Node pools of an environment: what is refused and where, what quotas are counted on, what an hour costs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from modelyard.stacks.cost import estimate_cost
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment
from tests.unit.stacks.test_program import composed, kubeconfig

__all__ = ["kubeconfig"]

Given = dict[str, Any]
FILE = "Pulumi.openshift-onprem.yaml"


@pytest.fixture
def onprem() -> Given:
    return environment("openshift-onprem")


def put(where: Callable[[Given], Given], **values: Any) -> Callable[[Given], None]:
    return lambda given: where(given).update(values)


def drop(where: Callable[[Given], Given], key: str) -> Callable[[Given], object]:
    return lambda given: where(given).pop(key)


def top(given: Given) -> Given:
    return given


def cluster(given: Given) -> Given:
    return given["cluster"]


def pool(given: Given) -> Given:
    return given["node_pools"][0]


def cut(given: Given) -> Given:
    return given["node_pools"][1]


def quota(given: Given) -> Given:
    return given["teams"][0]["quota"]


class Refusal(NamedTuple):
    """A change of an environment file, and a line of the refusal that follows."""

    name: str
    change: Any
    line: str


REFUSED = [
    Refusal(
        "a machine that there is not",
        put(pool, instance_type="generic-3xl40s"),
        "node_pools[0].instance_type = 'generic-3xl40s': no such GPU machine in the catalogue; did you mean 'generic-",
    ),
    Refusal(
        "another cloud's machine",
        put(pool, instance_type="g6.4xlarge"),
        "node_pools[0].instance_type = 'g6.4xlarge': is a machine of 'aws'; this cluster runs on 'any'",
    ),
    Refusal(
        "two ways to say which machine",
        put(pool, for_preset="gpt2"),
        "node_pools[0].instance_type: give exactly one of instance_type and for_preset",
    ),
    Refusal(
        "a preset that there is not",
        put(pool, for_preset="gpt22", instance_type=None),
        "node_pools[0].for_preset = 'gpt22': no preset 'gpt22'",
    ),
    Refusal(
        "more at least than at most", put(pool, min_nodes=5), "node_pools[0].min_nodes = 5: is above max_nodes = 4"
    ),
    Refusal("no nodes at all", put(pool, max_nodes=0), "node_pools[0].max_nodes = 0: "),
    Refusal(
        "instances that a GPU has not",
        put(cut, mig_profile="1g.12gb"),
        "node_pools[1].mig_profile = '1g.12gb': profiles of a100-80gb are 1g.10gb",
    ),
    Refusal("instances of a GPU without them", put(pool, mig_profile="1g.10gb"), "which do not support MIG"),
    Refusal(
        "no template with the GPU",
        drop(pool, "vm_template"),
        "node_pools[0].vm_template: vsphere needs a virtual machine template",
    ),
    Refusal(
        "spot machines in a cellar", put(pool, spot=True), "node_pools[0].spot = True: vsphere has no spot machines"
    ),
    Refusal("a taint that is none", put(pool, taints=["gpu"]), "node_pools[0].taints = 'gpu': is not a taint"),
    Refusal(
        "a disk of half a GiB", put(pool, disk="512MiB"), "node_pools[0].disk = '512MiB': must be a whole number of GiB"
    ),
    Refusal(
        "a name twice",
        put(cut, name="train-l40s"),
        "node_pools[1].name = 'train-l40s': this name is taken by node_pools[0].name",
    ),
    Refusal(
        "no machine set", drop(cluster, "machine_set"), "cluster.machine_set: is missing; kind 'openshift' needs it"
    ),
    Refusal(
        "a machine set of another kind of machine",
        put(cluster, machine_set={"kind": "MachineSet", "spec": {}}),
        "cluster.machine_set: the template has no spec.template.spec.providerSpec.value",
    ),
    Refusal("no limit of nodes", drop(cluster, "max_nodes"), "cluster.max_nodes: is missing"),
    Refusal(
        "labels beside pools",
        put(cluster, gpu_node_labels={"a": "b"}),
        "cluster.gpu_node_labels: quotas are counted on the node_pools; leave it out",
    ),
    Refusal(
        "pools where nobody makes nodes",
        put(top, kind="existing"),
        "node_pools: kind 'existing' creates no nodes; 'openshift', 'aks' and 'rosa' do",
    ),
    Refusal(
        "a quota on no pool",
        put(quota, pool="train-l4"),
        "teams[0].quota.pool = 'train-l4': no such node pool; did you mean 'train-l40s'?",
    ),
    Refusal(
        "a quota beyond the pool",
        put(quota, gpus=9),
        "teams[0].quota.gpus: is 9, but node_pools[0] has 8 at most (4 nodes of 2)",
    ),
    Refusal(
        "quotas that together are beyond the pool",
        lambda g: g["teams"][1]["quota"].update(pool="train-l40s"),
        "teams[1].quota.gpus: is 6, with the quotas before it 10, but node_pools[0] has 8 at most",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_refused_pool_names_the_key(onprem: Given, case: Refusal):
    case.change(onprem)
    onprem["node_pools"] = [{k: v for k, v in pool.items() if v is not None} for pool in onprem["node_pools"]]
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(onprem, FILE)
    assert case.line in str(refused.value)


def test_each_pool_has_its_flavor_and_each_quota_its_pool(kubeconfig: str):
    engine, _ = composed("openshift-onprem", kubeconfig)
    flavor = engine.objects["ResourceFlavor/serve-a100"]["spec"]
    machines = engine.objects["MachineSet/openshift-machine-api/serve-a100"]["spec"]["template"]["spec"]
    queue = engine.objects["ClusterQueue/team-b"]["spec"]["resourceGroups"][0]["flavors"]

    assert sorted(name for name in engine.objects if name.startswith("ResourceFlavor/")) == [
        "ResourceFlavor/serve-a100",
        "ResourceFlavor/train-l40s",
    ]
    assert flavor["nodeLabels"].items() <= machines["metadata"]["labels"].items()
    assert flavor["nodeTaints"] == machines["taints"]
    assert [flavor["name"] for flavor in queue] == ["serve-a100"]


def test_the_autoscaler_may_give_all_pools_what_they_may_have(kubeconfig: str):
    engine, _ = composed("openshift-onprem", kubeconfig)
    limits = engine.objects["ClusterAutoscaler/default"]["spec"]["resourceLimits"]

    assert limits == {
        "maxNodesTotal": 14,
        "gpus": [{"type": "nvidia-a100-80gb", "min": 0, "max": 14}, {"type": "nvidia-l40s", "min": 0, "max": 8}],
    }


def test_a_quota_without_a_pool_is_counted_on_the_first(onprem: Given):
    del onprem["teams"][0]["quota"]["pool"]
    validated = read_environment(onprem, FILE)
    assert validated.flavor_of(validated.environment.teams[0]) == "train-l40s"


def test_stack_outputs_the_cost_of_an_hour(kubeconfig: str):
    _, outputs = composed("openshift-onprem", kubeconfig)

    assert outputs["estimate"] == {
        "usd_per_hour": {"min_nodes": 5.3, "max_nodes": 16.8},
        "pools": {
            "train-l40s": {"min_nodes": 3.1, "max_nodes": 12.4},
            "serve-a100": {"min_nodes": 2.2, "max_nodes": 4.4},
        },
        "without_price": [],
    }


def test_platform_without_pools_has_no_estimate(kubeconfig: str):
    assert "estimate" not in composed("existing", kubeconfig)[1]


def test_a_machine_without_a_price_is_named_and_not_counted():
    estimate = estimate_cost([azure("generic", "generic-1xl4", 2), azure("t4", "Standard_NC4as_T4_v3", 2)], None, {})

    assert (estimate.unpriced, estimate.most, estimate.pools) == (("generic",), 1.052, {"t4": (0.0, 1.052)})


def test_spot_nodes_cost_what_spot_costs():
    dear, cheap = (
        estimate_cost([azure("t4", "Standard_NC4as_T4_v3", 1, spot=spot)], None, {}).most for spot in (False, True)
    )
    assert (dear, cheap) == (0.526, 0.0627)


@given(least=st.integers(0, 9), more=st.integers(1, 9), price=st.floats(0.01, 100))
def test_an_estimate_grows_with_nodes_and_own_prices_win(least: int, more: int, price: float):
    estimate = estimate_cost([azure("t4", "Standard_NC4as_T4_v3", least + more, least)], None, {"t4": price})

    assert estimate.least == pytest.approx(least * price, abs=1e-3)
    assert estimate.most == pytest.approx((least + more) * price, abs=1e-3)
    assert estimate.least < estimate.most


def azure(name: str, machine: str, most: int, least: int = 0, *, spot: bool = False) -> NodePoolSpec:
    owner: Any = {"team": "a", "owner": "b", "cost_center": "c", "environment": "d"}
    cloud = "any" if machine.startswith("generic") else "azure"
    return validate_pool(
        name,
        {"ownership": owner, "instance_type": machine, "min_nodes": least, "max_nodes": most, "spot": spot},
        cloud=cloud,
    )
