"""What changing an argument of AksCluster does. docs/components/aks.md holds this table; a test compares the two."""

from collections.abc import Mapping

from modelyard.components.change import Change, Effect

_MADE_ONCE = "AKS takes it at creation only: the cluster is deleted and made again, with everything in it"
_BY_PROVIDER = "Pulumi's provider for Azure deletes the cluster and makes it again, with everything in it"
_PROTECTED = "; in production Pulumi refuses until the protection is taken off"

AKS_CLUSTER_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "tags of all resources"),
    "location": Change(Effect.REPLACE, _MADE_ONCE + _PROTECTED),
    "cluster_name": Change(Effect.REPLACE, _MADE_ONCE + _PROTECTED),
    "resource_group": Change(Effect.REPLACE, _MADE_ONCE + _PROTECTED),
    "kubernetes_version": Change(
        Effect.ROLLING, "control plane and system pool; pools without a version of their own follow. No way back"
    ),
    "admin_groups": Change(Effect.IN_PLACE),
    "production": Change(Effect.IN_PLACE, "tier, protection; purge protection of the vault cannot be taken back"),
    "network.virtual_network": Change(Effect.IN_PLACE, "may grow; not while a subnet lies outside of it"),
    "network.nodes": Change(Effect.REFUSED, "a subnet in use cannot be changed; make a cluster beside it"),
    "network.pods": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "network.pod_subnet": Change(Effect.REFUSED, "a subnet in use cannot be changed; make a cluster beside it"),
    "network.services": Change(Effect.REPLACE, _MADE_ONCE + _PROTECTED),
    "network.dns": Change(Effect.REPLACE, _MADE_ONCE + _PROTECTED),
    "network.existing_subnet": Change(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.existing_pod_subnet": Change(Effect.REFUSED, "AKS keeps pools in their subnet"),
    "network.outbound": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "cilium": Change(Effect.REPLACE, _BY_PROVIDER + _PROTECTED),
    "max_nodes": Change(Effect.IN_PLACE, "a limit of these checks only"),
    "pods_per_node": Change(Effect.REPLACE, "of the general pool; AKS refuses it of the system pool"),
    "api.private": Change(Effect.REFUSED, "AKS makes an API server private at creation only"),
    "api.authorized_ranges": Change(Effect.IN_PLACE),
    "system_pool.vm_size": Change(Effect.REFUSED, "AKS has no way to change it; make a cluster beside it"),
    "system_pool.min_nodes": Change(Effect.IN_PLACE),
    "system_pool.max_nodes": Change(Effect.IN_PLACE),
    "system_pool.zones": Change(Effect.REFUSED, "AKS has no way to change it; make a cluster beside it"),
    "general_pool.vm_size": Change(Effect.REPLACE, "the pool drains, is deleted and made again"),
    "general_pool.min_nodes": Change(Effect.IN_PLACE),
    "general_pool.max_nodes": Change(Effect.IN_PLACE),
    "general_pool.zones": Change(Effect.REPLACE, "the pool drains, is deleted and made again"),
    "node_auto_provisioning": Change(Effect.IN_PLACE),
    "maintenance": Change(Effect.IN_PLACE),
    "registry": Change(Effect.IN_PLACE, "without it the registry is deleted, but in production kept"),
    "vault": Change(Effect.IN_PLACE, "without it the vault is deleted; 7 days to take it back, in production 90"),
    "monitoring": Change(Effect.IN_PLACE, "without it the metrics and logs are deleted"),
    "log_days": Change(Effect.IN_PLACE),
    "local_nvme": Change(Effect.IN_PLACE),
    "budget": Change(Effect.IN_PLACE, "but for `from_month`, which Azure keeps"),
    "login": Change(Effect.IN_PLACE, "of the Kubernetes provider; nothing in the cluster changes"),
    "vcpu_quota": Change(Effect.IN_PLACE, "a limit of these checks only"),
}
"""By argument; `.` goes into a nested one."""
