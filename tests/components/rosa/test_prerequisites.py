"""Resources around a ROSA cluster, created in a simulated AWS: accepted, complete, and with exact trust."""

import ipaddress
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from modelyard.components.aws.policies import trust_policy
from modelyard.components.rosa import roles as rosa_roles
from modelyard.components.rosa.cluster.component import RosaCluster

from tests.components.aws.account import AwsAccount, account
from tests.components.aws.decision import effect
from tests.components.aws.engine import ACCOUNT, REGION

OWNERSHIP = {"team": "platform", "owner": "ml-platform", "cost_center": "42", "environment": "rosa-test"}
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
CLUSTER: dict[str, Any] = {
    "ownership": OWNERSHIP,
    "region": REGION,
    "zones": ZONES,
    "account_id": ACCOUNT,
    "creator_arn": f"arn:aws:iam::{ACCOUNT}:user/platform",
    "version": "4.20.1",
    "nat_per_zone": True,
    "spot_queue": True,
    "repositories": ["train"],
    "budget": {"amount_per_month": 5000, "emails": ["gpu-costs@example.com"]},
}
ISSUER = "oidc.example.com/1"


@pytest.fixture(scope="module")
def with_cluster() -> Iterator[AwsAccount]:
    """AWS account with the resources around a cluster."""
    with account() as aws:
        RosaCluster("gpu1", CLUSTER)  # type: ignore[arg-type]
        aws.finish()
        yield aws


def roles(aws: AwsAccount) -> dict[str, dict[str, Any]]:
    return {role["RoleName"]: role for role in aws.client("iam").list_roles()["Roles"]}


def test_subnets_lie_in_the_vpc_and_apart(with_cluster: AwsAccount):
    ec2 = with_cluster.client("ec2")
    [vpc] = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    whole = ipaddress.ip_network(vpc["CidrBlock"])
    ranges = [ipaddress.ip_network(subnet["CidrBlock"]) for subnet in subnets]

    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == sorted(2 * ZONES)
    assert all(network.subnet_of(whole) for network in ranges)  # type: ignore[arg-type]
    assert not [1 for index, network in enumerate(ranges) for other in ranges[index + 1 :] if network.overlaps(other)]


def test_private_subnets_use_their_zones_nat_and_s3_endpoint(with_cluster: AwsAccount):
    ec2 = with_cluster.client("ec2")
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in ec2.describe_subnets()["Subnets"]}
    gateways = {
        gateway["NatGatewayId"]: zones[gateway["SubnetId"]] for gateway in ec2.describe_nat_gateways()["NatGateways"]
    }
    tables = {
        association["SubnetId"]: table
        for table in ec2.describe_route_tables()["RouteTables"]
        for association in table["Associations"]
        if "SubnetId" in association
    }
    nat_routes = {
        subnet: [route for route in table["Routes"] if "NatGatewayId" in route] for subnet, table in tables.items()
    }
    routes = {subnet: through_nat[0] for subnet, through_nat in nat_routes.items() if through_nat}

    assert sorted(gateways.values()) == ZONES
    assert {zones[subnet] for subnet in routes} == set(ZONES)
    assert all(gateways[route["NatGatewayId"]] == zones[subnet] for subnet, route in routes.items())
    [endpoint] = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert sorted(endpoint["RouteTableIds"]) == sorted(tables[subnet]["RouteTableId"] for subnet in routes)


def test_subnets_roles_and_key_of_the_cluster_exist(with_cluster: AwsAccount):
    [aws] = [
        resource.inputs["aws"] for resource in with_cluster.registered if resource.type.endswith("rosa:HcpCluster")
    ]
    subnets = with_cluster.client("ec2").describe_subnets(SubnetIds=aws["subnet_ids"])["Subnets"]
    arns = {role["Arn"] for role in roles(with_cluster).values()}
    key = with_cluster.client("kms").describe_key(KeyId=aws["kms_key_arn"])["KeyMetadata"]

    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == ZONES
    sts = aws["sts"]
    assert {sts["role_arn"], sts["support_role_arn"], sts["instance_iam_roles"]["worker_role_arn"]} <= arns
    assert key["Enabled"]
    assert with_cluster.client("kms").get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]


def test_every_role_has_an_existing_policy_of_aws(with_cluster: AwsAccount):
    iam = with_cluster.client("iam")
    policies = {role.name("gpu1"): role.policy for role in (*rosa_roles.ACCOUNT, *rosa_roles.OPERATORS)}
    attached = {
        name: [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
        for name in roles(with_cluster)
    }
    assert attached == {name: [policy] for name, policy in policies.items()}


def managed(aws: AwsAccount, name: str) -> str:
    """A policy of AWS itself, as it is there."""
    iam, arn = aws.client("iam"), f"{rosa_roles.POLICIES}/{name}"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return json.dumps(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def test_tag_of_the_key_lets_managed_policies_use_it(with_cluster: AwsAccount):
    kms = with_cluster.client("kms")
    [key] = kms.list_keys()["Keys"]
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
    context = {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
    policy = managed(with_cluster, "ROSAKMSProviderPolicy")
    assert effect(policy, "kms:Decrypt", key["KeyArn"], context) == "Allow"
    assert effect(policy, "kms:Decrypt", key["KeyArn"]) == "None"


def test_nodes_pull_only_from_the_clusters_repositories(with_cluster: AwsAccount):
    ecr = with_cluster.client("ecr")
    [repository] = ecr.describe_repositories()["repositories"]
    tags = {
        tag["Key"]: tag["Value"] for tag in ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
    }
    context = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    policy = managed(with_cluster, "ROSAWorkerInstancePolicy")

    assert (repository["repositoryName"], repository["imageTagMutability"]) == ("gpu1/train", "IMMUTABLE")
    assert effect(policy, "ecr:BatchGetImage", repository["repositoryArn"], context) == "Allow"
    assert effect(policy, "ecr:BatchGetImage", repository["repositoryArn"]) == "None"
    assert effect(policy, "ecr:PutImage", repository["repositoryArn"], context) == "None"
    [rule] = json.loads(ecr.get_lifecycle_policy(repositoryName="gpu1/train")["lifecyclePolicyText"])["rules"]
    assert rule["selection"]["tagStatus"] == "untagged"


def test_spot_notices_reach_a_queue_the_cluster_may_read(with_cluster: AwsAccount):
    [aws] = [
        resource.inputs["aws"] for resource in with_cluster.registered if resource.type.endswith("rosa:HcpCluster")
    ]
    sqs, events = with_cluster.client("sqs"), with_cluster.client("events")
    url = aws["termination_handler_queue_url"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    rules = {rule["Name"]: json.loads(rule["EventPattern"])["detail-type"] for rule in events.list_rules()["Rules"]}
    context = {f"aws:ResourceTag/{key}": value for key, value in sqs.list_queue_tags(QueueUrl=url)["Tags"].items()}
    policy = managed(with_cluster, "ROSANodePoolManagementPolicy")

    assert effect(policy, "sqs:ReceiveMessage", queue["QueueArn"], context) == "Allow"
    assert effect(policy, "sqs:ReceiveMessage", queue["QueueArn"]) == "None"
    assert rules["gpu1-interruption"] == ["EC2 Spot Instance Interruption Warning"]
    for rule in rules:
        assert [target["Arn"] for target in events.list_targets_by_rule(Rule=rule)["Targets"]] == [queue["QueueArn"]]
    ours, theirs = {"aws:SourceAccount": ACCOUNT}, {"aws:SourceAccount": "210987654321"}
    assert effect(queue["Policy"], "sqs:SendMessage", queue["QueueArn"], ours) == "Allow"
    assert effect(queue["Policy"], "sqs:SendMessage", queue["QueueArn"], theirs) == "None"
    assert (
        effect(queue["Policy"], "sqs:SendMessage", queue["QueueArn"], {**ours, "aws:SecureTransport": "false"})
        == "Deny"
    )


@pytest.mark.parametrize("role", rosa_roles.OPERATORS, ids=lambda role: role.operator)
def test_operator_role_trusts_only_its_service_accounts(with_cluster: AwsAccount, role):
    resource = roles(with_cluster)[role.name("gpu1")]
    trust = json.dumps(resource["AssumeRolePolicyDocument"])

    def decide(namespace: str, service_account: str) -> str:
        subject = f"system:serviceaccount:{namespace}:{service_account}"
        return effect(trust, "sts:AssumeRoleWithWebIdentity", "", {f"{ISSUER}:sub": subject})

    assert {decide(role.namespace, account) for account in role.accounts} == {"Allow"}
    assert decide("team-a", role.accounts[0]) == decide(role.namespace, "default") == "None"
    [provider] = with_cluster.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert resource["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Federated": provider["Arn"]}


def test_budget_has_three_notifications(with_cluster: AwsAccount):
    budgets = with_cluster.client("budgets")
    [budget] = budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert float(budget["BudgetLimit"]["Amount"]) == 5000
    notices = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName="gpu1-monthly")["Notifications"]
    assert [(notice["Threshold"], notice["NotificationType"]) for notice in notices] == [
        (80, "ACTUAL"),
        (100, "ACTUAL"),
        (100, "FORECASTED"),
    ]


def test_existing_role_is_never_overwritten(with_cluster: AwsAccount):
    worker = roles(with_cluster)["gpu1-HCP-ROSA-Worker-Role"]
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        with_cluster.client("iam").create_role(
            RoleName=worker["RoleName"], AssumeRolePolicyDocument=trust_policy({"Service": "ec2.amazonaws.com"})
        )
