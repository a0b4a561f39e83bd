"""Objects that satisfy every rule, advisory ones included. Tests break one thing at a time in a copy."""

import copy
from typing import Any

Body = dict[str, Any]

RAY_JOB = "kubernetes:ray.io/v1:RayJob"
RAY_SERVICE = "kubernetes:ray.io/v1:RayService"
RAY_CLUSTER = "kubernetes:ray.io/v1:RayCluster"
POD = "kubernetes:core/v1:Pod"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
CRON_JOB = "kubernetes:batch/v1:CronJob"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
PERSISTENT_VOLUME = "kubernetes:core/v1:PersistentVolume"
RELEASE = "kubernetes:helm.sh/v3:Release"
CLUSTER_QUEUE = "kubernetes:kueue.x-k8s.io/v1beta2:ClusterQueue"
LOCAL_QUEUE = "kubernetes:kueue.x-k8s.io/v1beta2:LocalQueue"
RESOURCE_QUOTA = "kubernetes:core/v1:ResourceQuota"
LIMIT_RANGE = "kubernetes:core/v1:LimitRange"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
APP_WRAPPER = "kubernetes:workload.codeflare.dev/v1beta2:AppWrapper"
JOB_SET = "kubernetes:jobset.x-k8s.io/v1alpha2:JobSet"

QUEUE = {"kueue.x-k8s.io/queue-name": "team-a"}
IMAGE = "localhost/modelyard/train:0123456789ab"


def container(name: str = "main", gpus: int = 0) -> Body:
    amounts = {"cpu": "1", "memory": "2Gi"}
    if gpus:
        amounts["nvidia.com/gpu"] = str(gpus)
    body: Body = {
        "name": name,
        "image": IMAGE,
        "env": [
            {"name": "TOKENIZERS_PARALLELISM", "value": "false"},
            {"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "serving", "key": "key"}}},
        ],
        "resources": {"requests": dict(amounts), "limits": dict(amounts)},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    if gpus:
        body["volumeMounts"] = [{"name": "shm", "mountPath": "/dev/shm"}]  # noqa: S108 - the pod's own
    return body


def pod_spec(gpus: int = 0) -> Body:
    spec: Body = {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container(gpus=gpus)],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    }
    if gpus:
        spec["volumes"].append({"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}})
        spec["tolerations"] = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
        spec["nodeSelector"] = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
    return spec


def ray_cluster(gpus: int = 1) -> Body:
    return {
        "headGroupSpec": {"rayStartParams": {"num-cpus": "0"}, "template": {"spec": pod_spec()}},
        "workerGroupSpecs": [{"groupName": "workers", "replicas": 1, "template": {"spec": pod_spec(gpus)}}],
    }


def metadata(name: str = "train", **more: Any) -> Body:
    return {"name": name, "namespace": "team-a", **more}


def ray_job(gpus: int = 1) -> Body:
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayJob",
        "metadata": metadata(labels=dict(QUEUE)),
        "spec": {
            "entrypoint": "python -m modelyard.workloads.fine_tune",
            "shutdownAfterJobFinishes": True,
            "activeDeadlineSeconds": 3600,
            "rayClusterSpec": ray_cluster(gpus),
        },
    }


def ray_service() -> Body:
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": metadata("serve", labels=dict(QUEUE)),
        "spec": {
            "serveConfigV2": "applications:\n- name: model\n  runtime_env: {env_vars: {HF_HOME: /tmp}}\n",
            "rayClusterConfig": ray_cluster(),
        },
    }


def pod(gpus: int = 1) -> Body:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata(labels=dict(QUEUE)), "spec": pod_spec(gpus)}


def deployment() -> Body:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("api"),
        "spec": {"template": {"spec": pod_spec()}},
    }


def job() -> Body:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata("prepare", labels=dict(QUEUE)),
        "spec": {"activeDeadlineSeconds": 600, "template": {"spec": pod_spec()}},
    }


def cron_job() -> Body:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata("nightly"),
        "spec": {"jobTemplate": {"metadata": {"labels": dict(QUEUE)}, "spec": {"template": {"spec": pod_spec()}}}},
    }


def namespace() -> Body:
    labels = {
        "owner": "ml-platform",
        "team": "team-a",
        "cost-center": "1234",
        "pod-security.kubernetes.io/enforce": "restricted",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a", "labels": labels}}


def service() -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata("api"),
        "spec": {"type": "ClusterIP", "ports": [{"port": 80}]},
    }


def config_map() -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("settings"), "data": {"MAX_TOKENS": "100"}}


def secret() -> Body:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata("serving"), "stringData": {"key": "aGVsbG8"}}


def persistent_volume() -> Body:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "data"},
        "spec": {"csi": {"driver": "disk.csi.azure.com", "volumeHandle": "disk"}},
    }


def release() -> Body:
    return {
        "chart": "kueue",
        "version": "0.19.2",
        "namespace": "kueue-system",
        "values": {
            "controllerManager": {
                "manager": {"image": {"repository": "registry.k8s.io/kueue/kueue", "tag": "v0.19.2"}}
            },
            "auth": {"existingSecret": "kueue-auth"},
        },
    }


def cluster_queue(name: str = "team-a", gpus: str = "1") -> Body:
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "ClusterQueue",
        "metadata": {"name": name},
        "spec": {
            "resourceGroups": [
                {
                    "coveredResources": ["cpu", "nvidia.com/gpu"],
                    "flavors": [
                        {
                            "name": "local",
                            "resources": [
                                {"name": "cpu", "nominalQuota": "500m"},
                                {"name": "nvidia.com/gpu", "nominalQuota": gpus},
                            ],
                        }
                    ],
                }
            ]
        },
    }


def local_queue() -> Body:
    return {
        "apiVersion": "kueue.x-k8s.io/v1beta2",
        "kind": "LocalQueue",
        "metadata": metadata("team-a"),
        "spec": {"clusterQueue": "team-a"},
    }


def resource_quota() -> Body:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata("team-a"),
        "spec": {"hard": {"requests.nvidia.com/gpu": "1"}},
    }


def limit_range() -> Body:
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata("team-a"),
        "spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]},
    }


def network_policy() -> Body:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata("closed"),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [],
            "egress": [
                {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]}
            ],
        },
    }


GOOD: dict[str, Body] = {
    RAY_JOB: ray_job(),
    RAY_SERVICE: ray_service(),
    POD: pod(),
    DEPLOYMENT: deployment(),
    JOB: job(),
    CRON_JOB: cron_job(),
    NAMESPACE: namespace(),
    SERVICE: service(),
    CONFIG_MAP: config_map(),
    SECRET: secret(),
    PERSISTENT_VOLUME: persistent_volume(),
    RELEASE: release(),
    CLUSTER_QUEUE: cluster_queue(),
    LOCAL_QUEUE: local_queue(),
    RESOURCE_QUOTA: resource_quota(),
    LIMIT_RANGE: limit_range(),
    NETWORK_POLICY: network_policy(),
}

STACK = (NAMESPACE, RESOURCE_QUOTA, LIMIT_RANGE, NETWORK_POLICY, CLUSTER_QUEUE, LOCAL_QUEUE, RAY_JOB)
"""Kinds of a small complete stack."""

GONE = object()
"""Given to `changed`: remove the key."""


def good(token: str) -> Body:
    return copy.deepcopy(GOOD[token])


def changed(body: Body, path: str, value: Any) -> Body:
    """A copy of `body` with `value` at `path`, such as `spec|containers|0|image`; objects on the way are made."""
    body = copy.deepcopy(body)
    node: Any = body
    *way, last = path.split("|")
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
    key: Any = int(last) if isinstance(node, list) else last
    if value is GONE:
        del node[key]
    else:
        node[key] = copy.deepcopy(value)
    return body
