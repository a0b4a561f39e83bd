"""A queue of notices that a spot node is about to go, from which the cluster's termination handler drains it.

AWS gives two minutes. The three events are those that the handler knows besides lifecycle hooks of scaling groups, of
which ROSA has none (aws-node-termination-handler, queue processor).
"""

import json
from collections.abc import Mapping

import pulumi

EVENTS: Mapping[str, str] = {
    "interruption": "EC2 Spot Instance Interruption Warning",
    "rebalance": "EC2 Instance Rebalance Recommendation",
    "state": "EC2 Instance State-change Notification",
}
"""Detail types of EventBridge, source `aws.ec2`."""


def interruption_queue(
    name: str, cluster: str, account_id: str, *, tags: dict[str, str], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Registers the queue and what fills it; returns its address.

    Args:
        name: of the component.
        cluster: its name in OCM.
        account_id: whose events it takes.
        tags: of the queue and the rules.
        parent: the component.
    """
    from pulumi_aws import cloudwatch, sqs  # noqa: PLC0415 - loaded by programs that have such a cluster

    inside = pulumi.ResourceOptions(parent=parent)
    queue = sqs.Queue(
        f"{name}-interruptions",
        name=f"{cluster}-interruptions",
        # A notice is of no use once the node has gone.
        message_retention_seconds=300,
        sqs_managed_sse_enabled=True,
        # The tag lets the cluster's operator read it (AWS, ROSANodePoolManagementPolicy: NodePoolSQSActions).
        tags={**tags, "red-hat": "true"},
        opts=inside,
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
            name=f"{cluster}-{event}",
            event_pattern=json.dumps({"source": ["aws.ec2"], "detail-type": [detail_type]}),
            tags=tags,
            opts=inside,
        )
        cloudwatch.EventTarget(f"{name}-{event}", rule=rule.name, arn=queue.arn, target_id="queue", opts=inside)
    return queue.url


def queue_policy(queue_arn: str, account_id: str) -> str:
    """Lets EventBridge put this account's events into the queue, over TLS, and nobody else anything."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
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
            ],
        }
    )
