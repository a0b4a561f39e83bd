"""Azure's containers for models, and the identities that may use them."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.components.azure.identity import AzureWorkloadIdentity
from modelyard.components.azure.role import AzureRole, definition
from modelyard.components.azure.storage import AzureModelContainers
from modelyard.components.common.errors import ArgumentError
from modelyard.components.testing import Recorder, compare

from tests.components.azure.recorded import SUBSCRIPTION, args_class, azure_engine, unknown_properties

GOLDENS = Path(__file__).parent / "goldens"
OWNERSHIP = {"team": "team-a", "owner": "team-a-leads", "cost_center": "cc-1", "environment": "dev"}
STORAGE: dict[str, Any] = {"ownership": OWNERSHIP, "resource_group": "models", "location": "westeurope"}
IDENTITY: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "resource_group": "models",
    "location": "westeurope",
    "oidc_issuer": "https://westeurope.oic.azure.com/gpu-dev/",
    "service_account": "trainer",
    "container": f"{SUBSCRIPTION}/resourceGroups/models/containers/checkpoints",
}


def registered(make: Any, args: dict[str, Any]) -> tuple[Recorder, Any]:
    engine = azure_engine()
    made = make("team-a", args)
    engine.finish()
    return engine, made


@pytest.mark.parametrize(
    ("case", "make", "args"),
    [
        ("azure-model-containers", AzureModelContainers, {**STORAGE, "subnets": [f"{SUBSCRIPTION}/subnets/nodes"]}),
        ("azure-workload-identity", AzureWorkloadIdentity, IDENTITY),
    ],
)
def test_what_is_registered_is_the_golden_file_and_known_to_the_sdk(case: str, make: Any, args: dict[str, Any]):
    engine, _ = registered(make, args)
    for one in engine.registered:
        if one.type.startswith("azure-native:"):
            assert unknown_properties(args_class(one.type), one.inputs) == [], one.type
    compare({f"{one.type} {one.name}": one.inputs for one in engine.registered}, GOLDENS / f"{case}.json")


@pytest.mark.parametrize("keep", [True, False])
def test_models_are_protected_and_stay_unless_said_otherwise(keep, monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, tuple[Any, Any]] = {}
    original = pulumi.CustomResource.__init__

    def noting(self: Any, token: str, name: str, *rest: Any, **more: Any) -> None:
        opts = next(one for one in (*rest, *more.values()) if isinstance(one, pulumi.ResourceOptions))
        seen[name] = (bool(opts.protect), bool(opts.retain_on_delete))
        original(self, token, name, *rest, **more)

    monkeypatch.setattr(pulumi.CustomResource, "__init__", noting)
    registered(AzureModelContainers, STORAGE if keep else {**STORAGE, "keep": False})
    assert {seen[name] for name in ("team-a-account", "team-a-models", "team-a-checkpoints")} == {(keep, keep)}


def test_a_reader_gets_the_readers_role():
    engine, _ = registered(AzureWorkloadIdentity, {**IDENTITY, "read_only": True})
    [right] = [one.inputs for one in engine.registered if one.type.endswith(":RoleAssignment")]
    assert right["roleDefinitionId"].endswith(AzureRole.BLOB_DATA_READER.value)
    assert right["scope"] == IDENTITY["container"]


def test_a_trainer_may_read_further_containers():
    models = f"{SUBSCRIPTION}/resourceGroups/models/containers/models"
    engine, _ = registered(AzureWorkloadIdentity, {**IDENTITY, "read_containers": [models]})
    rights = {one.name: one.inputs for one in engine.registered if one.type.endswith(":RoleAssignment")}
    assert set(rights) == {"team-a-container", "team-a-reads-0"}
    assert rights["team-a-reads-0"]["scope"] == models
    assert rights["team-a-reads-0"]["roleDefinitionId"].endswith(AzureRole.BLOB_DATA_READER.value)
    assert rights["team-a-container"]["roleDefinitionId"].endswith(AzureRole.BLOB_DATA_CONTRIBUTOR.value)
    assert len({one["roleAssignmentName"] for one in rights.values()}) == 2


def test_a_role_is_looked_for_in_the_subscription_of_its_scope():
    assert definition("/subscriptions/s/resourceGroups/g", AzureRole.ACR_PULL) == (
        "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    )
    with pytest.raises(ValueError, match="is not the id of an Azure resource"):
        definition("gpu-dev", AzureRole.ACR_PULL)


@pytest.mark.parametrize(
    ("make", "args", "message"),
    [
        (AzureModelContainers, {**STORAGE, "containers": ["Models"]}, "the name of a blob container is"),
        (AzureModelContainers, {**STORAGE, "account_name": "my-models"}, "the name of a storage account is"),
        (AzureModelContainers, {**STORAGE, "location": "westus", "zone_redundant": True}, "has no availability zones"),
        (AzureModelContainers, {**STORAGE, "location": "europe"}, "is no region"),
        (AzureModelContainers, {**STORAGE, "deleted_days": 0}, "is 1 to 365"),
        (AzureWorkloadIdentity, {**IDENTITY, "service_account": "Trainer"}, "is a DNS label"),
    ],
)
def test_what_azure_would_refuse_is_refused_before_anything_is_registered(make, args, message):
    engine = azure_engine()
    with pytest.raises(ArgumentError, match=message):
        make("team-a", args)
    assert engine.registered == []
