"""AWS services beside a ROSA cluster: queue of spot interruptions, image repositories, budget."""

import json
from collections.abc import Mapping, Sequence

import pulumi
from modelyard.components.aws.policies import policy_document
from modelyard.components.rosa.cluster.args import RosaBudgetArgs
from pulumi_aws import budgets, cloudwatch, ecr, sqs

EVENTS: Mapping[str, str] = {
    "interruption": "EC2 Spot Instance Interruption Warning",
    "rebalance": "EC2 Instance Rebalance Recommendation",
    "state": "EC2 Instance State-change Notification",
}
"""Detail types of EventBridge, source `aws.ec2`: those that the cluster's termination handler knows besides lifecycle
hooks of scaling groups, which ROSA does not have (aws-node-termination-handler, queue processor)."""

UNTAGGED_DAYS = 14
"""Days after which image layers without a tag are deleted: each build leaves some."""

NOTIFICATIONS = ((80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"))
"""Percent of the month's amount, and the kind of costs: spent or foreseen."""


def create_interruption_queue(
    name: str, cluster_name: str, account_id: str, *, tags: dict[str, str], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Register a queue of notices that a spot node is about to go, and the rules that fill it.

    The cluster's termination handler drains the node from it; AWS gives two minutes.

    Returns:
        Address of the queue.
    """
    child = pulumi.ResourceOptions(parent=parent)
    queue = sqs.Queue(
        f"{name}-interruptions",
        name=f"{cluster_name}-interruptions",
        # A notice is of no use once the node has gone.
        message_retention_seconds=300,
        sqs_managed_sse_enabled=True,
        # The tag lets the cluster's operator read it (AWS, ROSANodePoolManagementPolicy: NodePoolSQSActions).
        tags={**tags, "red-hat": "true"},
        opts=child,
    )
    sqs.QueuePolicy(
        f"{name}-interruptions",
        queue_url=queue.url,
        policy=queue.arn.apply(lambda arn: queue_policy(arn, account_id)),
        opts=pulumi.ResourceOptions(parent=parent, deleted_with=queue),
    )
    for event, detail_type in EVENTS.items():
        rule = cloudwatch.EventRule(
            f"{name}-{event}",
            name=f"{cluster_name}-{event}",
            event_pattern=json.dumps({"source": ["aws.ec2"], "detail-type": [detail_type]}),
            tags=tags,
            opts=child,
        )
        cloudwatch.EventTarget(f"{name}-{event}", rule=rule.name, arn=queue.arn, target_id="queue", opts=child)
    return queue.url


def queue_policy(queue_arn: str, account_id: str) -> str:
    """Let EventBridge put this account's events into the queue, over TLS; nobody else may send or read."""
    return policy_document(
        [
            {
                "Sid": "Events",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            },
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )


def create_repositories(
    name: str, cluster_name: str, names: Sequence[str], *, keep: bool, tags: dict[str, str], parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Register image repositories in ECR as `<cluster>/<name>`.

    A tag is given once, so that `1.2` is the same image tomorrow. Images are scanned when they are pushed.

    With `keep` they are protected, and stay in AWS when the stack is destroyed; else they are deleted with all images.

    Returns:
        Address of each repository, by name.
    """
    addresses: dict[str, pulumi.Output[str]] = {}
    for repository_name in names:
        repository = ecr.Repository(
            f"{name}-{repository_name}",
            name=f"{cluster_name}/{repository_name}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=not keep,
            # The tag lets the nodes pull (AWS, ROSAWorkerInstancePolicy: ECRReadOnlyAccessRedHatManaged).
            tags={**tags, "red-hat-managed": "true"},
            opts=pulumi.ResourceOptions(parent=parent, protect=keep, retain_on_delete=keep),
        )
        ecr.LifecyclePolicy(
            f"{name}-{repository_name}",
            repository=repository.name,
            policy=_untagged_policy(),
            opts=pulumi.ResourceOptions(parent=parent, deleted_with=repository, retain_on_delete=keep),
        )
        addresses[repository_name] = repository.repository_url
    return addresses


def _untagged_policy() -> str:
    rule = {
        "rulePriority": 1,
        "description": "layers that no tag names",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})


def create_budget(
    name: str, cluster_name: str, args: RosaBudgetArgs, *, tags: dict[str, str], parent: pulumi.Resource
) -> None:
    """Register a budget that mails about an expensive month; it stops nothing.

    It covers the whole account: tags count in AWS budgets only once somebody has activated them as cost allocation
    tags, and a budget that sees nothing is worse than one that sees too much.
    """
    budgets.Budget(
        f"{name}-budget",
        name=f"{cluster_name}-monthly",
        budget_type="COST",
        limit_amount=f"{float(args['amount_per_month']):.2f}",
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": kind,
                "threshold": threshold,
                "threshold_type": "PERCENTAGE",
                "subscriber_email_addresses": list(args["emails"]),
            }
            for threshold, kind in NOTIFICATIONS
        ],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
