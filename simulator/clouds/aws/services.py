"""AWS's shared services: buckets, keys, registries, queues, budgets."""

from dataclasses import replace
from typing import Any

from simulator.clouds.account import make_uuid
from simulator.clouds.aws.arn import arn, aws_type, name_rule
from simulator.clouds.resource_type import ResourceType, Subject

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME = name_rule(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lowercase letters, digits, dots and hyphens")


def bucket_outputs(subject: Subject) -> dict[str, Any]:
    """Return a bucket's addresses."""
    name = subject.name
    return {
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{subject.region}.amazonaws.com",
        "region": subject.region,
    }


def _setting(token: str, owner: str) -> ResourceType:
    """Make the type of a setting of the resource that the input `owner` names: one per owner, set by a PUT.

    S3 API: PutBucketVersioning and the like; every bucket has every setting. SQS API: a policy is a queue's attribute.
    """
    part = token.partition(":")[2]
    kind = aws_type(token, identifier=lambda subject: f"{subject.inputs[owner]}/{part}", replace_on=(owner,))
    return replace(kind, overwrites=True)


def _of_bucket(name: str) -> ResourceType:
    return _setting(f"s3/{name[0].lower()}{name[1:]}:{name}", "bucket")


def _key_outputs(subject: Subject) -> dict[str, Any]:
    return {
        "keyId": subject.identifier,
        "enableKeyRotation": subject.inputs.get("enableKeyRotation", False),
    }


def _queue_url(subject: Subject) -> str:
    return f"https://sqs.{subject.region}.amazonaws.com/{subject.scope.account}/{subject.name}"


def _registry_outputs(subject: Subject) -> dict[str, Any]:
    host = f"{subject.scope.account}.dkr.ecr.{subject.region}.amazonaws.com"
    return {"registryId": subject.scope.account, "repositoryUrl": f"{host}/{subject.name}"}


TYPES = (
    aws_type(
        "s3/bucket:Bucket",
        name="bucket",
        replace_on=("bucketPrefix", "objectLockEnabled"),
        computed=bucket_outputs,
        rules=(_BUCKET_NAME,),
    ),
    *(
        _of_bucket(name)
        for name in (
            "BucketLifecycleConfiguration",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
            "BucketVersioning",
        )
    ),
    aws_type(
        "kms/key:Key",
        identifier=lambda subject: make_uuid("key", subject.cloud.serial()),
        arn_of=("kms", "key/{id}"),
        replace_on=("customerMasterKeySpec", "keyUsage", "multiRegion"),
        computed=_key_outputs,
    ),
    aws_type(
        "kms/alias:Alias", name="name", arn_of=("kms", "{id}"), replace_on=("namePrefix",), needs=("targetKeyId",)
    ),
    aws_type(
        "ecr/repository:Repository",
        name="name",
        arn_of=("ecr", "repository/{id}"),
        replace_on=("encryptionConfigurations",),
        computed=_registry_outputs,
    ),
    aws_type(
        "ecr/lifecyclePolicy:LifecyclePolicy",
        identifier=lambda subject: f"{subject.inputs['repository']}/lifecycle",
        replace_on=("repository", "policy"),
    ),
    aws_type(
        "sqs/queue:Queue",
        name="name",
        identifier=_queue_url,
        replace_on=("fifoQueue", "namePrefix"),
        computed=lambda subject: {"url": subject.identifier, "arn": arn(subject, "sqs", subject.name)},
    ),
    _setting("sqs/queuePolicy:QueuePolicy", "queueUrl"),
    aws_type(
        "budgets/budget:Budget",
        name="name",
        identifier=lambda subject: f"{subject.scope.account}:{subject.name}",
        arn_of=("budgets", "budget/{id}"),
    ),
)
