"""Stand-in for Cluster Manager, bodies that it accepts, and clusters in it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.components.rosa.ocm.resources.cluster import HcpClusterProvider, HcpClusterReadyProvider
from modelyard.components.rosa.ocm.resources.oidc_config import OidcConfigProvider

from tests.components.rosa.ocm.server import FakeOcm


@pytest.fixture
def ocm(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOcm]:
    """Server that this process talks to."""
    for name in list(os.environ):
        if name.startswith(("RHCS_", "OCM_")):
            monkeypatch.delenv(name)
    with FakeOcm() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


def cluster(oidc: str = "oidc1", **changes: Any) -> dict[str, Any]:
    """Inputs of a cluster, with the numbers that Pulumi would hand over."""
    return {
        "name": "gpu1",
        "owner": "pulumi:modelyard:test:gpu1",
        "region": {"id": "us-east-1"},
        "multi_az": False,
        "version": {"id": "openshift-v4.20.1", "channel_group": "stable"},
        "properties": {"rosa_creator_arn": "arn:aws:iam::123456789012:user/x"},
        "nodes": {
            "compute": 2.0,
            "compute_machine_type": {"id": "m5.xlarge"},
            "availability_zones": ["us-east-1a"],
        },
        "aws": {
            "account_id": "123456789012",
            "subnet_ids": ["subnet-a", "subnet-b"],
            "private_link": True,
            "sts": {
                "role_arn": "arn:aws:iam::123456789012:role/i",
                "support_role_arn": "arn:aws:iam::123456789012:role/s",
                "instance_iam_roles": {"worker_role_arn": "arn:aws:iam::123456789012:role/w"},
                "operator_role_prefix": "gpu1",
                "oidc_config": {"id": oidc},
            },
        },
        "api": {"listening": "internal"},
        "network": {
            "machine_cidr": "10.0.0.0/16",
            "service_cidr": "172.30.0.0/16",
            "pod_cidr": "10.128.0.0/14",
            "host_prefix": 23.0,
        },
        **changes,
    }


def pool(cluster_id: str, **changes: Any) -> dict[str, Any]:
    """Inputs of a node pool."""
    return {
        "cluster_id": cluster_id,
        "owner": "pulumi:modelyard:test:l4",
        "id": "l4",
        "subnet": "subnet-a",
        "autoscaling": {"min_replica": 0.0, "max_replica": 4.0},
        "labels": {"a": "b"},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}],
        "aws_node_pool": {"instance_type": "g6.4xlarge", "root_volume": {"size": 300.0}},
        **changes,
    }


def accepted_cluster(ocm: FakeOcm, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Create a cluster that OCM has accepted; return its id and outputs."""
    config = OidcConfigProvider().create({"managed": True}).id
    result = HcpClusterProvider().create(cluster(config, **changes))
    return result.id, dict(result.outs or {})


def ready_cluster(ocm: FakeOcm, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Create a cluster and wait until it is ready; return its id and outputs."""
    cluster_id, outs = accepted_cluster(ocm, **changes)
    HcpClusterReadyProvider().create({"cluster_id": cluster_id, "version": "4.20.1"})
    return cluster_id, outs
