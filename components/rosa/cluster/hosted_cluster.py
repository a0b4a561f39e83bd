"""Inputs of the hosted cluster, in the structure of Cluster Manager's request."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from modelyard.components.rosa.cluster.spec import RosaClusterSpec


def hosted_cluster_inputs(
    spec: RosaClusterSpec,
    *,
    subnets: Sequence[pulumi.Input[str]],
    roles: Mapping[str, pulumi.Input[str]],
    oidc_config_id: pulumi.Input[str],
    kms_key_arn: pulumi.Input[str],
    spot_queue_url: pulumi.Input[str] | None,
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """Build the inputs of `HcpCluster`.

    Args:
        spec: the cluster.
        subnets: ids, the private ones first.
        roles: ARNs of the account roles `Installer`, `Support` and `Worker`.
        oidc_config_id: OCM's id of the OIDC configuration.
        kms_key_arn: key for disks and etcd.
        spot_queue_url: address of the queue of interruption notices.
        tags: tags of the cluster's resources in AWS.
    """
    aws: dict[str, Any] = {
        "account_id": spec.account_id,
        "billing_account_id": spec.billing_account_id,
        "subnet_ids": list(subnets),
        "private_link": spec.private,
        "ec2_metadata_http_tokens": "required",
        "kms_key_arn": kms_key_arn,
        "etcd_encryption": {"kms_key_arn": kms_key_arn},
        "tags": dict(tags),
        "sts": {
            "role_arn": roles["Installer"],
            "support_role_arn": roles["Support"],
            "instance_iam_roles": {"worker_role_arn": roles["Worker"]},
            "operator_role_prefix": spec.cluster_name,
            "oidc_config": {"id": oidc_config_id},
            "auto_mode": False,
        },
    }
    if spot_queue_url is not None:
        aws["termination_handler_queue_url"] = spot_queue_url
    addresses = spec.addresses
    inputs: dict[str, Any] = {
        "name": spec.cluster_name,
        "region": {"id": spec.region},
        "multi_az": len(spec.zones) > 1,
        "etcd_encryption": True,
        "version": {"id": spec.version_id, "channel_group": spec.channel_group.value},
        "properties": {"rosa_creator_arn": spec.creator_arn},
        "nodes": {
            "compute": spec.compute_nodes,
            "compute_machine_type": {"id": spec.compute_machine_type},
            "availability_zones": list(spec.zones),
        },
        "aws": aws,
        "api": {"listening": "internal" if spec.private else "external"},
        "network": {
            "machine_cidr": str(addresses.machine_cidr),
            "service_cidr": str(addresses.service_cidr),
            "pod_cidr": str(addresses.pod_cidr),
            "host_prefix": addresses.host_prefix,
        },
        "delete_protection": {"enabled": spec.delete_protection},
    }
    if spec.domain_prefix is not None:
        inputs["domain_prefix"] = spec.domain_prefix
    if spec.acknowledge_gates_for is not None:
        inputs["acknowledge_gates_for"] = spec.acknowledge_gates_for
    return inputs
