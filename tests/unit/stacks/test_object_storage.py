"""Buckets of an environment: who keeps them, who may use them, and what of them is refused."""

import json
from typing import Any

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.read import read_environment

from tests.unit.stacks.conftest import environment
from tests.unit.stacks.orders import Orders
from tests.unit.stacks.test_program import composed, once

Given = dict[str, Any]

KEPT = {
    "aks": ("ResourceGroup", "StorageAccount", "BlobContainer"),
    "rosa": ("Bucket", "Key"),
}


def buckets(name: str, /, **values: Any) -> Given:
    given = environment(name)
    given["storage"]["buckets"] = values
    return given


def refused(name: str, given: Given) -> str:
    with pytest.raises(EnvironmentFileError) as refused:
        read_environment(given, f"Pulumi.{name}.yaml")
    return str(refused.value)


@pytest.mark.parametrize("cloud", KEPT)
@pytest.mark.parametrize("size", ["dev", "prod"])
def test_models_of_production_outlive_their_stack(monkeypatch: pytest.MonkeyPatch, cloud: str, size: str):
    orders = Orders(monkeypatch)
    composed(f"{cloud}-{size}", "")
    own = [
        resource
        for resource in orders.requests.values()
        if resource.type.rpartition(":")[2] in KEPT[cloud] and resource.name.startswith(f"{cloud}-{size}-storage")
    ]

    assert len(own) >= 3
    assert {(resource.protect, resource.retainOnDelete) for resource in own} == {(size == "prod", size == "prod")}


def test_azure_containers_have_a_resource_group_of_their_own():
    engine, _ = once("aks-prod")
    account, cluster = (
        next(
            resource.inputs["resourceGroupName"] for resource in engine.registered if resource.type.endswith(f":{kind}")
        )
        for kind in ("StorageAccount", "ManagedCluster")
    )

    assert (account, cluster) == ("aks-prod-storage", "aks-prod")


def test_azure_trainers_write_checkpoints_servers_read_models():
    engine, _ = once("aks-prod")
    rights = {
        resource.name: resource.inputs for resource in engine.registered if resource.type.endswith(":RoleAssignment")
    }
    trainer, server = rights["team-a-prose-container"], rights["team-b-assistant-container"]

    assert trainer["scope"].endswith("aks-prod-storage-checkpoints")
    assert trainer["roleDefinitionId"].endswith("ba92f5b4-2d11-453d-a403-e96b0029c9fe")  # Blob Data Contributor
    assert rights["team-a-prose-reads-0"]["scope"].endswith("aks-prod-storage-models")
    assert server["scope"].endswith("aks-prod-storage-models")
    assert "team-b-assistant-reads-0" not in rights
    assert server["roleDefinitionId"].endswith("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")  # Blob Data Reader


def test_aws_trainers_write_checkpoints_servers_read_models():
    engine, _ = once("rosa-prod")
    rights = {
        resource.name: json.loads(resource.inputs["policy"])["Statement"]
        for resource in engine.registered
        if resource.type.endswith(":RolePolicy")
    }
    written = {name: _resources(policy, "s3:PutObject") for name, policy in rights.items()}
    there = {name: _resources(policy, "s3:GetObject") for name, policy in rights.items()}

    assert written == {
        "team-a-prose-bucket": ["arn:aws:test:::rosa-prod-storage-checkpoints/team-a/*"],
        "team-b-assistant-bucket": [],
    }
    assert there["team-b-assistant-bucket"] == ["arn:aws:test:::rosa-prod-storage-models/*"]
    assert "arn:aws:test:::rosa-prod-storage-models/*" in there["team-a-prose-bucket"]


@pytest.mark.parametrize(
    ("name", "annotation", "label"),
    [
        ("aks-prod", "azure.workload.identity/client-id", {"azure.workload.identity/use": "true"}),
        ("rosa-prod", "eks.amazonaws.com/role-arn", {}),
    ],
)
def test_pods_get_their_identity_by_their_service_account(name: str, annotation: str, label: dict[str, str]):
    engine, _ = once(name)
    trust = [resource for resource in engine.registered if resource.name.startswith("team-a-prose")]
    account = engine.objects["ServiceAccount/team-a/prose"]["metadata"]
    job = next(body for key, body in engine.objects.items() if key.startswith("RayJob/team-a/prose-"))
    head = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]
    policy = engine.objects["NetworkPolicy/team-a/prose"]["spec"]["egress"]

    assert "team-a-prose" in account["annotations"][annotation]
    assert "system:serviceaccount:team-a:prose" in repr([resource.inputs for resource in trust])
    assert head["spec"]["serviceAccountName"] == "prose"
    assert label.items() <= head["metadata"]["labels"].items()
    assert any("ipBlock" in peer for rule in policy for peer in rule["to"])


def test_pods_without_buckets_have_no_cloud_identity():
    given = environment("rosa-dev")["storage"]
    engine, outputs = composed("rosa-dev", "", storage={"storage_class": given["storage_class"]})

    assert "annotations" not in engine.objects["ServiceAccount/team-a/prose"]["metadata"] or not [
        key
        for key in engine.objects["ServiceAccount/team-a/prose"]["metadata"]["annotations"]
        if key.startswith("eks.amazonaws.com")
    ]
    assert "storage" not in outputs
    assert not [resource for resource in engine.registered if resource.type.startswith("aws:s3/")]


REFUSED = [
    ("aks-prod", {"keep": False}, "storage.buckets.keep = False: models of a production environment are kept"),
    ("rosa-prod", {"keep": False}, "storage.buckets.keep = False: models of a production environment are kept"),
    ("aks-dev", {"name": "Models"}, "storage.buckets.name = 'Models': "),
    ("rosa-dev", {"name": "sthree-models"}, "storage.buckets.name = 'sthree-models': must not begin with"),
    ("rosa-dev", {"deleted_days": 0}, "storage.buckets.deleted_days = 0: "),
    ("aks-dev", {"deleted_days": 366}, "storage.buckets.deleted_days = 366: "),
    ("existing", {}, "storage.buckets: kind 'existing' creates no buckets; 'aks' and 'rosa' do"),
    ("local", {"kep": True}, "storage.buckets.kep: unknown key; did you mean 'keep'?"),
]


@pytest.mark.parametrize(("name", "values", "line"), REFUSED)
def test_refused_buckets_name_the_key(name: str, values: Given, line: str):
    assert line in refused(name, buckets(name, **values))


@pytest.mark.parametrize(
    ("uri", "line"),
    [
        ("s3://rosa-dev-checkpoints/prose", "teams[0].workspaces[0].results = 's3://rosa-dev-checkpoints/prose': "),
        ("abfs://checkpoints@account/prose", "teams[0].workspaces[0].results = 'abfs://checkpoints@account/prose': "),
    ],
)
@pytest.mark.parametrize("name", ["aks-dev", "rosa-dev"])
def test_results_in_a_bucket_are_refused(name: str, uri: str, line: str):
    given = environment(name)
    given["teams"][0]["workspaces"][0]["results"] = uri
    assert line in refused(name, given)


def _resources(policy: list[dict[str, Any]], action: str) -> list[str]:
    return [
        resource
        for statement in policy
        if action in statement["Action"]
        for resource in statement["Resource"]
        if resource.endswith("*")
    ]
