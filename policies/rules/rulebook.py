"""Every rule, in the order of the documentation."""

from .capacity import quota_within_capacity
from .clusters import (
    api_access,
    budget_alert,
    cluster_logins,
    cluster_logs,
    log_retention,
    network_policy_engine,
)
from .credentials import no_plain_credentials, no_static_cloud_keys
from .exposure import no_public_service
from .gpu_pods import gpu_node_targeting, gpu_toleration, shared_memory
from .helm import helm_release_pinned
from .images import allowed_registries, pinned_images
from .jobs import job_deadline, queue_label_present, ray_job_shutdown
from .pools import (
    gpu_pool_taint,
    machine_types,
    no_spot_serving,
    pool_maximum,
    private_nodes,
    spot_without_reservation,
)
from .resources import gpu_memory, gpu_requests, pod_resources
from .rights import cloud_tags, role_actions, role_trust
from .rule import Rule, StackRule
from .security import host_paths, no_host_access, no_privilege_escalation, non_root, seccomp_profile
from .storage import (
    bucket_settings,
    protected_in_production,
    registry_access,
    storage_access,
    vault_purge_protection,
)
from .tenants import (
    namespace_labels,
    namespace_pod_security,
    queue_exists,
    tenant_limits,
    tenant_network_policy,
    tenant_quota,
)

RESOURCE_RULES: tuple[Rule, ...] = (
    pod_resources,
    gpu_requests,
    gpu_memory,
    gpu_toleration,
    gpu_node_targeting,
    shared_memory,
    pinned_images,
    allowed_registries,
    non_root,
    no_privilege_escalation,
    seccomp_profile,
    no_host_access,
    host_paths,
    no_plain_credentials,
    no_static_cloud_keys,
    no_public_service,
    queue_label_present,
    job_deadline,
    ray_job_shutdown,
    namespace_labels,
    namespace_pod_security,
    helm_release_pinned,
    gpu_pool_taint,
    machine_types,
    pool_maximum,
    spot_without_reservation,
    private_nodes,
    api_access,
    cluster_logins,
    network_policy_engine,
    storage_access,
    registry_access,
    vault_purge_protection,
    protected_in_production,
    cloud_tags,
    role_trust,
    role_actions,
    log_retention,
)
"""Rules about one resource, in the order of the documentation."""

STACK_RULES: tuple[StackRule, ...] = (
    quota_within_capacity,
    queue_exists,
    tenant_quota,
    tenant_limits,
    tenant_network_policy,
    no_spot_serving,
    bucket_settings,
    cluster_logs,
    budget_alert,
)
"""Rules about all resources of a stack."""

RULES: dict[str, Rule | StackRule] = {rule.name: rule for rule in (*RESOURCE_RULES, *STACK_RULES)}
"""Every rule by name."""
