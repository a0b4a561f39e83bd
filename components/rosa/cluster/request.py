"""What Cluster Manager is asked for a cluster: the plan, and the ids of what was made around it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from modelyard.components.rosa.cluster.spec import RosaPlan


def cluster_inputs(
    plan: RosaPlan,
    *,
    subnets: Sequence[pulumi.Input[str]],
    roles: Mapping[str, pulumi.Input[str]],
    oidc_config_id: pulumi.Input[str],
    key: pulumi.Input[str],
    queue: pulumi.Input[str] | None,
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """Inputs of `HcpCluster`, which have the shape of OCM's request.

    Args:
        plan: the cluster.
        subnets: ids, the private ones first.
        roles: ARNs of the account roles `Installer`, `Support` and `Worker`.
        oidc_config_id: OCM's id of the OIDC configuration.
        key: ARN of the KMS key for disks and etcd.
        queue: address of the queue of interruption notices.
        tags: of the cluster's resources in AWS.
    """
    aws: dict[str, Any] = {
        "account_id": plan.account_id,
        "billing_account_id": plan.billing_account_id,
        "subnet_ids": list(subnets),
        "private_link": plan.private,
        "ec2_metadata_http_tokens": "required",
        "kms_key_arn": key,
        "etcd_encryption": {"kms_key_arn": key},
        "tags": dict(tags),
        "sts": {
            "role_arn": roles["Installer"],
            "support_role_arn": roles["Support"],
            "instance_iam_roles": {"worker_role_arn": roles["Worker"]},
            "operator_role_prefix": plan.cluster,
            "oidc_config": {"id": oidc_config_id},
            "auto_mode": False,
        },
    }
    if queue is not None:
        aws["termination_handler_queue_url"] = queue
    inputs: dict[str, Any] = {
        "name": plan.cluster,
        "region": {"id": plan.region},
        "multi_az": len(plan.zones) > 1,
        "etcd_encryption": True,
        "version": {"id": plan.version_id, "channel_group": plan.channel_group},
        "properties": {"rosa_creator_arn": plan.creator_arn},
        "nodes": {
            "compute": plan.nodes,
            "compute_machine_type": {"id": plan.machine_type},
            "availability_zones": list(plan.zones),
        },
        "aws": aws,
        "api": {"listening": "internal" if plan.private else "external"},
        "network": {
            **{f"{kind}_cidr": str(one) for kind, one in plan.addresses.items()},
            "host_prefix": plan.host_prefix,
        },
        "delete_protection": {"enabled": plan.protected},
    }
    if plan.domain_prefix is not None:
        inputs["domain_prefix"] = plan.domain_prefix
    if plan.acknowledged is not None:
        inputs["acknowledge_gates_for"] = plan.acknowledged
    return inputs
