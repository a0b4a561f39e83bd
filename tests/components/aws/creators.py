"""Creation of each type of AWS resource by the call of AWS's API that the provider makes for it."""

from collections.abc import Callable
from typing import Any

from tests.components.aws.engine import ACCOUNT

Client = Callable[[str], Any]
"""Returns boto3's client of a service."""
Created = tuple[str, dict[str, Any]]
"""Id and outputs of a resource."""


def _tags(inputs: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in inputs.get("tags", {}).items()]


def _spec(kind: str, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _tags(inputs)}]


def _vpc(client: Client, inputs: dict[str, Any]) -> Created:
    ec2 = client("ec2")
    resource_id = ec2.create_vpc(CidrBlock=inputs["cidrBlock"], TagSpecifications=_spec("vpc", inputs))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=resource_id, EnableDnsSupport={"Value": inputs["enableDnsSupport"]})
    ec2.modify_vpc_attribute(VpcId=resource_id, EnableDnsHostnames={"Value": inputs["enableDnsHostnames"]})
    return resource_id, {}


def _gateway(client: Client, inputs: dict[str, Any]) -> Created:
    ec2 = client("ec2")
    answer = ec2.create_internet_gateway(TagSpecifications=_spec("internet-gateway", inputs))
    resource_id = answer["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=resource_id, VpcId=inputs["vpcId"])
    return resource_id, {}


def _subnet(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").create_subnet(
        VpcId=inputs["vpcId"],
        CidrBlock=inputs["cidrBlock"],
        AvailabilityZone=inputs["availabilityZone"],
        TagSpecifications=_spec("subnet", inputs),
    )
    return answer["Subnet"]["SubnetId"], {}


def _route_table(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").create_route_table(VpcId=inputs["vpcId"], TagSpecifications=_spec("route-table", inputs))
    return answer["RouteTable"]["RouteTableId"], {}


def _route(client: Client, inputs: dict[str, Any]) -> Created:
    targets = {"gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"}
    client("ec2").create_route(
        RouteTableId=inputs["routeTableId"],
        DestinationCidrBlock=inputs["destinationCidrBlock"],
        **{targets[key]: inputs[key] for key in targets if key in inputs},
    )
    return f"{inputs['routeTableId']}/{inputs['destinationCidrBlock']}", {}


def _association(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])
    return answer["AssociationId"], {}


def _address(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").allocate_address(Domain=inputs["domain"], TagSpecifications=_spec("elastic-ip", inputs))
    return answer["AllocationId"], {}


def _nat(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").create_nat_gateway(
        AllocationId=inputs["allocationId"], SubnetId=inputs["subnetId"], TagSpecifications=_spec("natgateway", inputs)
    )
    return answer["NatGateway"]["NatGatewayId"], {}


def _endpoint(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ec2").create_vpc_endpoint(
        VpcId=inputs["vpcId"], ServiceName=inputs["serviceName"], RouteTableIds=inputs["routeTableIds"]
    )
    return answer["VpcEndpoint"]["VpcEndpointId"], {}


def _provider(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("iam").create_open_id_connect_provider(
        Url=inputs["url"],
        ClientIDList=inputs["clientIdLists"],
        ThumbprintList=inputs["thumbprintLists"],
        Tags=_tags(inputs),
    )
    return answer["OpenIDConnectProviderArn"], {"arn": answer["OpenIDConnectProviderArn"]}


def _role(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("iam").create_role(
        RoleName=inputs["name"], AssumeRolePolicyDocument=inputs["assumeRolePolicy"], Tags=_tags(inputs)
    )
    return inputs["name"], {"arn": answer["Role"]["Arn"]}


def _attachment(client: Client, inputs: dict[str, Any]) -> Created:
    client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}/{inputs['policyArn']}", {}


def _role_policy(client: Client, inputs: dict[str, Any]) -> Created:
    client("iam").put_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
    return f"{inputs['role']}:{inputs['name']}", {}


def _key(client: Client, inputs: dict[str, Any]) -> Created:
    kms = client("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in inputs["tags"].items()]
    answer = kms.create_key(Policy=inputs["policy"], Description=inputs["description"], Tags=tags)["KeyMetadata"]
    if inputs["enableKeyRotation"]:
        kms.enable_key_rotation(KeyId=answer["KeyId"])
    return answer["KeyId"], {"arn": answer["Arn"]}


def _budget(client: Client, inputs: dict[str, Any]) -> Created:
    notices = [
        {
            "Notification": {
                "NotificationType": notification["notificationType"],
                "ComparisonOperator": notification["comparisonOperator"],
                "Threshold": notification["threshold"],
                "ThresholdType": notification["thresholdType"],
            },
            "Subscribers": [
                {"SubscriptionType": "EMAIL", "Address": mail} for mail in notification["subscriberEmailAddresses"]
            ],
        }
        for notification in inputs["notifications"]
    ]
    client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": inputs["name"],
            "BudgetType": inputs["budgetType"],
            "TimeUnit": inputs["timeUnit"],
            "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
        },
        NotificationsWithSubscribers=notices,
    )
    return inputs["name"], {}


def _bucket(client: Client, inputs: dict[str, Any]) -> Created:
    s3 = client("s3")
    s3.create_bucket(Bucket=inputs["bucket"])
    s3.put_bucket_tagging(Bucket=inputs["bucket"], Tagging={"TagSet": _tags(inputs)})
    return inputs["bucket"], {"arn": f"arn:aws:s3:::{inputs['bucket']}"}


def _versioning(client: Client, inputs: dict[str, Any]) -> Created:
    status = {"Status": inputs["versioningConfiguration"]["status"]}
    client("s3").put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration=status)
    return inputs["bucket"], {}


def _encryption(client: Client, inputs: dict[str, Any]) -> Created:
    [rule] = inputs["rules"]
    default = rule["applyServerSideEncryptionByDefault"]
    settings = {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": default["sseAlgorithm"],
            "KMSMasterKeyID": default["kmsMasterKeyId"],
        },
        "BucketKeyEnabled": rule["bucketKeyEnabled"],
    }
    client("s3").put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": [settings]})
    return inputs["bucket"], {}


def _ownership(client: Client, inputs: dict[str, Any]) -> Created:
    rules = {"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]}
    client("s3").put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls=rules)
    return inputs["bucket"], {}


def _public_access(client: Client, inputs: dict[str, Any]) -> Created:
    names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    settings = {name[0].upper() + name[1:]: inputs[name] for name in names}
    client("s3").put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=settings)
    return inputs["bucket"], {}


def _bucket_policy(client: Client, inputs: dict[str, Any]) -> Created:
    client("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
    return inputs["bucket"], {}


def _lifecycle(client: Client, inputs: dict[str, Any]) -> Created:
    rules = []
    for item in inputs["rules"]:
        rule: dict[str, Any] = {
            "ID": item["id"],
            "Status": item["status"],
            "Filter": {"Prefix": item["filter"]["prefix"]},
        }
        if "noncurrentVersionExpiration" in item:
            days = item["noncurrentVersionExpiration"]["noncurrentDays"]
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
        if "expiration" in item:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": item["expiration"]["expiredObjectDeleteMarker"]}
        if "abortIncompleteMultipartUpload" in item:
            days = item["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
        rules.append(rule)
    client("s3").put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})
    return inputs["bucket"], {}


def _queue(client: Client, inputs: dict[str, Any]) -> Created:
    sqs = client("sqs")
    settings = {
        "MessageRetentionPeriod": str(inputs["messageRetentionSeconds"]),
        "SqsManagedSseEnabled": str(inputs["sqsManagedSseEnabled"]).lower(),
    }
    url = sqs.create_queue(QueueName=inputs["name"], Attributes=settings, tags=inputs["tags"])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, {"url": url, "arn": arn}


def _queue_policy(client: Client, inputs: dict[str, Any]) -> Created:
    client("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
    return inputs["queueUrl"], {}


def _repository(client: Client, inputs: dict[str, Any]) -> Created:
    answer = client("ecr").create_repository(
        repositoryName=inputs["name"],
        imageTagMutability=inputs["imageTagMutability"],
        imageScanningConfiguration={"scanOnPush": inputs["imageScanningConfiguration"]["scanOnPush"]},
        tags=_tags(inputs),
    )["repository"]
    return inputs["name"], {"arn": answer["repositoryArn"], "repository_url": answer["repositoryUri"]}


def _repository_lifecycle(client: Client, inputs: dict[str, Any]) -> Created:
    client("ecr").put_lifecycle_policy(repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"])
    return inputs["repository"], {}


def _event_rule(client: Client, inputs: dict[str, Any]) -> Created:
    client("events").put_rule(Name=inputs["name"], EventPattern=inputs["eventPattern"], Tags=_tags(inputs))
    return inputs["name"], {}


def _event_target(client: Client, inputs: dict[str, Any]) -> Created:
    target = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
    client("events").put_targets(Rule=inputs["rule"], Targets=[target])
    return f"{inputs['rule']}-{inputs['targetId']}", {}


CREATORS: dict[str, Callable[[Client, dict[str, Any]], Created]] = {
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
"""Function that creates each type of resource, by the last part of its token."""
