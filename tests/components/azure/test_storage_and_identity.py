"""Containers for models, identities of workloads, and their roles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pulumi
import pytest
from modelyard.components.azure.identity import AzureRole, AzureWorkloadIdentity, role_definition_id
from modelyard.components.azure.storage import AzureModelContainers
from modelyard.components.common.errors import ArgumentError
from modelyard.components.testing import compare

from tests.components.azure.recorded import (
    SUBSCRIPTION,
    azure_engine,
    golden,
    inputs,
    record,
    unknown_inputs,
)

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


@pytest.mark.parametrize(
    ("name", "component", "args"),
    [
        ("azure-model-containers", AzureModelContainers, {**STORAGE, "subnets": [f"{SUBSCRIPTION}/subnets/nodes"]}),
        ("azure-workload-identity", AzureWorkloadIdentity, IDENTITY),
    ],
)
def test_registered_inputs_are_the_golden_file(name: str, component: Callable[..., Any], args: dict[str, Any]):
    engine = record(component, "team-a", args)
    unknown = unknown_inputs(engine)
    assert unknown == {resource: [] for resource in unknown} != {}
    compare(golden(engine), GOLDENS / f"{name}.json")


@pytest.mark.parametrize("keep", [True, False])
def test_models_are_kept_unless_keep_is_false(keep, options: dict[str, pulumi.ResourceOptions]):
    record(AzureModelContainers, "team-a", STORAGE if keep else {**STORAGE, "keep": False})
    kept = [
        options[name]
        for name in (
            "StorageAccount team-a-account",
            "BlobContainer team-a-models",
            "BlobContainer team-a-checkpoints",
        )
    ]
    assert {(bool(opts.protect), bool(opts.retain_on_delete)) for opts in kept} == {(keep, keep)}


def test_a_reader_gets_the_role_of_a_reader():
    engine = record(AzureWorkloadIdentity, "team-a", {**IDENTITY, "read_only": True})
    assignment = inputs(engine, "RoleAssignment")
    assert assignment["roleDefinitionId"].endswith(AzureRole.BLOB_DATA_READER.value)
    assert assignment["scope"] == IDENTITY["container"]


def test_a_trainer_may_read_further_containers():
    models = f"{SUBSCRIPTION}/resourceGroups/models/containers/models"
    engine = record(AzureWorkloadIdentity, "team-a", {**IDENTITY, "read_containers": [models]})
    assignments = {
        resource.name: resource.inputs for resource in engine.registered if resource.type.endswith(":RoleAssignment")
    }
    roles = {
        name: (assignment["scope"], assignment["roleDefinitionId"].rpartition("/")[2])
        for name, assignment in assignments.items()
    }
    assert roles == {
        "team-a-container": (IDENTITY["container"], AzureRole.BLOB_DATA_CONTRIBUTOR.value),
        "team-a-reads-0": (models, AzureRole.BLOB_DATA_READER.value),
    }
    assert len({assignment["roleAssignmentName"] for assignment in assignments.values()}) == 2


def test_a_role_is_defined_in_the_subscription_of_its_scope():
    assert role_definition_id("/subscriptions/s/resourceGroups/g", AzureRole.ACR_PULL) == (
        "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    )
    with pytest.raises(ValueError, match="'gpu-dev' must be the id of an Azure resource"):
        role_definition_id("gpu-dev", AzureRole.ACR_PULL)


class Refusal(NamedTuple):
    """Component, its arguments, and the message after `team-a: `."""

    component: Callable[..., Any]
    args: dict[str, Any]
    message: str


NAMES = "Azure, naming rules and restrictions for Azure resources"
REGIONS = "Azure reliability, list of regions"

REFUSALS = [
    Refusal(
        AzureModelContainers,
        {**STORAGE, "containers": ["models", "Checkpoints"]},
        "containers[1] = 'Checkpoints': must be a blob container name: 3 to 63 lower-case letters, digits and single "
        f"'-', with a letter or digit at both ends ({NAMES})",
    ),
    Refusal(
        AzureModelContainers,
        {**STORAGE, "account_name": "my-models"},
        f"account_name = 'my-models': must be a storage account name: 3 to 24 lower-case letters and digits ({NAMES})",
    ),
    Refusal(
        AzureModelContainers,
        {**STORAGE, "location": "westus", "zone_redundant": True},
        f"zone_redundant = True: must be false: region westus has no availability zones ({REGIONS})",
    ),
    Refusal(
        AzureModelContainers,
        {**STORAGE, "location": "europe"},
        "location = 'europe': must be a region of Azure's public cloud; did you mean 'westeurope' or 'northeurope'? "
        f"({REGIONS})",
    ),
    Refusal(
        AzureModelContainers,
        {**STORAGE, "deleted_days": 0},
        "deleted_days = 0: must be 1 to 365 (Azure, soft delete for blobs)",
    ),
    Refusal(
        AzureWorkloadIdentity,
        {**IDENTITY, "service_account": "Trainer"},
        "service_account = 'Trainer': must be a DNS label: at most 63 lower-case letters, digits and '-' (Kubernetes, "
        "RFC 1123 labels)",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=[refusal.message.partition(" =")[0] for refusal in REFUSALS])
def test_a_broken_rule_is_refused_before_registering(refusal: Refusal):
    engine = azure_engine()
    with pytest.raises(ArgumentError) as error:
        refusal.component("team-a", refusal.args)
    assert str(error.value) == f"team-a: {refusal.message}"
    assert engine.registered == []
