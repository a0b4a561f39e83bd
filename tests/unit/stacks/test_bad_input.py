"""The mistakes that cost an hour in a cloud, each refused in the environment file: file, key and rule are named."""

from collections.abc import Callable
from typing import Any

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment

Given = dict[str, Any]
Change = Callable[[Given], object]

EFA_MACHINES = {
    "apiVersion": "machine.openshift.io/v1beta1",
    "kind": "MachineSet",
    "metadata": {"name": "worker", "labels": {"machine.openshift.io/cluster-api-cluster": "gpu-1"}},
}


def pool(i: int = 0, **values: Any) -> Change:
    return lambda given: given["node_pools"][i].update(values)


def aks(**values: Any) -> Change:
    return lambda given: given["cluster"]["aks"].update(values)


def rosa(**values: Any) -> Change:
    return lambda given: given["cluster"]["rosa"].update(values)


def several(*changes: Change) -> Change:
    return lambda given: [change(given) for change in changes]


CASES: list[tuple[str, str, Change, str]] = [
    ("a machine that the region has not", "aks-prod", pool(instance_type="Standard_ND96isr_H200_v5"),
     "node_pools[0].instance_type = 'Standard_ND96isr_H200_v5': is not sold in 'eastus'; it is in"),
    ("a machine that the region has not", "rosa-prod", pool(instance_type="p5e.48xlarge"),
     "node_pools[0].instance_type = 'p5e.48xlarge': is not sold in 'us-east-1'; it is in"),
    ("a zone that the region has not", "aks-prod", pool(zones=["4"]), "node_pools[0].zones = '4': "),
    ("zones in a region without", "aks-prod", aks(location="northcentralus"), "node_pools[0].zones"),
    ("a zone that the cluster has not", "rosa-prod", pool(zones=["us-east-1f"]),
     "node_pools[0].zones: must be one of the cluster's: us-east-1a, us-east-1b, us-east-1c"),
    ("spot on the system pool", "aks-dev", aks(system_pool={"spot": True}),
     "cluster.aks.system_pool.spot: the cluster's own pools run what must not be evicted; spot is for node_pools"),
    ("spot on the general pool", "aks-dev", aks(general_pool={"spot": True, "max_nodes": 3}),
     "cluster.aks.general_pool.spot: the cluster's own pools run what must not be evicted"),
    ("a system pool of one node", "aks-dev", aks(system_pool={"min_nodes": 1}),
     "cluster.aks.system_pool.min_nodes = 1: must be 2 or more, or an upgrade takes DNS away"),
    ("scale to zero behind a taint of daemons", "aks-dev", pool(taints=["CriticalAddonsOnly=true:NoSchedule"]),
     "node_pools[0].taints = 'CriticalAddonsOnly=true:NoSchedule': only the cluster's own daemons tolerate it"),
    ("scale to zero behind a taint of daemons", "rosa-dev", pool(taints=["CriticalAddonsOnly=true:NoSchedule"]),
     "node_pools[0].taints = 'CriticalAddonsOnly=true:NoSchedule': only the cluster's own daemons tolerate it"),
    ("scale to zero behind a taint of daemons", "openshift-onprem",
     pool(min_nodes=0, taints=["CriticalAddonsOnly=:NoExecute"]),
     "node_pools[0].taints = 'CriticalAddonsOnly=:NoExecute': only the cluster's own daemons tolerate it"),
    ("MIG on a GPU without it", "aks-dev", pool(mig_profile="1g.10gb"),
     "node_pools[0].mig_profile = '1g.10gb': Standard_NC4as_T4_v3 has GPUs of kind t4, which do not support"),
    ("MIG on a GPU without it", "rosa-prod", pool(mig_profile="1g.10gb"),
     "node_pools[0].mig_profile = '1g.10gb': g6e.4xlarge has GPUs of kind l40s, which do not support"),
    ("MIG in instances that the GPU has not", "aks-prod", pool(mig_profile="1g.12gb"),
     "node_pools[0].mig_profile = '1g.12gb': profiles of a100-80gb-pcie are 1g.10gb"),
    ("InfiniBand over three zones", "aks-prod",
     several(aks(location="southcentralus"), pool(instance_type="Standard_ND96isr_H100_v5", fabric=True)),
     "node_pools[0].zones: must be one zone, because a placement group lies in one, and InfiniBand joins no nodes of"),
    ("InfiniBand on a machine without it", "aks-prod", pool(fabric=True, zones=["1"]),
     "node_pools[0].fabric = True: must be false: Standard_NC24ads_A100_v4 has no InfiniBand; ND sizes with an 'r' in"),
    ("EFA where there is none to be had", "rosa-prod", pool(instance_type="g6e.48xlarge", fabric=True),
     "node_pools[0].fabric = True: rosa cannot have InfiniBand or EFA between nodes: machine pools have neither EFA"),
    ("a placement group where there is none", "rosa-prod", pool(placement_group="together"),
     "node_pools[0].placement_group = 'together': rosa cannot have InfiniBand or EFA between nodes"),
    ("Capacity Blocks where nobody sells them", "aks-prod", pool(capacity_blocks=True),
     "node_pools[0].capacity_blocks = True: aks cannot have Capacity Blocks for ML"),
    ("a Capacity Block without its id", "rosa-prod", pool(capacity_blocks=True),
     "node_pools[0].capacity_blocks: must be given with capacity_reservation, the id of the block"),
    ("spare capacity that is reserved", "rosa-prod", pool(2, capacity_reservation="cr-1"),
     "node_pools[2].capacity_reservation = 'cr-1': must not be given beside spot: spot capacity and a capacity"),
    ("a reservation that is none", "aks-prod",
     pool(2, spot=False, instance_type="Standard_NC40ads_H100_v5", capacity_reservation="cr-1"),
     "node_pools[2].capacity_reservation = 'cr-1': must be a group's id: /subscriptions/"),
    ("a template of vSphere on Azure", "aks-prod", pool(vm_template="gpu"),
     "node_pools[0].vm_template = 'gpu': is for kind 'openshift'; leave it out"),
    ("a pool name that AKS refuses", "aks-dev", pool(name="t4-spot"),
     "node_pools[0].name = 't4-spot': "),
    ("a pool name that is too long for AKS", "aks-dev", pool(name="t4smallestgpu"),
     "node_pools[0].name = 't4smallestgpu': "),
    ("a pool name that OCM has taken", "rosa-dev", pool(name="workers-2"),
     "node_pools[0].name = 'workers-2': must not be worker, workers or workers-N, the pools that a clust"),
    ("a subnet too small for the nodes", "aks-prod", aks(network={"nodes": "10.224.0.0/26"}),
     "cluster.aks.network.nodes"),
    ("an overlay too small for the nodes", "aks-prod", aks(network={"pods": "10.244.0.0/19"}),
     "cluster.aks.network.pods"),
    ("a subnet too small for nodes times pods", "aks-prod", aks(network={"pod_subnet": "10.224.16.0/21"}),
     "cluster.aks.network.pod_subnet"),
    ("more pods on a node than its block holds", "aks-prod", aks(pods_per_node=251),
     "cluster.aks.pods_per_node = 251: "),
    ("ranges that overlap", "aks-prod", aks(network={"services": "10.224.0.0/16"}), "cluster.aks.network"),
    ("a range that is none", "aks-prod", aks(network={"pods": "10.244.0.0"}), "cluster.aks.network.pods"),
    ("a pod range too small for the nodes", "rosa-prod", rosa(pod_cidr="10.128.0.0/18"),
     "cluster.rosa.pod_cidr = '10.128.0.0/18': must have room for max_nodes = 60, but has it for 32 nodes"),
    ("a subnet too small for its pools", "rosa-prod",
     several(rosa(machine_cidr="10.0.0.0/22", max_nodes=400, vcpu_quota={}), pool(max_nodes=252)),
     "node_pools[0] = 'serve': must give the subnet of us-east-1a 252 addresses or more"),
    ("subnets too small for all pools of a zone", "rosa-prod",
     several(rosa(machine_cidr="10.0.0.0/22", max_nodes=400, vcpu_quota={}), pool(max_nodes=130),
             pool(1, max_nodes=130, zones=["us-east-1a"])),
     "cluster.rosa.machine_cidr: must give the subnet of us-east-1a"),
    ("quotas that all pools together go beyond", "aks-prod", pool(max_nodes=5),
     "cluster.aks.vcpu_quota.StandardNCADSA100v4Family = 192: must be 216 or more for the pools (serve 5 * 24, tr"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "line"), [case[1:] for case in CASES], ids=[f"{c[0]}-{c[1]}" for c in CASES]
)
def test_refusals_name_file_key_and_rule(name: str, change: Change, line: str):
    given = environment(name)
    change(given)
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(given, f"Pulumi.{name}.yaml")
    assert str(refused.value).startswith(f"Pulumi.{name}.yaml: modelyard:environment is refused:\n")
    assert line in str(refused.value)


def test_efa_without_a_placement_group_is_refused_on_openshift():
    from tests.components.openshift import machine_sets  # noqa: PLC0415

    given = environment("openshift-onprem")
    given["cluster"]["machine_set"] = machine_sets.AWS
    first = given["node_pools"][0]
    first.pop("vm_template", None)
    first.update(instance_type="p4d.24xlarge", fabric=True)
    given["node_pools"] = [first]
    with pytest.raises(EnvironmentFileError, match=r"node_pools\[0\].fabric.*: needs placement_group"):
        read_environment(given, "Pulumi.openshift-onprem.yaml")
