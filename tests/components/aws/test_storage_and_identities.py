"""AWS's buckets for models, and the roles that may use them."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.aws import naming
from modelyard.components.aws.identity import AwsWorkloadRole
from modelyard.components.aws.storage import AwsModelBuckets
from modelyard.components.common.errors import ArgumentError
from modelyard.components.testing import Recorder, compare

from tests.components.aws.engine import ACCOUNT, REGION, aws_engine

GOLDENS = Path(__file__).parent / "goldens"
OWNERSHIP = {"team": "team-a", "owner": "team-a-leads", "cost_center": "cc-1", "environment": "rosa-dev"}
STORAGE: dict[str, Any] = {"ownership": OWNERSHIP, "account_id": ACCOUNT, "region": REGION}
ROLE: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "oidc_provider_arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example/1",
    "oidc_issuer": "oidc.example/1",
    "service_account": "trainer",
    "bucket": "arn:aws:s3:::team-a-checkpoints",
    "kms_key_arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1",
}


def registered(make: Any, args: dict[str, Any], name: str = "team-a") -> tuple[Recorder, Any]:
    engine = aws_engine()
    component = make(name, args)
    engine.finish()
    return engine, component


def inputs(engine: Recorder, kind: str) -> list[dict[str, Any]]:
    return [resource.inputs for resource in engine.registered if resource.type.rpartition(":")[2] == kind]


@pytest.mark.parametrize(
    ("case", "make", "args"),
    [
        ("aws-model-buckets", AwsModelBuckets, {**STORAGE, "vpc_endpoints": ["vpce-1"]}),
        ("aws-workload-role", AwsWorkloadRole, {**ROLE, "read_buckets": ["arn:aws:s3:::team-a-models"]}),
    ],
)
def test_registered_resources_match_the_golden_file(case: str, make: Any, args: dict[str, Any]):
    engine, _ = registered(make, args)
    compare(
        {f"{resource.type} {resource.name}": resource.inputs for resource in engine.registered},
        GOLDENS / f"{case}.json",
    )


@pytest.mark.parametrize("keep", [True, False])
def test_keep_protects_and_retains_buckets_and_key(keep, monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, tuple[Any, Any]] = {}
    original = pulumi.CustomResource.__init__

    def record(self: Any, token: str, name: str, *rest: Any, **more: Any) -> None:
        opts = next((item for item in (*rest, *more.values()) if isinstance(item, pulumi.ResourceOptions)), None)
        seen[f"{token} {name}"] = (bool(opts and opts.protect), bool(opts and opts.retain_on_delete))
        original(self, token, name, *rest, **more)

    monkeypatch.setattr(pulumi.CustomResource, "__init__", record)
    engine, _ = registered(AwsModelBuckets, STORAGE if keep else {**STORAGE, "keep": False})
    protected = ("kms/key:Key team-a-key", "s3/bucket:Bucket team-a-models", "s3/bucket:Bucket team-a-checkpoints")
    assert {seen[f"aws:{item}"] for item in protected} == {(keep, keep)}
    assert {retained for item, (_, retained) in seen.items() if item.startswith("aws:")} == {keep}
    assert {item["forceDestroy"] for item in inputs(engine, "Bucket")} == {not keep}


def test_existing_key_is_used():
    engine, _ = registered(AwsModelBuckets, {**STORAGE, "kms_key_arn": ROLE["kms_key_arn"], "buckets": ["models"]})
    assert inputs(engine, "Key") == []
    [encryption] = inputs(engine, "BucketServerSideEncryptionConfiguration")
    default = encryption["rules"][0]["applyServerSideEncryptionByDefault"]
    assert default == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": ROLE["kms_key_arn"]}


def test_provider_of_the_account_unless_one_is_given():
    engine, _ = registered(AwsModelBuckets, STORAGE)
    [provider] = [resource for resource in engine.registered if resource.type == "pulumi:providers:aws"]
    assert (provider.inputs["region"], json.loads(provider.inputs["allowedAccountIds"])) == (REGION, [ACCOUNT])
    buckets = [resource for resource in engine.registered if resource.type == "aws:s3/bucket:Bucket"]
    assert all("::team-a-aws::" in item.provider for item in buckets)

    engine = aws_engine()
    import pulumi_aws  # noqa: PLC0415 - after the engine, which must see it

    own = pulumi_aws.Provider("own", region="eu-west-1")
    AwsModelBuckets("team-a", STORAGE, pulumi.ResourceOptions(providers=[own]))  # type: ignore[arg-type]
    engine.finish()
    assert engine.names("pulumi:providers:aws") == ["own"]


def test_reader_has_no_rights_to_write():
    engine, _ = registered(AwsWorkloadRole, {**ROLE, "read_only": True})
    statements = json.loads(inputs(engine, "RolePolicy")[0]["policy"])["Statement"]
    actions = {action for statement in statements for action in statement["Action"]}
    assert actions == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}


@given(st.sampled_from(["team-a", "team-ab", "a"]), st.booleans())
def test_role_reaches_only_its_teams_part(team, read_only):
    engine, _ = registered(
        AwsWorkloadRole, {**ROLE, "ownership": {**OWNERSHIP, "team": team}, "read_only": read_only}, "role"
    )
    statements = {
        statement["Sid"]: statement for statement in json.loads(inputs(engine, "RolePolicy")[0]["policy"])["Statement"]
    }
    assert statements["Objects0"]["Resource"] == [f"{ROLE['bucket']}/{team}/*"]
    assert statements["List0"]["Condition"] == {"StringLike": {"s3:prefix": [f"{team}/", f"{team}/*"]}}
    trusted = json.loads(inputs(engine, "Role")[0]["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert trusted == {
        "oidc.example/1:sub": f"system:serviceaccount:{team}:trainer",
        "oidc.example/1:aud": "sts.amazonaws.com",
    }


@given(st.text(max_size=80), st.sampled_from(["models", "checkpoints", "a" * 30]))
def test_composed_bucket_names_are_valid(stem, bucket):
    name = naming.bucket_name(f"m{stem}", bucket, ACCOUNT, REGION)
    assert naming.validate_bucket_name("team-a", "buckets", name) == name
    assert name != naming.bucket_name(f"m{stem}", bucket, ACCOUNT, "eu-west-1")


@pytest.mark.parametrize(
    ("make", "args", "message"),
    [
        (AwsModelBuckets, {**STORAGE, "buckets": ["Models"]}, "3 to 63 lower-case letters"),
        (AwsModelBuckets, {**STORAGE, "buckets": ["a", "a"]}, "must be one or more names, each once"),
        (AwsModelBuckets, {**STORAGE, "buckets": []}, "must be one or more names, each once"),
        (AwsModelBuckets, {**STORAGE, "buckets": ["a" * 31]}, "at most 30 letters"),
        (AwsModelBuckets, {**STORAGE, "name_prefix": "xn--a"}, "must not begin with xn--"),
        (AwsModelBuckets, {**STORAGE, "account_id": "1"}, "twelve digits"),
        (AwsModelBuckets, {**STORAGE, "region": "westeurope"}, "must be the name of an AWS region"),
        (AwsModelBuckets, {**STORAGE, "deleted_days": 0}, "must be 1 to 365"),
        (AwsWorkloadRole, {**ROLE, "service_account": "Trainer"}, "must be a DNS label"),
        (
            AwsWorkloadRole,
            {**ROLE, "ownership": {**OWNERSHIP, "team": "a:b"}},
            "ownership.team = 'a:b': must be a DNS label",
        ),
        (AwsWorkloadRole, {**ROLE, "prefix": "team-a"}, "folders that end with '/'"),
        (AwsWorkloadRole, {**ROLE, "prefix": "*/"}, "folders that end with '/'"),
        (AwsWorkloadRole, {**ROLE, "role_name": "a/b"}, "1 to 64 letters"),
    ],
)
def test_refused_arguments_register_nothing(make, args, message):
    engine = aws_engine()
    with pytest.raises(ArgumentError, match=message):
        make("team-a", args)
    assert engine.registered == []
