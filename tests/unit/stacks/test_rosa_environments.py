"""The ROSA environments: what AWS or OpenShift would refuse is told by place; development and production differ."""

from typing import Any, NamedTuple

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment
from tests.unit.stacks.test_program import once

Given = dict[str, Any]


def refused(change: Any, name: str = "rosa-prod") -> str:
    given = environment(name)
    change(given)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(given, f"Pulumi.{name}.yaml")
    return str(refused.value)


def rosa(**values: Any) -> Any:
    return lambda given: given["cluster"]["rosa"].update(values)


def login(**values: Any) -> Any:
    return rosa(login={"name": "entra", "issuer": "https://login.example/v2.0", "client_id": "platform", **values})


def pool(**values: Any) -> Any:
    return lambda given: given["node_pools"][0].update(values)


class Refusal(NamedTuple):
    """A change of an environment file, and a line of the refusal that follows."""

    name: str
    change: Any
    line: str


REFUSED = [
    Refusal(
        "a version that is none",
        rosa(version="4.20"),
        "cluster.rosa.version = '4.20': must be an OpenShift version in full, such as '4.20.1'",
    ),
    Refusal(
        "zones of another region",
        rosa(region="us-east-2"),
        "cluster.rosa.zones = 'us-east-1a': must be a zone of us-east-2, such as us-east-2a (AWS, regions and zones)",
    ),
    Refusal(
        "first nodes that do not spread",
        rosa(compute_nodes=4),
        "cluster.rosa.compute_nodes = 4: must be a multiple of the number of zones, which is 3",
    ),
    Refusal("an account that is none", rosa(account_id="1234"), "cluster.rosa.account_id = '1234': "),
    Refusal(
        "ranges that overlap",
        rosa(service_cidr="10.0.128.0/20"),
        "cluster.rosa.machine_cidr = '10.0.0.0/16': must not overlap service_cidr = 10.0.128.0/20",
    ),
    Refusal(
        "a pod range that is too small",
        rosa(pod_cidr="10.128.0.0/18"),
        "cluster.rosa.pod_cidr = '10.128.0.0/18': must have room for max_nodes = 60",
    ),
    Refusal(
        "subnets that miss a zone",
        rosa(existing_subnets={"private": {"us-east-1a": "subnet-1"}}),
        "cluster.rosa.existing_subnets",
    ),
    Refusal("a name that is too long", lambda given: given.update(name="g" * 38 + "h" * 17), "name"),
    Refusal(
        "too few nodes for the pools",
        rosa(max_nodes=12),
        "cluster.rosa.max_nodes = 12: must be 13 or more for the pools (first nodes in us-east-1a 1, first nodes in "
        "us-east-1b 1, first nodes in us-east-1c 1, serve 4, train 2, trial 4); lower their max_nodes or raise it",
    ),
    Refusal(
        "a quota that the pools go beyond",
        rosa(vcpu_quota={"L-DB2E81BA": 120}),
        "cluster.rosa.vcpu_quota.L-DB2E81BA = 120: must be 160 or more for the pools (serve 4 * 16, train 2 * 48)",
    ),
    Refusal(
        "a quota of spot nodes that one pool goes beyond",
        rosa(vcpu_quota={"L-3819A6DF": 32}),
        "cluster.rosa.vcpu_quota.L-3819A6DF = 32: must be 64 or more for the pools (trial 4 * 16)",
    ),
    Refusal(
        "a budget that mails nobody",
        rosa(budget={"amount_per_month": 1, "emails": []}),
        "cluster.rosa.budget.emails: must be one to ten mail addresses",
    ),
    Refusal(
        "a login without TLS",
        login(issuer="http://example.com"),
        "cluster.rosa.login.issuer = 'http://example.com': must be an address that begins with https://",
    ),
    Refusal("a login that is named badly", login(name="-"), "cluster.rosa.login.name = '-': must be letters, digits"),
    Refusal("an administrator twice", login(admins=["a", "a"]), "cluster.rosa.login.admins: must name each user once"),
    Refusal(
        "a client secret in the file",
        login(client_secret="no"),
        "cluster.rosa.login.client_secret: is kept beside the environment: pulumi config set --secret",
    ),
    Refusal("a pool that OCM makes", pool(name="workers-1"), "node_pools[0].name = 'workers-1': "),
    Refusal(
        "a machine of another cloud",
        pool(instance_type="Standard_NC4as_T4_v3"),
        "node_pools[0].instance_type = 'Standard_NC4as_T4_v3': is a machine of 'azure'; this cluster runs on 'aws'",
    ),
    Refusal(
        "a machine that the region has not",
        pool(instance_type="p5e.48xlarge"),
        "node_pools[0].instance_type = 'p5e.48xlarge': is not sold in 'us-east-1'; it is in",
    ),
    Refusal(
        "two zones in one pool",
        pool(zones=["us-east-1a", "us-east-1b"]),
        "node_pools[0].zones: rosa cannot have several zones in one pool",
    ),
    Refusal(
        "a zone that the cluster has not",
        pool(zones=["us-east-1d"]),
        "node_pools[0].zones: must be one of the cluster's: us-east-1a, us-east-1b, us-east-1c",
    ),
    Refusal(
        "a driver in the image", pool(driver="cloud"), "node_pools[0].driver = 'cloud': rosa cannot have driver in"
    ),
    Refusal(
        "spot nodes that nobody drains",
        lambda given: given["cluster"]["rosa"].pop("spot_queue"),
        "node_pools[2].spot = True: must be false: the cluster has neither spot_queue nor spot_queue_url",
    ),
    Refusal(
        "a price where nothing is bid for",
        pool(max_price=1.0),
        "node_pools[0].max_price = 1.0: must be given with spot",
    ),
    Refusal("a disk that is too small", pool(disk="50GiB"), "node_pools[0].disk = '50GiB': must be 75 to 16384 GiB"),
    Refusal(
        "a kubeconfig beside a cluster that is made",
        lambda given: given["cluster"].update(kubeconfig="~/.kube/config"),
        "cluster.kubeconfig = '~/.kube/config': is for kind 'local', 'existing' and 'openshift', and this is",
    ),
    Refusal("no cluster", lambda given: given["cluster"].pop("rosa"), "cluster.rosa: is missing; kind 'rosa' needs it"),
    Refusal(
        "a cluster for another kind",
        lambda given: given.update(kind="aks"),
        "cluster.rosa: is for kind 'rosa', and this is 'aks'; leave it out, or change kind",
    ),
    Refusal(
        "a key that is nearly one", rosa(regoin="us-east-1"), "cluster.rosa.regoin: unknown key; did you mean 'region'?"
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_rosa_rules_name_the_key(case: Refusal):
    assert case.line in refused(case.change)


def test_development_and_production_differ_where_it_matters():
    dev, prod = (
        read_environment(environment(name), f"Pulumi.{name}.yaml").environment for name in ("rosa-dev", "rosa-prod")
    )
    assert dev.cluster.rosa is not None
    assert prod.cluster.rosa is not None

    assert (dev.cluster.rosa.production, prod.cluster.rosa.production) == (False, True)
    assert (dev.cluster.rosa.private, prod.cluster.rosa.private) == (False, True)
    assert (len(dev.cluster.rosa.zones), len(prod.cluster.rosa.zones)) == (1, 3)
    assert prod.cluster.rosa.upgrade_schedule
    assert all(pool.spot and pool.min_nodes == 0 for pool in dev.node_pools)
    serve = prod.node_pools[0]
    assert (serve.spot, serve.min_nodes) == (False, 1)


def test_production_is_protected_and_has_a_gateway_per_zone():
    engines = {name: once(name)[0] for name in ("rosa-dev", "rosa-prod")}
    inputs = {
        name: next(resource.inputs for resource in engine.registered if resource.type.endswith("HcpCluster"))
        for name, engine in engines.items()
    }

    assert inputs["rosa-prod"]["delete_protection"] == {"enabled": True}
    assert inputs["rosa-dev"]["delete_protection"] == {"enabled": False}
    assert (inputs["rosa-prod"]["api"], inputs["rosa-dev"]["api"]) == (
        {"listening": "internal"},
        {"listening": "external"},
    )
    assert [len(engine.names("aws:ec2/natGateway:NatGateway")) for engine in engines.values()] == [1, 3]


def test_machine_pool_lies_in_its_zone_and_has_its_flavor():
    engine, _ = once("rosa-prod")
    pools = {resource.name: resource.inputs for resource in engine.registered if resource.type.endswith("HcpNodePool")}

    assert {name: inputs["subnet"] for name, inputs in pools.items()} == {
        "serve": "rosa-prod-private-us-east-1a-id",
        "train": "rosa-prod-private-us-east-1b-id",
        "trial": "rosa-prod-private-us-east-1c-id",
    }
    for name, inputs in pools.items():
        flavor = engine.objects[f"ResourceFlavor/{name}"]["spec"]
        assert flavor["nodeLabels"].items() <= inputs["labels"].items()
        assert flavor["nodeTaints"] == inputs["taints"]


def test_objects_in_the_cluster_use_its_provider():
    engine, outputs = once("rosa-prod")
    objects = [resource for resource in engine.registered if resource.is_object]

    assert len(objects) > 20
    assert {resource.provider.rpartition("::")[0].rpartition("::")[2] for resource in objects} == {"rosa-prod"}
    assert outputs["cluster"]["name"] == "rosa-prod"


def test_an_hour_of_production_is_estimated_from_the_catalogue():
    estimate = once("rosa-prod")[1]["estimate"]

    assert estimate["without_price"] == []
    assert estimate["pools"]["serve"] == {"min_nodes": 3.0042, "max_nodes": 12.0168}
    assert estimate["usd_per_hour"]["min_nodes"] == 3.0042
