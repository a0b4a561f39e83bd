"""Policies about clouds in the real engine: what a preview shows them is what they need to judge."""

from typing import Any

import pytest
from modelyard.policies.rules import RULES

from tests.engine.clouds.program import Program
from tests.engine.plugins.stack import Run
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

CODE = """
from pulumi_aws import iam, s3
from pulumi_azure_native import resources, storage

tags = {"owner": "research", "team": "team-a", "cost-center": "cc-1", "env": given["env"]}
kept = pulumi.ResourceOptions(protect=given["protect"])
group = resources.ResourceGroup("data", resource_group_name="data", location="westeurope", tags=tags)
storage.StorageAccount(
    "models", resource_group_name=group.name, location="westeurope", account_name="teamamodels", kind="StorageV2",
    sku={"name": "Standard_LRS"}, allow_blob_public_access=given["public"], allow_shared_key_access=False,
    enable_https_traffic_only=True, minimum_tls_version="TLS1_2", tags=tags, opts=kept,
)
bucket = s3.Bucket("checkpoints", tags=tags, opts=kept)
s3.BucketServerSideEncryptionConfiguration(
    "checkpoints", bucket=bucket.id,
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}],
)
if given["blocked"]:
    s3.BucketPublicAccessBlock("checkpoints", bucket=bucket.id, block_public_acls=True, block_public_policy=True,
                               ignore_public_acls=True, restrict_public_buckets=True)
trusted = {"AWS": "*"} if given["trusting"] else {"Service": "ec2.amazonaws.com"}
statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}
iam.Role("nodes", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}), tags=tags)
"""

GOOD = {"env": "dev", "public": False, "protect": False, "blocked": True, "trusting": False}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    stack = Program(tmp_path_factory.mktemp("judged"), CODE)
    for key, value in {"accessKey": "x", "secretKey": "x", "region": "eu-west-1"}.items():
        stack.command("config", "set", f"aws:{key}", value)
    return stack


def preview(program: Program, *, fails: bool = False, **values: Any) -> Run:
    program.give(**{**GOOD, **values})
    return program.command("preview", "--policy-pack", str(CHECKOUT / "policies"), fails=fails)


def broken(run: Run) -> set[str]:
    """Names of the rules with a mandatory violation."""
    sections = run.text.split("[mandatory]")[1:]
    return {name for name in RULES for section in sections if f"[{name}, " in section.split("[advisory]")[0]}


def test_compliant_resources_pass_every_environment(program):
    assert broken(preview(program)) == set()
    assert broken(preview(program, env="prod", protect=True)) == set()


@pytest.mark.parametrize(
    ("values", "rules", "says"),
    [
        ({"public": True}, {"storage-access"}, "StorageAccount models, allowBlobPublicAccess"),
        ({"env": "prod"}, {"protected-in-production"}, "Bucket checkpoints, the option protect"),
        ({"blocked": False}, {"bucket-settings"}, "nothing blocks public access to this bucket"),
        ({"trusting": True}, {"role-trust"}, "everybody in AWS may take this role"),
    ],
)
def test_engine_refuses_a_violation(program, values, rules, says):
    run = preview(program, fails=True, **values)

    assert broken(run) == rules, run.text
    assert says in run.text
    assert all(f"Fix: {RULES[rule].fix}" in run.text for rule in rules)
