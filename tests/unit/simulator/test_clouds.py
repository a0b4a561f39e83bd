"""Decisions of the simulated clouds without an engine: types, faults, previews, the account's file."""

import threading
from typing import Any, NamedTuple

import pytest

from simulator.clouds import faults, settings
from simulator.clouds.account import Account, Contents, make_uuid
from simulator.clouds.aws import AWS
from simulator.clouds.checking import find_faults
from simulator.clouds.errors import CloudError
from simulator.clouds.operations import Operations
from simulator.clouds.planning import planned_outputs
from simulator.clouds.references import values
from simulator.clouds.requests import Request
from simulator.clouds.resource_type import AccountScope
from simulator.clouds.schemas import ResourceSchema
from tools.plugins.answers import ProviderError
from tools.plugins.wire import UNKNOWN, Secret

SCHEMA = ResourceSchema(
    inputs={
        "count": "integer",
        "mode": {"enum": ["User", "System"]},
        "taints": {"list": "string"},
        "labels": {"map": "string"},
        "disk": {"object": "DiskArgs"},
    },
    required=("count",),
    outputs={"count": "integer", "address": "string", "disk": {"object": "Disk"}},
    objects={
        "DiskArgs": {"properties": {"size": "integer"}, "required": ["size"]},
        "Disk": {"properties": {"size": "integer", "serial": "string"}, "required": []},
    },
)


class InputsCase(NamedTuple):
    inputs: dict[str, Any]
    faults: list[tuple[str, str]]
    """Path and sentence of each fault."""


INPUTS = {
    "all types": InputsCase(
        {"count": 1, "mode": "user", "taints": ["a"], "labels": {"a": "b"}, "disk": {"size": 3}}, []
    ),
    "unknown values": InputsCase({"count": UNKNOWN, "mode": Secret(UNKNOWN)}, []),
    "note of the provider": InputsCase({"count": 1, "__note": True}, []),
    "missing": InputsCase({}, [("count", "missing required property 'count'")]),
    "misspelt": InputsCase({"count": 1, "coutn": 1}, [("coutn", "unknown property 'coutn'; did you mean 'count'?")]),
    "text for a number": InputsCase({"count": "1"}, [("count", "'count': expected type integer, got a string")]),
    "boolean for a number": InputsCase({"count": True}, [("count", "'count': expected type integer, got a boolean")]),
    "no value of the enum": InputsCase(
        {"count": 1, "mode": "Spot"}, [("mode", "'mode': got 'Spot'; allowed: User, System")]
    ),
    "text for a list": InputsCase({"count": 1, "taints": "a"}, [("taints", "'taints': expected a list, got a string")]),
    "misspelt in an object": InputsCase(
        {"count": 1, "disk": {"sizee": 1}},
        [
            ("disk.size", "missing required property 'disk.size'"),
            ("disk.sizee", "unknown property 'disk.sizee'; did you mean 'size'?"),
        ],
    ),
}


@pytest.mark.parametrize("case", INPUTS.values(), ids=INPUTS)
def test_inputs_are_compared_with_the_types_of_the_sdk(case: InputsCase):
    assert list(find_faults(case.inputs, SCHEMA)) == case.faults


def test_lenient_cloud_reads_numbers_from_text():
    assert not list(find_faults({"count": "3"}, SCHEMA, lenient=True))
    assert list(find_faults({"count": "three"}, SCHEMA, lenient=True))


def test_open_enum_takes_other_values_where_the_service_does():
    schema = ResourceSchema({"stream": {"enum": ["Event"], "open": True}}, (), {}, {})

    assert list(find_faults({"stream": "Metrics"}, schema))
    assert not list(find_faults({"stream": "Metrics"}, schema, closed=False))


def test_preview_knows_inputs_and_nothing_else():
    outputs = planned_outputs({"count": 2, "disk": {"size": 3}}, SCHEMA, {})

    assert outputs == {"count": 2, "address": UNKNOWN, "disk": {"size": 3, "serial": UNKNOWN}}


def test_input_of_another_output_type_is_unknown():
    schema = ResourceSchema({"identities": {"list": "string"}}, (), {"identities": {"map": "any"}}, {})

    assert planned_outputs({"identities": ["one"]}, schema, {}) == {"identities": UNKNOWN}


def test_fault_strikes_as_often_as_declared(tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text("faults: [{operation: create, type: '*:AgentPool', name: 'gpu*', fault: quota, times: 2}]")
    declared = faults.read(file)
    contents = Contents({})

    strikes = [declared.strike(contents, "create", "azure-native:containerservice:AgentPool", "gpu1") for _ in range(3)]

    assert [bool(fault) for fault in strikes] == [True, True, False]
    assert declared.strike(contents, "create", "azure-native:containerservice:AgentPool", "cpu") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("faults: [{fault: qouta}]", r"faults\[0\]\.fault: got 'qouta'; allowed: quota, ", id="kind"),
        pytest.param("faults: [{falt: quota}]", r"faults\[0\]: expected an object with fault, ", id="key"),
        pytest.param("faults: [{fault: quota, operation: up}]", "'up'; allowed: create, update", id="operation"),
        pytest.param("faults: [", "expected YAML", id="syntax"),
    ],
)
def test_invalid_fault_is_refused(tmp_path, text, message):
    file = tmp_path / "faults.yaml"
    file.write_text(text)

    with pytest.raises(ProviderError, match=message):
        faults.read(file)


def test_failed_transaction_leaves_the_account_unchanged(tmp_path):
    account = Account(tmp_path / "clouds", "aws")
    with account.open() as contents:
        first = contents.serial()

    def fail():
        with account.open() as contents:
            contents.serial()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    with account.open() as contents:
        second = contents.serial()

    assert (first, second) == (1, 2)
    assert account.file.stat().st_mode & 0o777 == 0o600


def test_ids_are_uuids_that_never_change():
    assert make_uuid("a", "b") == make_uuid("a", "b") != make_uuid("a", "c")
    assert [len(part) for part in make_uuid("a").split("-")] == [8, 4, 4, 4, 12]


def test_paths_reach_into_lists_and_objects():
    inputs = {"pools": [{"subnet": "one"}, {"subnet": "two"}, {}], "subnet": {"id": "three"}, "ids": ["four"]}

    assert list(values(inputs, "pools[*].subnet")) == ["one", "two"]
    assert list(values(inputs, "subnet.id")) == ["three"]
    assert list(values(inputs, "ids[*]")) == ["four"]
    assert list(values(inputs, "absent.id")) == []


def test_simulation_needs_its_setting(tmp_path):
    with pytest.raises(settings.SimulationNotRequestedError, match="only simulates"):
        settings.read({}, "aws")

    assert settings.read({settings.FOLDER: str(tmp_path)}, "aws").faults == tmp_path / "faults.yaml"


def test_bucket_setting_is_overwritten_and_a_bucket_is_not(tmp_path):
    operations = Operations(
        AWS,
        Account(tmp_path, "aws"),
        faults.Faults(),
        AccountScope("123456789012", "eu-west-1"),
        tell=lambda *_: None,
        cancelled=threading.Event(),
    )
    bucket, versioning = AWS.types["aws:s3/bucket:Bucket"], AWS.types["aws:s3/bucketVersioning:BucketVersioning"]
    operations.create(bucket, Request({"bucket": "models"}))

    first = operations.create(
        versioning, Request({"bucket": "models", "versioningConfiguration": {"status": "Enabled"}})
    )
    again = operations.create(versioning, Request({"bucket": "models", "versioningConfiguration": {"status": "Off"}}))

    assert again.identifier == first.identifier
    assert again.inputs["versioningConfiguration"] == {"status": "Off"}
    with pytest.raises(CloudError, match="adopt it with `pulumi import`"):
        operations.create(bucket, Request({"bucket": "models"}))
