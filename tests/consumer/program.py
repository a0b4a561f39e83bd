"""A platform team's program that uses every component: type checkers read it, nothing runs it."""

from typing import assert_type

import modelyard.components as yard
import pulumi
import pulumi_kubernetes

TEAM: yard.OwnershipArgs = {
    "team": "research",
    "owner": "ml-platform",
    "cost_center": "42",
    "environment": "prod",
}
WORKER: yard.PodResourcesArgs = {"cpus": 4, "memory_gib": 16, "gpus": 1}


def azure() -> None:
    cluster = yard.AksCluster(
        "gpu",
        {
            "ownership": TEAM,
            "location": "westeurope",
            "kubernetes_version": "1.33",
            "admin_groups": ["00000000-0000-0000-0000-000000000000"],
            "network": {"nodes": "10.224.0.0/20"},
            "general_pool": {"min_nodes": 2, "max_nodes": 6},
        },
    )
    assert_type(cluster.reference, yard.AksClusterReference)
    assert_type(cluster.provider, pulumi_kubernetes.Provider)
    assert_type(cluster.oidc_issuer, pulumi.Output[str])
    pool = yard.AksGpuNodePool(
        "a100",
        {
            "cluster": cluster.reference,
            "ownership": TEAM,
            "instance_type": "Standard_NC24ads_A100_v4",
            "max_nodes": 4,
            "spot": True,
            "driver": yard.Driver.OPERATOR,
        },
    )
    assert_type(pool.nodes, pulumi.Output[dict[str, str]])
    models = yard.AzureModelContainers(
        "models", {"ownership": TEAM, "resource_group": "models", "location": "westeurope"}
    )
    assert_type(models.container_ids, pulumi.Output[dict[str, str]])
    yard.AzureWorkloadIdentity(
        "trainer",
        {
            "ownership": TEAM,
            "resource_group": cluster.resource_group,
            "location": "westeurope",
            "oidc_issuer": cluster.oidc_issuer,
            "service_account": "trainer",
            "container": models.container_ids["models"],
        },
    )


def aws() -> None:
    cluster = yard.RosaCluster(
        "gpu",
        {
            "ownership": TEAM,
            "region": "us-east-1",
            "zones": ["us-east-1a"],
            "account_id": "123456789012",
            "creator_arn": "arn:aws:iam::123456789012:user/platform",
            "version": "4.20.1",
        },
    )
    assert_type(cluster.reference, yard.RosaClusterReference)
    yard.RosaGpuMachinePool(
        "l4",
        {"ownership": TEAM, "cluster": cluster.reference, "instance_type": "g6.4xlarge", "max_nodes": 4},
    )
    buckets = yard.AwsModelBuckets("models", {"ownership": TEAM, "account_id": "123456789012", "region": "us-east-1"})
    yard.AwsWorkloadRole(
        "trainer",
        {
            "ownership": TEAM,
            "oidc_provider_arn": cluster.oidc_provider_arn,
            "oidc_issuer": cluster.oidc_issuer,
            "service_account": "trainer",
            "bucket": buckets.bucket_arns["checkpoints"],
            "kms_key_arn": buckets.kms_key_arn,
        },
    )


def pools(machine_set: dict[str, object]) -> None:
    yard.OpenShiftGpuMachineSet(
        "l4", {"ownership": TEAM, "template": machine_set, "instance_type": "g6.4xlarge", "max_nodes": 4}
    )
    yard.OpenShiftClusterAutoscaler("autoscaler", {"max_nodes": 20, "gpus": {"nvidia-l4": 4}})
    yard.KarpenterGpuNodePool(
        "l4",
        {
            "ownership": TEAM,
            "cloud": yard.KarpenterCloud.AWS,
            "cluster": "platform",
            "role": "platform-nodes",
            "image": "ami-0a1b2c3d4e5f6a7b8",
            "for_preset": "gpt2",
            "max_nodes": 4,
        },
    )
    pool = yard.GpuNodePool(
        "l4",
        {
            "kind": yard.ClusterKind.OPENSHIFT,
            "openshift": {"template": machine_set},
            "ownership": TEAM,
            "instance_type": "g6.4xlarge",
            "max_nodes": 4,
        },
    )
    assert_type(pool.nodes, pulumi.Output[dict[str, str]])


def platform(kubeconfig: str) -> None:
    cluster = yard.ExistingCluster("platform", {"kubeconfig": kubeconfig})
    assert_type(cluster.provider, pulumi_kubernetes.Provider)
    inside = pulumi.ResourceOptions(providers=[cluster.provider])
    ray = yard.KubeRay("kuberay", {"installer": yard.Installer.BUNDLE, "source": "kuberay.yaml"}, inside)
    assert_type(ray.ready, list[pulumi.Resource])
    kueue = yard.Kueue("kueue", {"installer": yard.Installer.CHART, "source": "charts/kueue"}, inside)
    yard.PlatformQueues(
        "queues",
        {
            "flavors": [{"name": "l4", "node_labels": {"modelyard.dev/pool": "l4"}}],
            "priorities": [{"name": "normal", "value": 100, "description": "Work that can wait."}],
        },
        pulumi.ResourceOptions(providers=[cluster.provider], depends_on=kueue.ready),
    )
    team = yard.TeamQueue(
        "research",
        {"ownership": TEAM, "quota": {"cpus": 32, "memory_gib": 128, "gpus": 4}, "flavor": "l4"},
        inside,
    )
    volume: yard.VolumeArgs = {"claim": "prose", "size_gib": 20, "storage_class": "managed-premium"}
    tune = yard.FineTuneWorkspace(
        "prose",
        {
            "ownership": TEAM,
            "namespace": team.namespace,
            "queue": team.queue,
            "image": "registry.example/train@sha256:0",
            "preset": "gpt2",
            "train_data": "pvc://prose/data/train.txt",
            "results": "pvc://prose/results",
            "volumes": [volume],
            "worker": WORKER,
        },
        inside,
    )
    serve = yard.ServeWorkspace(
        "prose-server",
        {
            "ownership": TEAM,
            "namespace": team.namespace,
            "queue": team.queue,
            "image": "registry.example/serve@sha256:0",
            "result": tune.result_uri,
            "claims": ["prose"],
            "replica": WORKER,
        },
        inside,
    )
    pulumi.export("endpoint", serve.endpoint)


def faults(error: yard.ArgumentError) -> list[str]:
    return [f"{fault.argument}: {fault.rule}" for fault in error.faults]
