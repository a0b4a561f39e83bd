"""The simulated AWS: a network, a role with a trust policy and a bucket, through the real engine."""

import json

import pytest

from simulator.clouds.account import Account
from tests.engine.clouds.program import Program

pytestmark = pytest.mark.engine

CODE = """
import pulumi_aws as aws

provider = aws.Provider("aws", region="eu-west-1")
options = pulumi.ResourceOptions(provider=provider)
call = pulumi.InvokeOptions(provider=provider)
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=given.get("tags"), opts=options)
zones = aws.get_availability_zones(opts=call).names
subnet = aws.ec2.Subnet(
    "nodes",
    vpc_id=vpc.id,
    cidr_block=given.get("cidr", "10.0.0.0/20"),
    availability_zone=zones[0],
    opts=options,
)
trust = aws.iam.get_policy_document(
    statements=[
        {
            "actions": ["sts:AssumeRole"],
            "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
        }
    ],
    opts=call,
).json
role = aws.iam.Role("worker", name=given.get("role", "gpu-Worker-Role"), assume_role_policy=trust, opts=options)
if given.get("attached", True):
    aws.iam.RolePolicyAttachment(
        "worker",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/ROSAWorkerInstancePolicy",
        opts=options,
    )
bucket = aws.s3.Bucket("models", **given.get("bucket", {}), opts=options)
pulumi.export("account", aws.get_caller_identity(opts=call).account_id)
pulumi.export("vpc", vpc.id)
pulumi.export("role", role.arn)
pulumi.export("bucket", bucket.bucket)
pulumi.export("trust", trust)
"""


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path, CODE)


def test_network_role_and_bucket_live_and_die(program):
    planned = program.plan()
    program.go()
    outputs = program.outputs()
    unchanged = program.go()
    tagged = program.go(tags={"team": "a"})
    moved = program.plan(tags={"team": "a"}, cidr="10.0.16.0/20")
    program.destroy()

    assert planned.changes == {"create": 7}
    assert outputs["account"] == "123456789012"
    assert outputs["vpc"].startswith("vpc-")
    assert outputs["role"] == "arn:aws:iam::123456789012:role/gpu-Worker-Role"
    assert outputs["bucket"].startswith("models-")
    assert json.loads(outputs["trust"])["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert unchanged.changes == {}
    # A map that was absent is added as a whole.
    assert tagged.differences("vpc") == {"tags": "add"}
    assert moved.differences("nodes") == {"cidrBlock": "update-replace"}
    assert moved.operations("nodes")[0] == "create-replacement"
    assert program.in_cloud("aws") == {}


def test_refusals_of_the_services_are_shown(program):
    outside = program.go(fails=True, cidr="10.1.0.0/20")
    long = program.go(fails=True, role="r" * 65)
    bucket = program.go(fails=True, bucket={"bucket": "Not_A_Bucket"})

    assert "InvalidSubnet.Range" in outside.text
    assert "1 to 64 letters" in long.text
    assert "lowercase letters, digits, dots and hyphens" in bucket.text


def test_unknown_property_is_refused_in_the_preview(program):
    run = program.plan(fails=True, bucket={"bucket": "models", "tags": {"a": {"nested": "object"}}})

    assert "expected type string, got an object" in run.text
    assert program.in_cloud("aws") == {}


def test_network_with_a_foreign_resource_is_not_deleted(program):
    program.go()
    with Account(program.clouds, "aws").open() as contents:
        subnet = contents.of_type("aws:ec2/subnet:Subnet")[0]
        contents.put({**subnet, "id": "subnet-stranger", "inputs": {**subnet["inputs"], "cidrBlock": "10.0.64.0/20"}})

    run = program.destroy(fails=True)

    assert "DependencyViolation" in run.text
    assert "subnet-stranger" in run.text


def test_half_failed_creation_is_completed_by_the_next_up(program):
    program.go_wrong({"type": "aws:ec2/vpc:Vpc", "fault": "half-created"})
    failed = program.go(fails=True)
    first = program.state["vpc"]["id"]
    repaired = program.go()

    assert "InternalError" in failed.text
    assert repaired.operations("vpc") == ["update"]
    assert program.state["vpc"]["id"] == first


def test_existing_role_is_never_overwritten(program):
    program.go()
    program.command("stack", "export", "--file", str(program.folder / "kept.json"))
    kept = json.loads((program.folder / "kept.json").read_text())
    kept["deployment"]["resources"] = []
    (program.folder / "kept.json").write_text(json.dumps(kept))
    program.command("stack", "import", "--file", str(program.folder / "kept.json"))

    run = program.go(fails=True)

    assert "EntityAlreadyExists" in run.text
    assert "pulumi import" in run.text
