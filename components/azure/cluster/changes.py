"""Effects of a change of each argument of AksCluster."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_CREATION_ONLY = "AKS accepts it at creation only: the cluster is deleted and recreated, with everything in it"
_BY_PROVIDER = "Pulumi's provider for Azure deletes and recreates the cluster, with everything in it"
_PROTECTED = "; in production Pulumi refuses until the protection is removed"
_POOL = "the pool is drained, deleted and recreated; its pods wait for the new nodes, or run on another pool"
_LATER = "for later upgrades"

AKS_CLUSTER_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "tags of all resources"),
    "location": Change(Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.location",)),
    "cluster_name": Change(
        Effect.REPLACE,
        _CREATION_ONLY + _PROTECTED,
        ("ManagedCluster.resourceName", "ManagedCluster.dnsPrefix", "ManagedCluster.nodeResourceGroup"),
    ),
    "resource_group": Change(Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.resourceGroupName",)),
    "kubernetes_version": Change(
        Effect.ROLLING,
        "control plane and system pool; pools without a version of their own follow. It cannot be lowered again",
    ),
    "admin_groups": Change(Effect.IN_PLACE),
    "production": Change(
        Effect.IN_PLACE,
        "tier and protection. Registry and vault keep their copies in zones and their days of soft delete; purge "
        "protection of the vault cannot be switched off",
    ),
    "network.virtual_network": Change(Effect.IN_PLACE, "may grow; every subnet must lie in it"),
    "network.nodes": Change(Effect.REFUSED, "a subnet in use cannot be changed; create a second cluster"),
    "network.pods": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "network.pod_subnet": Change(Effect.REFUSED, "a subnet in use cannot be changed; create a second cluster"),
    "network.services": Change(
        Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.networkProfile.serviceCidr",)
    ),
    "network.dns": Change(Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.networkProfile.dnsServiceIP",)),
    "network.existing_subnet": Change(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.existing_pod_subnet": Change(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.outbound": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "cilium": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "max_nodes": Change(Effect.IN_PLACE, "a limit of the validation only"),
    "pods_per_node": Change(
        Effect.REFUSED,
        "AKS refuses it for the system pool; GPU pools have their own `max_pods`",
        ("AgentPool.maxPods",),
    ),
    "api.private": Change(Effect.REFUSED, "AKS can make an API server private at creation only"),
    "api.authorized_ranges": Change(Effect.IN_PLACE),
    "system_pool.vm_size": Change(Effect.REFUSED, "AKS cannot change it; create a second cluster"),
    "system_pool.min_nodes": Change(Effect.IN_PLACE),
    "system_pool.max_nodes": Change(Effect.IN_PLACE),
    "system_pool.zones": Change(Effect.REFUSED, "AKS cannot change it; create a second cluster"),
    "general_pool.vm_size": Change(
        Effect.REPLACE, _POOL, ("AgentPool.vmSize", "AgentPool.osDiskType", "AgentPool.osDiskSizeGB")
    ),
    "general_pool.min_nodes": Change(Effect.IN_PLACE),
    "general_pool.max_nodes": Change(Effect.IN_PLACE),
    "general_pool.zones": Change(Effect.REPLACE, _POOL, ("AgentPool.availabilityZones",)),
    "node_auto_provisioning": Change(
        Effect.REFUSED, "AKS refuses it while pools autoscale; decide it when the cluster is created"
    ),
    "maintenance.day": Change(Effect.IN_PLACE, _LATER),
    "maintenance.start": Change(Effect.IN_PLACE, _LATER),
    "maintenance.hours": Change(Effect.IN_PLACE, _LATER),
    "maintenance.utc_offset": Change(Effect.IN_PLACE, _LATER),
    "maintenance.quiet_times": Change(Effect.IN_PLACE, _LATER),
    "maintenance.channel": Change(Effect.IN_PLACE, "the next window may upgrade Kubernetes"),
    "maintenance.node_channel": Change(Effect.IN_PLACE, "the next window may roll all nodes"),
    "registry": Change(Effect.IN_PLACE, "without it the registry is deleted, but in production kept"),
    "vault": Change(
        Effect.IN_PLACE, "without it the vault is deleted; it can be recovered for 7 days, in production for 90"
    ),
    "monitoring": Change(Effect.IN_PLACE, "without it the metrics and logs are deleted"),
    "log_days": Change(Effect.IN_PLACE),
    "local_nvme": Change(Effect.IN_PLACE),
    "budget.amount_per_month": Change(Effect.IN_PLACE),
    "budget.emails": Change(Effect.IN_PLACE),
    "budget.from_month": Change(Effect.REPLACE, "the budget only; no cost is lost", ("Budget.timePeriod.startDate",)),
    "login": Change(Effect.IN_PLACE, "of the Kubernetes provider only; the cluster stays as it is"),
    "vcpu_quota": Change(Effect.IN_PLACE, "a limit of the validation only"),
}
"""By argument; `.` separates a nested one."""
