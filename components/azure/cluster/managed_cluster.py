"""The managed cluster, as Azure's API wants it: a pure function of the plan.

Property names are those of pulumi_azure_native 3.29, containerservice API 2025-09-01.
"""

import hashlib
import json
from typing import Any

from modelyard.components.azure.cluster.changes import AKS_CLUSTER_CHANGES
from modelyard.components.azure.cluster.plain_pool import PlainPool
from modelyard.components.azure.cluster.spec import Plan
from modelyard.components.azure.naming import node_resource_group
from modelyard.components.common.change import replacing

SYSTEM_POOL = "system"
"""The one pool that stands inside the cluster's own resource. Pools of any other kind are resources of their own:
touching an inline one sets all of them to `Scaling` (pulumi-azure-native issue 4264), and removing one leaves it
running (issue 1686)."""

GENERAL_POOL = "general"

OS_DISK_GIB = 128

DRAIN_MINUTES = 30
"""Longest wait for pods of these pools to leave; AKS' own default (AKS, node drain timeout)."""

AUTOSCALER = {
    # Several kinds of GPU nodes: take the kind that leaves least unused, not any at random.
    "expander": "least-waste",
    # A GPU node takes 5 to 15 minutes until its driver is there; at the default of 15 the autoscaler gives up on it.
    "max_node_provision_time": "30m",
    # A job that has just ended often has a successor which would pay those minutes again.
    "scale_down_unneeded_time": "10m",
    "scale_down_delay_after_add": "10m",
    "scale_down_unready_time": "30m",
    # The GPU, not the cores, is what a node is for: below half of the larger of both it may go.
    "scale_down_utilization_threshold": "0.5",
    "ignore_daemonsets_utilization": True,
    # Ray's and the trainers' scratch space is an emptyDir; without this no such node would ever be removed.
    "skip_nodes_with_local_storage": "false",
    "skip_nodes_with_system_pods": "true",
    # Zones of one pool stay even, as far as there is capacity.
    "balance_similar_node_groups": "true",
    # Checkpoints are written on SIGTERM; ten minutes, the longest that AKS allows, is what large models need.
    "max_graceful_termination_sec": "600",
}
"""Autoscaler profile for GPUs. Every value but the flags of daemon sets is a string (pulumi_azure_native)."""

FIXED = replacing(AKS_CLUSTER_CHANGES, "ManagedCluster")
"""Inputs that AKS takes at creation only: a change makes a new cluster."""

GENERAL_POOL_FIXED = replacing(AKS_CLUSTER_CHANGES, "AgentPool")
"""The same of the pool for work without GPUs."""


def managed_cluster(
    plan: Plan,
    *,
    node_subnet: Any,
    pod_subnet: Any,
    control_plane_identity: Any,
    kubelet_identity: Any,
    tags: dict[str, str],
    vault: bool,
    metrics: bool,
) -> dict[str, Any]:
    """Keyword arguments of `containerservice.ManagedCluster`, but for names of cluster and resource group."""
    return {
        "location": plan.location,
        "tags": tags,
        "kubernetes_version": str(plan.version),
        "dns_prefix": plan.cluster,
        "node_resource_group": node_resource_group(plan.cluster),
        "node_resource_group_profile": {"restriction_level": "ReadOnly"},
        "sku": {"name": "Base", "tier": "Standard" if plan.production else "Free"},
        "support_plan": "KubernetesOfficial",
        "identity": {"type": "UserAssigned", "user_assigned_identities": [control_plane_identity]},
        "identity_profile": {"kubeletidentity": kubelet_identity},
        "enable_rbac": True,
        "disable_local_accounts": True,
        "aad_profile": {
            "managed": True,
            "enable_azure_rbac": True,
            "admin_group_object_ids": list(plan.admin_groups),
        },
        "oidc_issuer_profile": {"enabled": True},
        "security_profile": {
            "workload_identity": {"enabled": True},
            "image_cleaner": {"enabled": True, "interval_hours": 168},
        },
        "api_server_access_profile": _api(plan),
        "network_profile": _network(plan),
        "agent_pool_profiles": [{"name": SYSTEM_POOL, **_system(plan, node_subnet, pod_subnet, tags)}],
        "auto_scaler_profile": None if plan.auto_provisioning else dict(AUTOSCALER),
        "node_provisioning_profile": (
            # Karpenter's own default pools would take pods that belong on ours.
            {"mode": "Auto", "default_node_pools": "None"} if plan.auto_provisioning else {"mode": "Manual"}
        ),
        "auto_upgrade_profile": {"upgrade_channel": plan.channel, "node_os_upgrade_channel": plan.node_channel},
        "storage_profile": {
            "blob_csi_driver": {"enabled": True},
            "disk_csi_driver": {"enabled": True},
            "file_csi_driver": {"enabled": True},
            "snapshot_controller": {"enabled": True},
        },
        "addon_profiles": _addons(vault=vault),
        "azure_monitor_profile": {"metrics": {"enabled": metrics}},
    }


def general_pool(plan: Plan, *, node_subnet: Any, pod_subnet: Any, tags: dict[str, str]) -> dict[str, Any]:
    """Keyword arguments of the `containerservice.AgentPool` for work without GPUs."""
    return {
        **_nodes(plan, plan.general, node_subnet, pod_subnet, tags),
        "mode": "User",
        "count": plan.general.min_nodes,
    }


def generation(plan: Plan) -> str:
    """Tells this cluster from any that would be made in its place.

    Pulumi replaces a Kubernetes provider, and all that it made, when its cluster's identifier changes or is not known
    yet. So it is made of plain values, those that make AKS build another cluster, and never of an output.
    """
    a = plan.addresses
    fixed = [plan.resource_group, plan.cluster, plan.location, str(a.services), str(a.dns)]
    fixed += [str(a.pods), plan.outbound, str(plan.cilium)]  # azure-native replaces for these, though AKS could change
    return hashlib.sha256(json.dumps(fixed).encode()).hexdigest()[:16]


def _api(plan: Plan) -> dict[str, Any]:
    if plan.private:
        return {
            "enable_private_cluster": True,
            "private_dns_zone": "system",
            "enable_private_cluster_public_fqdn": False,
            # `az aks command invoke` would run commands from outside as cluster administrator.
            "disable_run_command": True,
        }
    return {"authorized_ip_ranges": list(plan.authorized_ranges), "disable_run_command": True}


def _network(plan: Plan) -> dict[str, Any]:
    a = plan.addresses
    made: dict[str, Any] = {
        "network_plugin": "azure",
        "network_dataplane": "cilium" if plan.cilium else "azure",
        "network_policy": "cilium" if plan.cilium else "azure",
        "service_cidr": str(a.services),
        "dns_service_ip": str(a.dns),
        "load_balancer_sku": "standard",
        "outbound_type": plan.outbound,
    }
    if a.pods is not None:
        made |= {"network_plugin_mode": "overlay", "pod_cidr": str(a.pods)}
    return made


def _system(plan: Plan, node_subnet: Any, pod_subnet: Any, tags: dict[str, str]) -> dict[str, Any]:
    return {
        **_nodes(plan, plan.system, node_subnet, pod_subnet, tags),
        "mode": "System",
        "count": plan.system.min_nodes,
        "node_taints": ["CriticalAddonsOnly=true:NoSchedule"],
    }


def _nodes(plan: Plan, pool: PlainPool, node_subnet: Any, pod_subnet: Any, tags: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "VirtualMachineScaleSets",
        "vm_size": pool.vm_size,
        "os_type": "Linux",
        "os_sku": "Ubuntu",
        "os_disk_type": "Ephemeral" if pool.ephemeral else "Managed",
        "os_disk_size_gb": OS_DISK_GIB,
        "enable_auto_scaling": pool.autoscaled,
        "max_pods": plan.pods_per_node,
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "vnet_subnet_id": node_subnet,
        "upgrade_settings": {"max_surge": "1", "drain_timeout_in_minutes": DRAIN_MINUTES},
        "tags": tags,
    }
    if pool.autoscaled:
        made |= {"min_count": pool.min_nodes, "max_count": pool.max_nodes}
    if pool.zones:
        made["availability_zones"] = list(pool.zones)
    if pod_subnet is not None:
        made["pod_subnet_id"] = pod_subnet
    return made


def _addons(*, vault: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"azurepolicy": {"enabled": False}}
    if vault:
        rotation = {"enableSecretRotation": "true", "rotationPollInterval": "2m"}
        made["azureKeyvaultSecretsProvider"] = {"enabled": True, "config": rotation}
    return made
