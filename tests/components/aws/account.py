"""An AWS account in memory (moto), in which a program's resources are really asked for, one call of AWS's API each.

    with account() as aws:
        RosaCluster("gpu1", {...})
        aws.finish()
        assert aws.client("ec2").describe_subnets()["Subnets"]

What AWS would refuse, as far as moto knows its rules, raises `botocore.exceptions.ClientError` out of `finish`.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pulumi
from modelyard.components.testing import Recorder
from moto import mock_aws

from tests.components.aws.engine import ACCOUNT, OCM, REGION

Made = tuple[str, dict[str, Any]]
"""Id and outputs of something that was made."""


class AwsAccount(Recorder):
    """A recorder whose resources of AWS are made by calling AWS."""

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = threading.Lock()

    def client(self, service: str, **more: Any) -> Any:
        """A client of boto3."""
        return boto3.client(service, region_name=REGION, **more)  # type: ignore[call-overload]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        with self._one_at_a_time:
            number, state = super().new_resource(args)
            _, _, kind = args.typ.rpartition(":")
            if args.typ.startswith("aws:"):
                number, made = MAKERS[kind](self, self.registered[-1].inputs)
                return number, {**state, **made}
            return number, {**state, **OCM.get(kind, {})}


@contextlib.contextmanager
def account() -> Iterator[AwsAccount]:
    """An empty account, and a program that is run in it."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    keys |= {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_ACCOUNT_ID": ACCOUNT}
    before = {key: os.environ.get(key) for key in keys}
    os.environ.update(keys)
    try:
        with mock_aws():
            made = AwsAccount.installed()
            assert isinstance(made, AwsAccount)
            yield made
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _tags(given: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.get("tags", {}).items()]


def _spec(kind: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _tags(given)}]


def _vpc(aws: AwsAccount, given: dict[str, Any]) -> Made:
    ec2 = aws.client("ec2")
    number = ec2.create_vpc(CidrBlock=given["cidrBlock"], TagSpecifications=_spec("vpc", given))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=number, EnableDnsSupport={"Value": given["enableDnsSupport"]})
    ec2.modify_vpc_attribute(VpcId=number, EnableDnsHostnames={"Value": given["enableDnsHostnames"]})
    return number, {}


def _gateway(aws: AwsAccount, given: dict[str, Any]) -> Made:
    ec2 = aws.client("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=_spec("internet-gateway", given))
    number = made["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=number, VpcId=given["vpcId"])
    return number, {}


def _subnet(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").create_subnet(
        VpcId=given["vpcId"],
        CidrBlock=given["cidrBlock"],
        AvailabilityZone=given["availabilityZone"],
        TagSpecifications=_spec("subnet", given),
    )
    return made["Subnet"]["SubnetId"], {}


def _route_table(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").create_route_table(VpcId=given["vpcId"], TagSpecifications=_spec("route-table", given))
    return made["RouteTable"]["RouteTableId"], {}


def _route(aws: AwsAccount, given: dict[str, Any]) -> Made:
    ways = {"gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"}
    aws.client("ec2").create_route(
        RouteTableId=given["routeTableId"],
        DestinationCidrBlock=given["destinationCidrBlock"],
        **{ways[key]: given[key] for key in ways if key in given},
    )
    return f"{given['routeTableId']}/{given['destinationCidrBlock']}", {}


def _association(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").associate_route_table(RouteTableId=given["routeTableId"], SubnetId=given["subnetId"])
    return made["AssociationId"], {}


def _address(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").allocate_address(Domain=given["domain"], TagSpecifications=_spec("elastic-ip", given))
    return made["AllocationId"], {}


def _nat(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").create_nat_gateway(
        AllocationId=given["allocationId"], SubnetId=given["subnetId"], TagSpecifications=_spec("natgateway", given)
    )
    return made["NatGateway"]["NatGatewayId"], {}


def _endpoint(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ec2").create_vpc_endpoint(
        VpcId=given["vpcId"], ServiceName=given["serviceName"], RouteTableIds=given["routeTableIds"]
    )
    return made["VpcEndpoint"]["VpcEndpointId"], {}


def _provider(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("iam").create_open_id_connect_provider(
        Url=given["url"],
        ClientIDList=given["clientIdLists"],
        ThumbprintList=given["thumbprintLists"],
        Tags=_tags(given),
    )
    return made["OpenIDConnectProviderArn"], {"arn": made["OpenIDConnectProviderArn"]}


def _role(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("iam").create_role(
        RoleName=given["name"], AssumeRolePolicyDocument=given["assumeRolePolicy"], Tags=_tags(given)
    )
    return given["name"], {"arn": made["Role"]["Arn"]}


def _attachment(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("iam").attach_role_policy(RoleName=given["role"], PolicyArn=given["policyArn"])
    return f"{given['role']}/{given['policyArn']}", {}


def _role_policy(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("iam").put_role_policy(RoleName=given["role"], PolicyName=given["name"], PolicyDocument=given["policy"])
    return f"{given['role']}:{given['name']}", {}


def _key(aws: AwsAccount, given: dict[str, Any]) -> Made:
    kms = aws.client("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in given["tags"].items()]
    made = kms.create_key(Policy=given["policy"], Description=given["description"], Tags=tags)["KeyMetadata"]
    if given["enableKeyRotation"]:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return made["KeyId"], {"arn": made["Arn"]}


def _budget(aws: AwsAccount, given: dict[str, Any]) -> Made:
    notices = [
        {
            "Notification": {
                "NotificationType": one["notificationType"],
                "ComparisonOperator": one["comparisonOperator"],
                "Threshold": one["threshold"],
                "ThresholdType": one["thresholdType"],
            },
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": mail} for mail in one["subscriberEmailAddresses"]],
        }
        for one in given["notifications"]
    ]
    aws.client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": given["name"],
            "BudgetType": given["budgetType"],
            "TimeUnit": given["timeUnit"],
            "BudgetLimit": {"Amount": given["limitAmount"], "Unit": given["limitUnit"]},
        },
        NotificationsWithSubscribers=notices,
    )
    return given["name"], {}


def _bucket(aws: AwsAccount, given: dict[str, Any]) -> Made:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=given["bucket"])
    s3.put_bucket_tagging(Bucket=given["bucket"], Tagging={"TagSet": _tags(given)})
    return given["bucket"], {"arn": f"arn:aws:s3:::{given['bucket']}"}


def _versioning(aws: AwsAccount, given: dict[str, Any]) -> Made:
    status = {"Status": given["versioningConfiguration"]["status"]}
    aws.client("s3").put_bucket_versioning(Bucket=given["bucket"], VersioningConfiguration=status)
    return given["bucket"], {}


def _encryption(aws: AwsAccount, given: dict[str, Any]) -> Made:
    [rule] = given["rules"]
    default = rule["applyServerSideEncryptionByDefault"]
    wanted = {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": default["sseAlgorithm"],
            "KMSMasterKeyID": default["kmsMasterKeyId"],
        },
        "BucketKeyEnabled": rule["bucketKeyEnabled"],
    }
    aws.client("s3").put_bucket_encryption(
        Bucket=given["bucket"], ServerSideEncryptionConfiguration={"Rules": [wanted]}
    )
    return given["bucket"], {}


def _ownership(aws: AwsAccount, given: dict[str, Any]) -> Made:
    rules = {"Rules": [{"ObjectOwnership": given["rule"]["objectOwnership"]}]}
    aws.client("s3").put_bucket_ownership_controls(Bucket=given["bucket"], OwnershipControls=rules)
    return given["bucket"], {}


def _public_access(aws: AwsAccount, given: dict[str, Any]) -> Made:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    wanted = {name[0].upper() + name[1:]: given[name] for name in names}
    aws.client("s3").put_public_access_block(Bucket=given["bucket"], PublicAccessBlockConfiguration=wanted)
    return given["bucket"], {}


def _bucket_policy(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("s3").put_bucket_policy(Bucket=given["bucket"], Policy=given["policy"])
    return given["bucket"], {}


def _lifecycle(aws: AwsAccount, given: dict[str, Any]) -> Made:
    rules = []
    for one in given["rules"]:
        rule: dict[str, Any] = {"ID": one["id"], "Status": one["status"], "Filter": {"Prefix": one["filter"]["prefix"]}}
        if "noncurrentVersionExpiration" in one:
            days = one["noncurrentVersionExpiration"]["noncurrentDays"]
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
        if "expiration" in one:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": one["expiration"]["expiredObjectDeleteMarker"]}
        if "abortIncompleteMultipartUpload" in one:
            days = one["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
        rules.append(rule)
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket=given["bucket"], LifecycleConfiguration={"Rules": rules})
    return given["bucket"], {}


def _queue(aws: AwsAccount, given: dict[str, Any]) -> Made:
    sqs = aws.client("sqs")
    settings = {
        "MessageRetentionPeriod": str(given["messageRetentionSeconds"]),
        "SqsManagedSseEnabled": str(given["sqsManagedSseEnabled"]).lower(),
    }
    url = sqs.create_queue(QueueName=given["name"], Attributes=settings, tags=given["tags"])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, {"url": url, "arn": arn}


def _queue_policy(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("sqs").set_queue_attributes(QueueUrl=given["queueUrl"], Attributes={"Policy": given["policy"]})
    return given["queueUrl"], {}


def _repository(aws: AwsAccount, given: dict[str, Any]) -> Made:
    made = aws.client("ecr").create_repository(
        repositoryName=given["name"],
        imageTagMutability=given["imageTagMutability"],
        imageScanningConfiguration={"scanOnPush": given["imageScanningConfiguration"]["scanOnPush"]},
        tags=_tags(given),
    )["repository"]
    return given["name"], {"arn": made["repositoryArn"], "repository_url": made["repositoryUri"]}


def _repository_lifecycle(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("ecr").put_lifecycle_policy(repositoryName=given["repository"], lifecyclePolicyText=given["policy"])
    return given["repository"], {}


def _event_rule(aws: AwsAccount, given: dict[str, Any]) -> Made:
    aws.client("events").put_rule(Name=given["name"], EventPattern=given["eventPattern"], Tags=_tags(given))
    return given["name"], {}


def _event_target(aws: AwsAccount, given: dict[str, Any]) -> Made:
    target = {"Id": given["targetId"], "Arn": given["arn"]}
    aws.client("events").put_targets(Rule=given["rule"], Targets=[target])
    return f"{given['rule']}-{given['targetId']}", {}


MAKERS: dict[str, Callable[[AwsAccount, dict[str, Any]], Made]] = {
    "Bucket": _bucket,
    "BucketLifecycleConfiguration": _lifecycle,
    "BucketOwnershipControls": _ownership,
    "BucketPolicy": _bucket_policy,
    "BucketPublicAccessBlock": _public_access,
    "BucketServerSideEncryptionConfiguration": _encryption,
    "BucketVersioning": _versioning,
    "Budget": _budget,
    "Eip": _address,
    "EventRule": _event_rule,
    "EventTarget": _event_target,
    "InternetGateway": _gateway,
    "Key": _key,
    "LifecyclePolicy": _repository_lifecycle,
    "NatGateway": _nat,
    "OpenIdConnectProvider": _provider,
    "Queue": _queue,
    "QueuePolicy": _queue_policy,
    "Repository": _repository,
    "Role": _role,
    "RolePolicy": _role_policy,
    "RolePolicyAttachment": _attachment,
    "Route": _route,
    "RouteTable": _route_table,
    "RouteTableAssociation": _association,
    "Subnet": _subnet,
    "Vpc": _vpc,
    "VpcEndpoint": _endpoint,
}
"""How AWS is asked for each type; the keys are the last parts of their tokens."""
