"""Inputs of the managed cluster and its general pool: pure functions of the spec.

Property names are those of pulumi_azure_native 3.29, containerservice API 2025-09-01.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pulumi
from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.spec import AksClusterSpec, CpuPoolSpec
from modelyard.components.azure.naming import node_resource_group
from modelyard.components.common.change import replaced_properties

SYSTEM_POOL = "system"
"""Name of the only pool inside the cluster's own resource. All other pools are resources of their own: a change of an
inline one sets all of them to `Scaling` (pulumi-azure-native issue 4264), and one that is removed keeps running
(issue 1686)."""

GENERAL_POOL = "general"
"""Name of the pool for operators and work without GPUs."""

OS_DISK_GIB = 128
"""OS disk of nodes without GPUs."""

DRAIN_MINUTES = 30
"""Longest wait for pods of the cluster's own pools to leave; AKS' own default (AKS, node drain timeout)."""

AUTOSCALER = {
    # Among several sorts of GPU nodes, take the one that leaves least unused instead of a random one.
    "expander": "least-waste",
    # A GPU node needs 5 to 15 minutes until its driver runs; at the default of 15 the autoscaler gives up on it.
    "max_node_provision_time": "30m",
    # A job that has just ended often has a successor, which would wait those minutes again.
    "scale_down_unneeded_time": "10m",
    "scale_down_delay_after_add": "10m",
    "scale_down_unready_time": "30m",
    # A node of which less than half is requested may go.
    "scale_down_utilization_threshold": "0.5",
    "ignore_daemonsets_utilization": True,
    # Ray and the trainers use an emptyDir as scratch space, and nodes with one are never removed by default.
    "skip_nodes_with_local_storage": "false",
    "skip_nodes_with_system_pods": "true",
    # Zones of one pool stay even, as far as there is capacity.
    "balance_similar_node_groups": "true",
    # Checkpoints are written on SIGTERM; ten minutes, the longest that AKS allows, is what large models need.
    "max_graceful_termination_sec": "600",
}
"""Autoscaler profile for GPUs. Every value but the flags of daemon sets is a string (pulumi_azure_native)."""

FIXED = replaced_properties(AKS_CLUSTER_CHANGES, "ManagedCluster")
"""Inputs that AKS accepts at creation only: a change replaces the cluster."""

GENERAL_POOL_FIXED = replaced_properties(AKS_CLUSTER_CHANGES, "AgentPool")
"""Inputs of the general pool that AKS accepts at creation only: a change replaces the pool."""


def managed_cluster_args(
    spec: AksClusterSpec,
    *,
    node_subnet: pulumi.Input[str],
    pod_subnet: pulumi.Input[str] | None,
    control_plane_identity: pulumi.Input[str],
    kubelet_identity: Mapping[str, pulumi.Input[str]],
) -> dict[str, Any]:
    """Return the keyword arguments of `containerservice.ManagedCluster`, without names of cluster and group."""
    return {
        "location": spec.location,
        "tags": spec.tags,
        "kubernetes_version": str(spec.kubernetes_version),
        "dns_prefix": spec.cluster_name,
        "node_resource_group": node_resource_group(spec.cluster_name),
        "node_resource_group_profile": {"restriction_level": "ReadOnly"},
        "sku": {"name": "Base", "tier": "Standard" if spec.production else "Free"},
        "support_plan": "KubernetesOfficial",
        "identity": {"type": "UserAssigned", "user_assigned_identities": [control_plane_identity]},
        "identity_profile": {"kubeletidentity": dict(kubelet_identity)},
        "enable_rbac": True,
        "disable_local_accounts": True,
        "aad_profile": {
            "managed": True,
            "enable_azure_rbac": True,
            "admin_group_object_ids": list(spec.admin_groups),
        },
        "oidc_issuer_profile": {"enabled": True},
        "security_profile": {
            "workload_identity": {"enabled": True},
            "image_cleaner": {"enabled": True, "interval_hours": 168},
        },
        "api_server_access_profile": _api_args(spec),
        "network_profile": _network_args(spec),
        "agent_pool_profiles": [
            {
                **_node_args(spec, spec.system_pool, node_subnet, pod_subnet),
                "name": SYSTEM_POOL,
                "mode": "System",
                "node_taints": ["CriticalAddonsOnly=true:NoSchedule"],
            }
        ],
        "auto_scaler_profile": None if spec.node_auto_provisioning else dict(AUTOSCALER),
        "node_provisioning_profile": (
            # Karpenter's own default pools would take pods that belong on this library's.
            {"mode": "Auto", "default_node_pools": "None"} if spec.node_auto_provisioning else {"mode": "Manual"}
        ),
        "auto_upgrade_profile": {
            "upgrade_channel": spec.channel.value,
            "node_os_upgrade_channel": spec.node_channel.value,
        },
        "storage_profile": {
            "blob_csi_driver": {"enabled": True},
            "disk_csi_driver": {"enabled": True},
            "file_csi_driver": {"enabled": True},
            "snapshot_controller": {"enabled": True},
        },
        "addon_profiles": _addon_args(spec),
        "azure_monitor_profile": {"metrics": {"enabled": spec.monitoring}},
    }


def general_pool_args(
    spec: AksClusterSpec,
    *,
    node_subnet: pulumi.Input[str],
    pod_subnet: pulumi.Input[str] | None,
) -> dict[str, Any]:
    """Return the keyword arguments of the `containerservice.AgentPool` for work without GPUs."""
    return {**_node_args(spec, spec.general_pool, node_subnet, pod_subnet), "mode": "User"}


def cluster_identifier(spec: AksClusterSpec) -> str:
    """Return an identifier that changes exactly when a change makes Azure create another cluster.

    Pulumi replaces a Kubernetes provider, and everything in its cluster, when its cluster's identifier changes or is
    unknown. So it is computed from plain values, never from an output.
    """
    addresses = spec.addresses
    fixed = [spec.resource_group, spec.cluster_name, spec.location, str(addresses.services), str(addresses.dns)]
    # azure-native replaces the cluster for these, though AKS could change them.
    fixed += [str(addresses.pods), spec.outbound.value, str(spec.cilium)]
    return hashlib.sha256(json.dumps(fixed).encode()).hexdigest()[:16]


def _api_args(spec: AksClusterSpec) -> dict[str, Any]:
    # `az aks command invoke` would run commands from outside as cluster administrator.
    args: dict[str, Any] = {"disable_run_command": True}
    if not spec.private_api:
        return args | {"authorized_ip_ranges": list(spec.authorized_ranges)}
    return args | {
        "enable_private_cluster": True,
        "private_dns_zone": "system",
        "enable_private_cluster_public_fqdn": False,
    }


def _network_args(spec: AksClusterSpec) -> dict[str, Any]:
    addresses, engine = spec.addresses, "cilium" if spec.cilium else "azure"
    args: dict[str, Any] = {
        "network_plugin": "azure",
        "network_dataplane": engine,
        "network_policy": engine,
        "service_cidr": str(addresses.services),
        "dns_service_ip": str(addresses.dns),
        "load_balancer_sku": "standard",
        "outbound_type": spec.outbound.value,
    }
    if addresses.pods is not None:
        args |= {"network_plugin_mode": "overlay", "pod_cidr": str(addresses.pods)}
    return args


def _node_args(
    spec: AksClusterSpec,
    pool: CpuPoolSpec,
    node_subnet: pulumi.Input[str],
    pod_subnet: pulumi.Input[str] | None,
) -> dict[str, Any]:
    args: dict[str, Any] = {
        "type": "VirtualMachineScaleSets",
        "vm_size": pool.vm_size,
        "count": pool.min_nodes,
        "os_type": "Linux",
        "os_sku": "Ubuntu",
        "os_disk_type": "Ephemeral" if pool.ephemeral_disk else "Managed",
        "os_disk_size_gb": OS_DISK_GIB,
        "enable_auto_scaling": pool.autoscaled,
        "max_pods": spec.pods_per_node,
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "vnet_subnet_id": node_subnet,
        "upgrade_settings": {"max_surge": "1", "drain_timeout_in_minutes": DRAIN_MINUTES},
        "tags": spec.tags,
    }
    if pool.autoscaled:
        args |= {"min_count": pool.min_nodes, "max_count": pool.max_nodes}
    if pool.zones:
        args["availability_zones"] = list(pool.zones)
    if pod_subnet is not None:
        args["pod_subnet_id"] = pod_subnet
    return args


def _addon_args(spec: AksClusterSpec) -> dict[str, Any]:
    addons: dict[str, Any] = {"azurepolicy": {"enabled": False}}
    if spec.vault:
        rotation = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}
        addons["azureKeyvaultSecretsProvider"] = {"enabled": True, "config": rotation}
    return addons
