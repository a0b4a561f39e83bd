"""Effects of a change of each argument of AksCluster."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_CREATION_ONLY = "AKS accepts it at creation only: the cluster is deleted and recreated, with everything in it"
_BY_PROVIDER = "Pulumi's provider for Azure deletes and recreates the cluster, with everything in it"
_PROTECTED = "; in production Pulumi refuses until the protection is removed"
_POOL = "the pool is drained, deleted and recreated; its pods wait for the new nodes, or run on another pool"
_LATER = "for later upgrades"

AKS_CLUSTER_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership": ArgumentChange(Effect.IN_PLACE, "tags of all resources"),
    "location": ArgumentChange(Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.location",)),
    "cluster_name": ArgumentChange(
        Effect.REPLACE,
        _CREATION_ONLY + _PROTECTED,
        ("ManagedCluster.resourceName", "ManagedCluster.dnsPrefix", "ManagedCluster.nodeResourceGroup"),
    ),
    "resource_group": ArgumentChange(
        Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.resourceGroupName",)
    ),
    "kubernetes_version": ArgumentChange(
        Effect.ROLLING,
        "control plane and system pool; pools without a version of their own follow. It cannot be lowered again",
    ),
    "admin_groups": ArgumentChange(Effect.IN_PLACE),
    "production": ArgumentChange(
        Effect.IN_PLACE,
        "tier and protection. Registry and vault keep their copies in zones and their days of soft delete; purge "
        "protection of the vault cannot be switched off",
    ),
    "network.virtual_network": ArgumentChange(Effect.IN_PLACE, "may grow; every subnet must lie in it"),
    "network.nodes": ArgumentChange(Effect.REFUSED, "a subnet in use cannot be changed; create a second cluster"),
    "network.pods": ArgumentChange(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "network.pod_subnet": ArgumentChange(Effect.REFUSED, "a subnet in use cannot be changed; create a second cluster"),
    "network.services": ArgumentChange(
        Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.networkProfile.serviceCidr",)
    ),
    "network.dns": ArgumentChange(
        Effect.REPLACE, _CREATION_ONLY + _PROTECTED, ("ManagedCluster.networkProfile.dnsServiceIP",)
    ),
    "network.existing_subnet": ArgumentChange(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.existing_pod_subnet": ArgumentChange(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.outbound": ArgumentChange(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "cilium": ArgumentChange(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "max_nodes": ArgumentChange(Effect.IN_PLACE, "a limit of the validation only"),
    "pods_per_node": ArgumentChange(
        Effect.REFUSED,
        "AKS refuses it for the system pool; GPU pools have their own `max_pods`",
        ("AgentPool.maxPods",),
    ),
    "api.private": ArgumentChange(Effect.REFUSED, "AKS can make an API server private at creation only"),
    "api.authorized_ranges": ArgumentChange(Effect.IN_PLACE),
    "system_pool.vm_size": ArgumentChange(Effect.REFUSED, "AKS cannot change it; create a second cluster"),
    "system_pool.min_nodes": ArgumentChange(Effect.IN_PLACE),
    "system_pool.max_nodes": ArgumentChange(Effect.IN_PLACE),
    "system_pool.zones": ArgumentChange(Effect.REFUSED, "AKS cannot change it; create a second cluster"),
    "general_pool.vm_size": ArgumentChange(
        Effect.REPLACE, _POOL, ("AgentPool.vmSize", "AgentPool.osDiskType", "AgentPool.osDiskSizeGB")
    ),
    "general_pool.min_nodes": ArgumentChange(Effect.IN_PLACE),
    "general_pool.max_nodes": ArgumentChange(Effect.IN_PLACE),
    "general_pool.zones": ArgumentChange(Effect.REPLACE, _POOL, ("AgentPool.availabilityZones",)),
    "node_auto_provisioning": ArgumentChange(
        Effect.REFUSED, "AKS refuses it while pools autoscale; decide it when the cluster is created"
    ),
    "maintenance.day": ArgumentChange(Effect.IN_PLACE, _LATER),
    "maintenance.start": ArgumentChange(Effect.IN_PLACE, _LATER),
    "maintenance.hours": ArgumentChange(Effect.IN_PLACE, _LATER),
    "maintenance.utc_offset": ArgumentChange(Effect.IN_PLACE, _LATER),
    "maintenance.quiet_times": ArgumentChange(Effect.IN_PLACE, _LATER),
    "maintenance.channel": ArgumentChange(Effect.IN_PLACE, "the next window may upgrade Kubernetes"),
    "maintenance.node_channel": ArgumentChange(Effect.IN_PLACE, "the next window may roll all nodes"),
    "registry": ArgumentChange(Effect.IN_PLACE, "without it the registry is deleted, but in production kept"),
    "vault": ArgumentChange(
        Effect.IN_PLACE, "without it the vault is deleted; it can be recovered for 7 days, in production for 90"
    ),
    "monitoring": ArgumentChange(Effect.IN_PLACE, "without it the metrics and logs are deleted"),
    "log_days": ArgumentChange(Effect.IN_PLACE),
    "local_nvme": ArgumentChange(Effect.IN_PLACE),
    "budget.amount_per_month": ArgumentChange(Effect.IN_PLACE),
    "budget.emails": ArgumentChange(Effect.IN_PLACE),
    "budget.from_month": ArgumentChange(
        Effect.REPLACE, "the budget only; no cost is lost", ("Budget.timePeriod.startDate",)
    ),
    "login": ArgumentChange(Effect.IN_PLACE, "of the Kubernetes provider only; the cluster stays as it is"),
    "vcpu_quota": ArgumentChange(Effect.IN_PLACE, "a limit of the validation only"),
}
"""By argument; `.` separates a nested one."""
