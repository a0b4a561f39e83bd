"""Resources that a ROSA cluster and its GPU pools register."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.common.errors import ArgumentError
from modelyard.components.rosa import ocm
from modelyard.components.rosa.cluster.component import RosaCluster
from modelyard.components.rosa.cluster.spec import validate_cluster
from modelyard.components.rosa.machine_pool.component import RosaGpuMachinePool
from modelyard.components.rosa.machine_pool.spec import validate_node_pool
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider
from modelyard.components.rosa.ocm.resources.identity_provider import IdentityProviderProvider
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePoolProvider
from modelyard.components.testing import SECRET, Recorder, compare
from modelyard.workloads.hardware import catalogue

GOLDENS = Path(__file__).parent / "goldens"
OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "region": "us-east-1",
    "zones": ["us-east-1a", "us-east-1b"],
    "account_id": "123456789012",
    "creator_arn": "arn:aws:iam::123456789012:user/platform",
    "version": "4.20.1",
}
POOL: dict[str, Any] = {"ownership": OWNERSHIP, "instance_type": "g6.4xlarge", "max_nodes": 4}
OPTIONS: dict[str, Any] = {
    "delete_protection": True,
    "upgrade_schedule": "0 3 * * 6",
    "budget": {"amount_per_month": 5000, "emails": ["gpu-costs@example.com"]},
    "spot_queue": True,
    "repositories": ["train"],
    "identity_providers": [
        {"name": "people", "users": [{"username": "ada", "password": "Very-secret-password-1"}]},
        {
            "name": "entra",
            "open_id": {
                "issuer": "https://login.example/tenant/v2.0",
                "client_id": "openshift",
                "client_secret": "very-secret",
                "claims": {"groups": ["groups"]},
            },
        },
    ],
    "admins": ["ada"],
}
USER = {"username": "ada", "password": "Very-secret-password-1"}
OPEN_ID = {"issuer": "https://login.example/", "client_id": "openshift", "client_secret": "very-secret"}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/spot"

_OUTPUTS: dict[str, dict[str, Any]] = {
    "OidcConfig": {"issuer_url": "https://oidc.example/1", "thumbprint": "ab"},
    "SupportPrincipal": {"arn": "arn:aws:iam::710019948333:role/RH-Technical-Support-1"},
    "ClusterAccess": {"kubeconfig": "very-secret", "server": "https://api.example"},
    "HcpClusterReady": {"console_url": "https://console.example", "api_url": "https://api.example"},
}


class Cloud(Recorder):
    """Recorder with the outputs that only the providers know."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        number, state = super().new_resource(args)
        kind = args.typ.rpartition(":")[2]
        number = args.inputs["cluster_id"] if kind == "HcpClusterReady" else number  # as its provider answers
        return number, {**state, "arn": f"arn:aws:test:::{args.name}", **_OUTPUTS.get(kind, {})}


@pytest.fixture
def cloud() -> Cloud:
    registered = Cloud.installed()
    assert isinstance(registered, Cloud)
    return registered


def inputs(cloud: Recorder, kind: str) -> list[dict[str, Any]]:
    return [resource.inputs for resource in cloud.registered if resource.type.rpartition(":")[2] == kind]


def bare(inputs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != "__provider"}


def test_cluster_and_pool_match_the_golden_file(cloud: Cloud):
    cluster = RosaCluster("gpu1", {**CLUSTER, **OPTIONS})  # type: ignore[typeddict-item]
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference, "pod_pids_limit": 8192})  # type: ignore[typeddict-item]
    cloud.finish()
    registered = {f"{resource.type}::{resource.name}": bare(resource.inputs) for resource in cloud.registered}
    compare(registered, GOLDENS / "rosa.json")
    assert "very-secret" not in json.dumps(registered).lower()


def test_registered_inputs_pass_the_check_of_the_providers(cloud: Cloud):
    cluster = RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference})  # type: ignore[typeddict-item]
    cloud.finish()
    assert HcpClusterProvider().check({}, inputs(cloud, "HcpCluster")[0]).failures == []
    assert HcpNodePoolProvider().check({}, inputs(cloud, "HcpNodePool")[0]).failures == []


def test_preview_needs_no_credentials():
    cloud = Cloud.installed(preview=True)
    cluster = RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference})  # type: ignore[typeddict-item]
    cloud.finish()
    assert len(inputs(cloud, "HcpNodePool")) == 1


def test_every_role_has_its_managed_policy_and_trust(cloud: Cloud):
    RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    cloud.finish()
    roles = {item["name"]: json.loads(item["assumeRolePolicy"]) for item in inputs(cloud, "Role")}
    assert len(roles) == 11
    csi = roles["gpu1-openshift-cluster-csi-drivers-ebs-cloud-credentials"]["Statement"][0]
    assert csi["Condition"]["StringEquals"] == {
        "oidc.example/1:sub": [
            "system:serviceaccount:openshift-cluster-csi-drivers:aws-ebs-csi-driver-operator",
            "system:serviceaccount:openshift-cluster-csi-drivers:aws-ebs-csi-driver-controller-sa",
        ]
    }
    assert roles["gpu1-HCP-ROSA-Support-Role"]["Statement"][0]["Principal"] == {
        "AWS": "arn:aws:iam::710019948333:role/RH-Technical-Support-1"
    }
    assert len(inputs(cloud, "RolePolicyAttachment")) == 11
    assert all(len(name) <= 64 for name in roles)


def test_existing_subnets_create_no_network(cloud: Cloud):
    existing = {"private": {"us-east-1a": "subnet-1", "us-east-1b": "subnet-2"}}
    RosaCluster("gpu1", {**CLUSTER, "existing_subnets": existing})  # type: ignore[typeddict-item]
    cloud.finish()
    assert inputs(cloud, "HcpCluster")[0]["aws"]["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert not [resource for resource in cloud.registered if resource.type.startswith("aws:ec2/")]


def test_machine_sold_only_in_blocks_needs_a_reservation(cloud: Cloud):
    ohio = {**CLUSTER, "region": "us-east-2", "zones": ["us-east-2a", "us-east-2b"]}
    cluster = RosaCluster("gpu1", ohio)  # type: ignore[arg-type]
    blocks: dict[str, Any] = {**POOL, "cluster": cluster.reference, "instance_type": "p5e.48xlarge"}
    with pytest.raises(ArgumentError, match="has no on-demand price, it is sold in Capacity Blocks"):
        RosaGpuMachinePool("h200", blocks)  # type: ignore[arg-type]
    RosaGpuMachinePool("h200", {**blocks, "capacity_reservation": "cr-1", "capacity_blocks": True})  # type: ignore[typeddict-item]
    cloud.finish()
    assert inputs(cloud, "HcpNodePool")[0]["aws_node_pool"]["capacity_reservation"] == {
        "id": "cr-1",
        "market_type": "CapacityBlocks",
        "preference": "capacity-reservations-only",
    }


def test_default_price_of_spot_is_the_price_on_demand(cloud: Cloud):
    cluster = RosaCluster("gpu1", {**CLUSTER, "spot_queue_url": QUEUE})  # type: ignore[typeddict-item]
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference, "spot": True})  # type: ignore[typeddict-item]
    cloud.finish()
    price = inputs(cloud, "HcpNodePool")[0]["aws_node_pool"]["spot_market_options"]["max_price"]
    assert float(price) == pytest.approx(catalogue.find_instance_type("g6.4xlarge").price("us-east-1"), abs=1e-4)


def test_child_options_use_the_clusters_provider(cloud: Cloud):
    cluster = RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    pulumi.ComponentResource("test:index:Inside", "inside", None, cluster.child_options())
    options = cluster.child_options()
    cloud.finish()
    assert options.deleted_with is cluster.managed
    assert options.providers == [cluster.provider]
    assert options.depends_on == cluster.ready


def test_password_outputs_stay_secret_and_are_checked_later(cloud: Cloud):
    hidden = {**USER, "password": pulumi.Output.secret("Very-secret-password-1")}
    RosaCluster("gpu1", {**CLUSTER, "identity_providers": [{"name": "people", "users": [hidden]}]})  # type: ignore[typeddict-item]
    cloud.finish()
    [people] = inputs(cloud, "IdentityProvider")
    assert people["htpasswd"] == SECRET
    clear = {**people, "htpasswd": {"users": {"items": [USER]}}}
    assert IdentityProviderProvider().check({}, clear).failures == []
    weak = {**people, "htpasswd": {"users": {"items": [{**USER, "password": "secret"}]}}}
    [failure] = IdentityProviderProvider().check({}, weak).failures
    assert failure.reason == (
        "htpasswd.users: the password of 'ada' must have at least 14 characters of ASCII, without spaces"
    )


def test_pool_keeps_its_dependencies_in_the_state(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    seen: list[Any] = []
    original = pulumi.dynamic.Resource.__init__

    def record(self: Any, provider: Any, name: str, props: Any, opts: Any) -> None:
        if name == "l4" and "aws_node_pool" in props:
            seen.extend(opts.depends_on)
        original(self, provider, name, props, opts)

    cluster = RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    monkeypatch.setattr(pulumi.dynamic.Resource, "__init__", record)
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference}, cluster.child_options())  # type: ignore[typeddict-item]
    cloud.finish()
    assert seen == cluster.ready


def test_spot_pool_has_a_price_and_a_queue(cloud: Cloud):
    cluster = RosaCluster("gpu1", {**CLUSTER, "spot_queue_url": QUEUE})  # type: ignore[typeddict-item]
    RosaGpuMachinePool("l4", {**POOL, "cluster": cluster.reference, "spot": True, "max_price": 1.2})  # type: ignore[typeddict-item]
    cloud.finish()
    assert inputs(cloud, "HcpNodePool")[0]["aws_node_pool"]["spot_market_options"] == {"max_price": "1.2"}
    assert inputs(cloud, "HcpCluster")[0]["aws"]["termination_handler_queue_url"] == QUEUE


def test_documented_tables_are_those_of_the_providers():
    page = (Path(__file__).resolve().parents[3] / "docs" / "components" / "rosa.md").read_text()
    assert page.endswith(fields.markdown())


def test_ocm_package_exports_its_names():
    assert ocm.__all__ == sorted(ocm.__all__)
    assert all(hasattr(ocm, name) for name in ocm.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = ocm.Nothing


def test_component_takes_a_spec_instead_of_validating_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    spec = validate_cluster("gpu1", CLUSTER)  # type: ignore[arg-type]
    pool_args: Any = {**POOL, "cluster": spec.reference("c1", {"us-east-1a": "subnet-a"})}
    pool_spec = validate_node_pool("l4", pool_args)

    def refuse(*_: object) -> None:
        raise AssertionError("validated again")

    monkeypatch.setattr("modelyard.components.rosa.cluster.component.validate_cluster", refuse)
    monkeypatch.setattr("modelyard.components.rosa.machine_pool.component.validate_node_pool", refuse)
    RosaCluster("gpu1", CLUSTER, spec=spec)  # type: ignore[arg-type]
    RosaGpuMachinePool("l4", pool_args, spec=pool_spec)
    cloud.finish()

    assert inputs(cloud, "HcpNodePool")[0]["subnet"] == "subnet-a"
