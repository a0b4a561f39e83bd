"""The AKS environments: what Azure would refuse is told by place; development and production differ."""

import subprocess
import sys
from typing import Any, NamedTuple

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import ROOT, environment
from tests.unit.stacks.test_program import once

Given = dict[str, Any]


def refused(change: Any, name: str = "aks-prod") -> str:
    given = environment(name)
    change(given)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(given, f"Pulumi.{name}.yaml")
    return str(refused.value)


def aks(**values: Any) -> Any:
    return lambda given: given["cluster"]["aks"].update(values)


def pool(**values: Any) -> Any:
    return lambda given: given["node_pools"][0].update(values)


class Refusal(NamedTuple):
    """A change of an environment file, and a line of the refusal that follows."""

    name: str
    change: Any
    line: str


REFUSED = [
    Refusal("a version that AKS has not", aks(kubernetes_version="new"), "cluster.aks.kubernetes_version = 'new': "),
    Refusal("a region that there is not", aks(location="eastu"), "cluster.aks.location = 'eastu': "),
    Refusal("an API open to all", aks(private_api=False), "cluster.aks"),
    Refusal(
        "too few nodes for the cluster's own pools",
        aks(max_nodes=8),
        "cluster.aks.max_nodes = 8: must be 12 or more for the pools, nodes of an upgrade included (system "
        "5, general 7)",
    ),
    Refusal(
        "too few nodes for all pools",
        aks(max_nodes=20),
        "cluster.aks.max_nodes = 20: must be 22 or more for the pools, nodes of an upgrade included (system "
        "5, general 7, "
        "serve 4, train 2, trial 4); raise it or lower theirs",
    ),
    Refusal(
        "a quota that the pools go beyond",
        aks(vcpu_quota={"StandardNCADSA100v4Family": 100}),
        "cluster.aks.vcpu_quota.StandardNCADSA100v4Family = 100: must be 192 or more for the pools (serve 4 * 24, tr",
    ),
    Refusal("a name that AKS cannot take", pool(name="serve-a100"), "node_pools[0].name"),
    Refusal(
        "a machine of another cloud",
        pool(instance_type="g6.xlarge"),
        "node_pools[0].instance_type = 'g6.xlarge': is a machine of 'aws'; this cluster runs on 'azure'",
    ),
    Refusal(
        "a machine that the region has not",
        pool(instance_type="Standard_ND96isr_H200_v5"),
        "node_pools[0].instance_type = 'Standard_ND96isr_H200_v5': is not sold in 'eastus'; it is in",
    ),
    Refusal("a zone that there is not", pool(zones=["4"]), "node_pools[0].zones"),
    Refusal(
        "MIG on a T4", lambda given: given["node_pools"][2].update(mig_profile="1g.10gb"), "node_pools[2].mig_profile"
    ),
    Refusal(
        "a driver that nobody has", pool(driver="nvidia"), "node_pools[0].driver = 'nvidia': expected 'cloud' or 'op"
    ),
    Refusal(
        "a kubeconfig beside a cluster that is made",
        lambda given: given["cluster"].update(kubeconfig="~/.kube/config"),
        "cluster.kubeconfig = '~/.kube/config': is for kind 'local', 'existing' and 'openshift', and this is",
    ),
    Refusal("no cluster", lambda given: given["cluster"].pop("aks"), "cluster.aks: is missing; kind 'aks' needs it"),
    Refusal(
        "a cluster for another kind",
        lambda given: given.update(kind="existing"),
        "cluster.aks: is for kind 'aks', and this is 'existing'; leave it out, or change kind",
    ),
    Refusal(
        "a key that is nearly one",
        aks(locatoin="eastus"),
        "cluster.aks.locatoin: unknown key; did you mean 'location'?",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
def test_azure_rules_name_the_key(case: Refusal):
    assert case.line in refused(case.change)


def test_development_and_production_differ_where_it_matters():
    dev, prod = (
        read_environment(environment(name), f"Pulumi.{name}.yaml").environment for name in ("aks-dev", "aks-prod")
    )
    assert dev.cluster.aks is not None
    assert prod.cluster.aks is not None

    assert (dev.cluster.aks.production, prod.cluster.aks.production) == (False, True)
    assert (dev.cluster.aks.api.private, prod.cluster.aks.api.private) == (False, True)
    assert dev.cluster.aks.api.authorized_ranges
    assert all(pool.spot and pool.min_nodes == 0 for pool in dev.node_pools)
    serve = prod.node_pools[0]
    assert (serve.spot, serve.min_nodes, len(serve.zones)) == (False, 1, 3)


def test_objects_in_the_cluster_use_its_provider():
    engine, outputs = once("aks-prod")
    objects = [resource for resource in engine.registered if resource.is_object]

    assert len(objects) > 20
    assert {resource.provider.rpartition("::")[0].rpartition("::")[2] for resource in objects} == {"aks-prod"}
    assert outputs["cluster"]["name"] == "aks-prod"


def test_an_hour_of_production_is_estimated_from_the_catalogue():
    _, outputs = once("aks-prod")
    estimate = outputs["estimate"]

    assert estimate["without_price"] == []
    assert estimate["pools"]["serve"] == {"min_nodes": 3.673, "max_nodes": 14.692}
    assert estimate["usd_per_hour"]["min_nodes"] == 3.673
    assert estimate["usd_per_hour"]["max_nodes"] > 14.692


def test_file_of_another_kind_loads_no_cloud_sdk():
    program = (
        "import sys, yaml, modelyard.stacks.deploy\n"
        "from modelyard.stacks.validation.read import read_environment\n"
        f"given = yaml.safe_load(open({str(ROOT / 'Pulumi.existing.yaml')!r}))['config']['modelyard:environment']\n"
        "read_environment(given, 'file')\n"
        "print([name for name in ('pulumi_azure_native', 'pulumi_aws', 'httpx') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
