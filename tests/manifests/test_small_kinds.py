"""Manifests of every kind but Ray's, whole, as they reach the cluster."""

from dataclasses import dataclass
from typing import Any

import pytest
from modelyard.components.kubernetes.manifests import cluster_queue as queues
from modelyard.components.kubernetes.manifests import limits, network_policy
from modelyard.components.kubernetes.manifests.config_map import config_map
from modelyard.components.kubernetes.manifests.namespace import namespace
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.priority_class import workload_priority_class
from modelyard.components.kubernetes.manifests.resource_flavor import resource_flavor
from modelyard.components.kubernetes.manifests.secret import secret
from modelyard.components.kubernetes.manifests.service_account import service_account
from modelyard.components.kubernetes.manifests.volume import Volume, persistent_volume, persistent_volume_claim
from modelyard.components.testing import difference

from tests.manifests import schemas
from tests.manifests.cases import ADA, LABELS

QUOTA = PodResources(cpu_millis=1600, memory_mib=6144, gpus=2)
ON_HOST = Volume(name="prose", namespace="team-a", size_mib=2048)
BY_CLASS = Volume(name="prose", namespace="team-a", size_mib=51200, storage_class="fast", shared=False)
DNS = {
    "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}
OWN = {"podSelector": {"matchLabels": {"modelyard.dev/workspace": "prose"}}}
OPERATOR = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kuberay-system"}}}


@dataclass(frozen=True)
class Case:
    name: str
    got: dict[str, Any]
    want: dict[str, Any]


def policy(name: str, pods: dict, ingress: list, egress: list) -> dict:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "team-a", "labels": LABELS},
        "spec": {
            "podSelector": pods,
            "policyTypes": ["Ingress", "Egress"],
            # The API drops empty lists, which would be drift for ever.
            **({"ingress": ingress} if ingress else {}),
            "egress": egress,
        },
    }


def team_queue(**more: Any) -> dict:
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "ClusterQueue",
        "metadata": {"name": "team-a", "labels": LABELS},
        "spec": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "team-a"}},
            "queueingStrategy": "BestEffortFIFO",
            "resourceGroups": [
                {
                    "coveredResources": ["cpu", "memory", "nvidia.com/gpu"],
                    "flavors": [
                        {
                            "name": "gpu-nodes",
                            "resources": [
                                {"name": "cpu", "nominalQuota": "1600m"},
                                {"name": "memory", "nominalQuota": "6Gi"},
                                {"name": "nvidia.com/gpu", "nominalQuota": "2"},
                            ],
                        }
                    ],
                }
            ],
            **more,
        },
    }


CASES = [
    Case(
        "a namespace admits restricted pods only",
        namespace("team-a", ADA),
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": "team-a",
                "labels": {
                    **LABELS,
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            },
        },
    ),
    Case(
        "a quota caps GPUs exactly, and leaves room to replace a service",
        limits.resource_quota("team-a", QUOTA, ADA),
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "team", "namespace": "team-a", "labels": LABELS},
            "spec": {"hard": {"requests.cpu": "3200m", "requests.memory": "12Gi", "requests.nvidia.com/gpu": "2"}},
        },
    ),
    Case(
        "containers that ask for nothing get a little",
        limits.limit_range("team-a", ADA),
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "team", "namespace": "team-a", "labels": LABELS},
            "spec": {
                "limits": [
                    {
                        "type": "Container",
                        "default": {"cpu": "100m", "memory": "256Mi"},
                        "defaultRequest": {"cpu": "100m", "memory": "256Mi"},
                    }
                ]
            },
        },
    ),
    Case(
        "a namespace's network starts closed",
        network_policy.closed_network("team-a", ADA),
        policy("closed", {}, [], [DNS]),
    ),
    Case(
        "a training job opens to itself and to the operator",
        network_policy.ray_network("prose", "team-a", ADA, operator_namespace="kuberay-system"),
        policy(
            "prose",
            {"matchLabels": {"modelyard.dev/workspace": "prose"}},
            [{"from": [OWN]}, {"from": [OPERATOR], "ports": [{"protocol": "TCP", "port": 8265}]}],
            [{"to": [OWN]}],
        ),
    ),
    Case(
        "a server opens to its namespace, and to the internet but for the node's credentials",
        network_policy.ray_network(
            "prose", "team-a", ADA, operator_namespace="kuberay-system", serves=True, internet=True
        ),
        policy(
            "prose",
            {"matchLabels": {"modelyard.dev/workspace": "prose"}},
            [
                {"from": [OWN]},
                {
                    "from": [OPERATOR],
                    "ports": [{"protocol": "TCP", "port": 8265}, {"protocol": "TCP", "port": 8000}],
                },
                {"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 8000}]},
            ],
            [
                {"to": [OWN]},
                {
                    "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}],
                    "ports": [{"protocol": "TCP", "port": 443}],
                },
            ],
        ),
    ),
    Case(
        "an account brings no token",
        service_account("prose", "team-a", ADA),
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "prose", "namespace": "team-a", "labels": LABELS},
            "automountServiceAccountToken": False,
        },
    ),
    Case(
        "settings are one immutable file",
        config_map("prose-1", "team-a", ADA, file="fine-tune.json", content={"b": 1, "a": "x"}),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "prose-1", "namespace": "team-a", "labels": LABELS},
            "immutable": True,
            "data": {"fine-tune.json": '{\n  "b": 1,\n  "a": "x"\n}\n'},
        },
    ),
    Case(
        "a secret leaves encoding to the API server",
        secret("prose-key", "team-a", ADA, values={"key": "k"}),
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "prose-key", "namespace": "team-a", "labels": LABELS},
            "type": "Opaque",
            "stringData": {"key": "k"},
        },
    ),
    Case(
        "a claim by class, for pods of one node",
        persistent_volume_claim(BY_CLASS, ADA),
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "prose", "namespace": "team-a", "labels": LABELS},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "50Gi"}},
                "storageClassName": "fast",
            },
        },
    ),
    Case(
        "a claim of a folder names its volume and forbids provisioning",
        persistent_volume_claim(ON_HOST, ADA),
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "prose", "namespace": "team-a", "labels": LABELS},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "resources": {"requests": {"storage": "2Gi"}},
                "storageClassName": "",
                "volumeName": "team-a-prose",
            },
        },
    ),
    Case(
        "a folder's volume is kept, and reserved for its claim",
        persistent_volume(ON_HOST, "/volumes/team-a/prose", ADA),
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "team-a-prose", "labels": LABELS},
            "spec": {
                "capacity": {"storage": "2Gi"},
                "accessModes": ["ReadWriteMany"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "",
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "name": "prose",
                    "namespace": "team-a",
                },
                "hostPath": {"path": "/volumes/team-a/prose", "type": "Directory"},
            },
        },
    ),
    Case(
        "a flavor of every node",
        resource_flavor("any"),
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "ResourceFlavor",
            "metadata": {"name": "any", "labels": {"app.kubernetes.io/managed-by": "modelyard"}},
            "spec": {},
        },
    ),
    Case(
        "a flavor of tainted nodes lets its workloads tolerate them",
        resource_flavor(
            "h100", {"gpu": "h100"}, ({"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},)
        ),
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "ResourceFlavor",
            "metadata": {"name": "h100", "labels": {"app.kubernetes.io/managed-by": "modelyard"}},
            "spec": {
                "nodeLabels": {"gpu": "h100"},
                "nodeTaints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
                "tolerations": [
                    {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}
                ],
            },
        },
    ),
    Case(
        "a priority keeps its value at the top",
        workload_priority_class("high", 10000, "Someone is waiting"),
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "WorkloadPriorityClass",
            "metadata": {"name": "high", "labels": {"app.kubernetes.io/managed-by": "modelyard"}},
            "value": 10000,
            "description": "Someone is waiting",
        },
    ),
    Case(
        "a team on its own lends nothing",
        queues.cluster_queue(queues.TeamQuota(team="team-a", flavor="gpu-nodes", quota=QUOTA), ADA),
        team_queue(preemption={"withinClusterQueue": "LowerPriority", "reclaimWithinCohort": "Never"}),
    ),
    Case(
        "a team of a cohort takes back what it lent",
        queues.cluster_queue(queues.TeamQuota(team="team-a", flavor="gpu-nodes", quota=QUOTA, cohort="all"), ADA),
        team_queue(preemption={"withinClusterQueue": "LowerPriority", "reclaimWithinCohort": "Any"}, cohortName="all"),
    ),
    Case(
        "a local queue feeds the cluster queue",
        queues.local_queue("team-a", "team-a", "team-a", ADA),
        {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "LocalQueue",
            "metadata": {"name": "team-a", "namespace": "team-a", "labels": LABELS},
            "spec": {"clusterQueue": "team-a"},
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_manifest_equals_the_expected_one(case: Case):
    assert not (text := difference(case.want, case.got)), text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_manifest_fits_the_schema_of_its_kind(case: Case):
    schemas.check(case.got)
