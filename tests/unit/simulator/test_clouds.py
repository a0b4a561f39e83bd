"""What the simulated clouds decide without an engine: types, faults, previews, the account's file."""

import threading

import pytest

from simulator.clouds import faults, settings
from simulator.clouds.account import Account, Contents, uuid_of
from simulator.clouds.aws import AWS
from simulator.clouds.checking import problems
from simulator.clouds.errors import CloudError
from simulator.clouds.operations import Operations
from simulator.clouds.planning import planned_outputs
from simulator.clouds.references import values
from simulator.clouds.requests import Request
from simulator.clouds.resource_type import Place
from simulator.clouds.shapes import Shape
from tools.plugins.answers import ProviderError
from tools.plugins.wire import UNKNOWN, Secret

SHAPE = Shape(
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


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        ({"count": 1, "mode": "user", "taints": ["a"], "labels": {"a": "b"}, "disk": {"size": 3}}, []),
        ({"count": UNKNOWN, "mode": Secret(UNKNOWN)}, []),
        ({"count": 1, "__note": True}, []),
        ({}, ["missing required property 'count'"]),
        ({"count": 1, "coutn": 1}, ["unknown property 'coutn'; did you mean 'count'?"]),
        ({"count": "1"}, ["'count' should be of type integer but is a string"]),
        ({"count": True}, ["'count' should be of type integer but is a boolean"]),
        ({"count": 1, "mode": "Spot"}, ["'mode' is 'Spot'; allowed: User, System"]),
        ({"count": 1, "taints": "a"}, ["'taints' should be a list but is a string"]),
        (
            {"count": 1, "disk": {"sizee": 1}},
            ["missing required property 'disk.size'", "unknown property 'disk.sizee'"],
        ),
    ],
)
def test_inputs_are_compared_with_the_types_of_the_sdk(inputs, wanted):
    found = [reason for _, reason in problems(inputs, SHAPE)]

    assert len(found) == len(wanted)
    for reason, start in zip(found, wanted, strict=True):
        assert reason.startswith(start)


def test_lenient_cloud_reads_scalars_from_text_but_no_nonsense():
    assert not list(problems({"count": "3"}, SHAPE, lenient=True))
    assert list(problems({"count": "three"}, SHAPE, lenient=True))


def test_open_enum_takes_other_values_where_the_service_does():
    shape = Shape({"stream": {"enum": ["Event"], "open": True}}, (), {}, {})

    assert list(problems({"stream": "Metrics"}, shape))
    assert not list(problems({"stream": "Metrics"}, shape, closed=False))


def test_preview_knows_inputs_and_nothing_else():
    planned = planned_outputs({"count": 2, "disk": {"size": 3}}, SHAPE, {})

    assert planned == {"count": 2, "address": UNKNOWN, "disk": {"size": 3, "serial": UNKNOWN}}


def test_input_of_another_output_type_is_unknown():
    shape = Shape({"identities": {"list": "string"}}, (), {"identities": {"map": "any"}}, {})

    assert planned_outputs({"identities": ["one"]}, shape, {}) == {"identities": UNKNOWN}


def test_fault_strikes_as_often_as_declared(tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text("faults: [{operation: create, type: '*:AgentPool', name: 'gpu*', fault: quota, times: 2}]")
    declared = faults.read(file)
    contents = Contents({})

    struck = [declared.strike(contents, "create", "azure-native:containerservice:AgentPool", "gpu1") for _ in range(3)]

    assert [bool(one) for one in struck] == [True, True, False]
    assert declared.strike(contents, "create", "azure-native:containerservice:AgentPool", "cpu") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("faults: [{fault: qouta}]", "allowed: quota, capacity"),
        ("faults: [{falt: quota}]", "allowed: an object with"),
        ("faults: [{fault: quota, operation: up}]", "allowed: create, update"),
        ("faults: [", "is no YAML"),
    ],
)
def test_wrong_fault_is_refused(tmp_path, text, wanted):
    file = tmp_path / "faults.yaml"
    file.write_text(text)

    with pytest.raises(ProviderError, match=wanted):
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
    assert uuid_of("a", "b") == uuid_of("a", "b") != uuid_of("a", "c")
    assert [len(part) for part in uuid_of("a").split("-")] == [8, 4, 4, 4, 12]


def test_paths_reach_into_lists_and_objects():
    inputs = {"pools": [{"subnet": "one"}, {"subnet": "two"}, {}], "subnet": {"id": "three"}, "ids": ["four"]}

    assert list(values(inputs, "pools[*].subnet")) == ["one", "two"]
    assert list(values(inputs, "subnet.id")) == ["three"]
    assert list(values(inputs, "ids[*]")) == ["four"]
    assert list(values(inputs, "absent.id")) == []


def test_simulation_needs_its_setting(tmp_path):
    with pytest.raises(settings.NotAskedForError, match="only simulates"):
        settings.read({}, "aws")

    assert settings.read({settings.FOLDER: str(tmp_path)}, "aws").faults == tmp_path / "faults.yaml"


def test_bucket_setting_is_overwritten_and_a_bucket_is_not(tmp_path):
    operations = Operations(
        AWS,
        Account(tmp_path, "aws"),
        faults.Faults(),
        Place("123456789012", "eu-west-1"),
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
