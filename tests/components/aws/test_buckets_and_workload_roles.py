"""Buckets and roles of workspaces, created in a simulated AWS: accepted, closed, and with exact rights."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from botocore.exceptions import ClientError
from modelyard.components.aws.identity import AwsWorkloadRole
from modelyard.components.aws.storage import AwsModelBuckets
from moto.core import set_initial_no_auth_action_count

from tests.components.aws.account import AwsAccount, account
from tests.components.aws.decision import effect
from tests.components.aws.engine import ACCOUNT, REGION

TEAM = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
STORAGE: dict[str, Any] = {"ownership": TEAM, "account_id": ACCOUNT, "region": REGION}
ISSUER = "oidc.example.com/1"
ROLE: dict[str, Any] = {
    "ownership": TEAM,
    "oidc_provider_arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}",
    "oidc_issuer": ISSUER,
    "service_account": "trainer",
    "bucket": "arn:aws:s3:::checkpoints",
}


@pytest.fixture
def aws() -> Iterator[AwsAccount]:
    with account() as aws_account:
        yield aws_account


def roles(aws: AwsAccount) -> dict[str, dict[str, Any]]:
    return {role["RoleName"]: role for role in aws.client("iam").list_roles()["Roles"]}


def test_buckets_are_versioned_encrypted_and_private(aws: AwsAccount):
    buckets = AwsModelBuckets("models", STORAGE)  # type: ignore[arg-type]
    aws.finish()
    s3, kms = aws.client("s3"), aws.client("kms")
    [key] = kms.list_keys()["Keys"]
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    assert len(names) == 2
    for name in names:
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        [rule] = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["KeyArn"]}
        assert rule == {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert set(blocked.values()) == {True}
        assert len(blocked) == 4
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        assert [rule["ID"] for rule in rules] == ["old-versions", "unfinished-uploads"]
        owner = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert sorted(buckets.buckets) == ["checkpoints", "models"]


@pytest.mark.parametrize(
    ("action", "context", "expected"),
    [
        ("s3:GetObject", {"aws:SecureTransport": "false"}, "Deny"),
        ("s3:GetObject", {"aws:SecureTransport": "true", "s3:TlsVersion": "1.1"}, "Deny"),
        ("s3:GetObject", {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:SourceVpce": "vpce-1"}, "None"),
        ("s3:GetObject", {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:SourceVpce": "vpce-2"}, "Deny"),
        ("s3:GetObject", {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}, "Deny"),
        ("s3:GetBucketPolicy", {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}, "None"),
        ("s3:PutObject", {"aws:SourceVpce": "vpce-1"}, "None"),
        ("s3:PutObject", {"aws:SourceVpce": "vpce-1", "s3:x-amz-server-side-encryption-aws-kms-key-id": "own"}, "None"),
        ("s3:PutObject", {"aws:SourceVpce": "vpce-1", "s3:x-amz-server-side-encryption-aws-kms-key-id": "x"}, "Deny"),
    ],
    ids=str,
)
def test_bucket_policy_denies_other_channels_and_keys(aws: AwsAccount, action, context, expected):
    AwsModelBuckets(
        "models",
        {**STORAGE, "buckets": ["models"], "kms_key_arn": "own", "vpc_endpoints": ["vpce-1"]},  # type: ignore[typeddict-item]
    )
    aws.finish()
    s3 = aws.client("s3")
    [name] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    resource = f"arn:aws:s3:::{name}" + ("/a/b" if "Object" in action else "")
    assert effect(policy, action, resource, context) == expected


def test_pod_takes_its_role_and_reaches_only_its_teams_part(aws: AwsAccount):
    s3 = aws.client("s3")
    for name in ("checkpoints", "models"):
        s3.create_bucket(Bucket=name)
    provider = aws.client("iam").create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["ab" * 20]
    )["OpenIDConnectProviderArn"]
    role = AwsWorkloadRole(
        "trainer",
        {**ROLE, "oidc_provider_arn": provider, "read_buckets": ["arn:aws:s3:::models"]},  # type: ignore[typeddict-item]
    )
    arns: list[str] = []
    role.role_arn.apply(arns.append)
    aws.finish()
    s3.put_object(Bucket="models", Key="llama/config.json", Body=b"{}")
    s3.put_object(Bucket="checkpoints", Key="team-b/step-1", Body=b"theirs")
    credentials = aws.client("sts").assume_role_with_web_identity(
        RoleArn=arns[0], RoleSessionName="pod", WebIdentityToken="token"
    )["Credentials"]
    pod = aws.client(
        "s3",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )

    @set_initial_no_auth_action_count(0)
    def as_the_pod() -> list[str]:
        pod.put_object(Bucket="checkpoints", Key="team-a/step-1", Body=b"ours")
        assert pod.get_object(Bucket="checkpoints", Key="team-a/step-1")["Body"].read() == b"ours"
        assert pod.get_object(Bucket="models", Key="llama/config.json")["Body"].read() == b"{}"
        codes = []
        for attempt in (
            lambda: pod.get_object(Bucket="checkpoints", Key="team-b/step-1"),
            lambda: pod.put_object(Bucket="checkpoints", Key="team-ab/step-1", Body=b""),
            lambda: pod.put_object(Bucket="models", Key="llama/config.json", Body=b""),
            lambda: pod.delete_bucket(Bucket="checkpoints"),
        ):
            with pytest.raises(ClientError) as error:
                attempt()
            codes.append(error.value.response["Error"]["Code"])
        return codes

    assert as_the_pod() == ["AccessDenied"] * 4


@pytest.mark.parametrize(
    ("subject", "audience", "expected"),
    [
        ("system:serviceaccount:team-a:trainer", "sts.amazonaws.com", "Allow"),
        ("system:serviceaccount:team-a:other", "sts.amazonaws.com", "None"),
        ("system:serviceaccount:team-b:trainer", "sts.amazonaws.com", "None"),
        ("system:serviceaccount:team-a:trainer", "openshift", "None"),
    ],
)
def test_role_trusts_one_service_account_and_audience(aws: AwsAccount, subject, audience, expected):
    AwsWorkloadRole("trainer", {**ROLE, "oidc_issuer": pulumi.Output.from_input(f"https://{ISSUER}")})  # type: ignore[typeddict-item]
    aws.finish()
    trust = json.dumps(roles(aws)["rosa-test-team-a-trainer"]["AssumeRolePolicyDocument"])
    context = {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience}
    assert effect(trust, "sts:AssumeRoleWithWebIdentity", "", context) == expected


@pytest.mark.parametrize(
    ("key", "action", "expected"),
    [
        ("team-a/step-1", "s3:PutObject", "Allow"),
        ("team-a/step-1", "s3:DeleteObject", "Allow"),
        ("team-a/step-1", "s3:DeleteObjectVersion", "None"),
        ("team-ab/step-1", "s3:GetObject", "None"),
    ],
)
def test_team_cannot_delete_versions_of_objects(aws: AwsAccount, key, action, expected):
    AwsWorkloadRole("trainer", ROLE)  # type: ignore[arg-type]
    aws.finish()
    role_policy = aws.client("iam").get_role_policy(RoleName="rosa-test-team-a-trainer", PolicyName="bucket")
    policy = json.dumps(role_policy["PolicyDocument"])
    assert effect(policy, action, f"arn:aws:s3:::checkpoints/{key}") == expected
    listed = {"s3:prefix": key.partition("/")[0] + "/"}
    expected_listing = "Allow" if key.startswith("team-a/") else "None"
    assert effect(policy, "s3:ListBucket", "arn:aws:s3:::checkpoints", listed) == expected_listing
