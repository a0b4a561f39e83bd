"""The tables of all fields that OCM's resources have here, with what a change of each does.

    .venv/bin/python -m modelyard.components.rosa.ocm.fields     # the tables of docs/components/rosa.md

Sources: terraform-provider-rhcs 60b118a, `validateNoImmutableAttChange` and `Update` of provider/clusterrosa/hcp,
provider/machinepool/hcp, provider/identityprovider, provider/kubeletconfig, provider/tuningconfigs; rosa d80ba25.
"""

from modelyard.components.rosa.ocm.changes import Change, Field

IN_PLACE, ROLLING, UPGRADE, REPLACE = Change.IN_PLACE, Change.ROLLING, Change.UPGRADE, Change.REPLACE
ONCE = Change.ONLY_AT_CREATION

NEW = "OCM has no way to change it"
POOLS = "the first pools are OCM's; change them there, or add pools"

CLUSTER = (
    Field("name", REPLACE, NEW),
    Field("owner", REPLACE, "another program's cluster is not ours to change"),
    Field("domain_prefix", REPLACE, NEW),
    Field("product.id", REPLACE, NEW),
    Field("cloud_provider.id", REPLACE, NEW),
    Field("region.id", REPLACE, NEW),
    Field("hypershift.enabled", REPLACE, NEW),
    Field("ccs.enabled", REPLACE, NEW),
    Field("multi_az", REPLACE, NEW),
    Field("etcd_encryption", REPLACE, NEW),
    Field("fips", REPLACE, NEW),
    Field("version.id", UPGRADE, "the control plane first, then the pools; never down"),
    Field("version.channel_group", IN_PLACE),
    Field("acknowledge_gates_for", IN_PLACE, "read at the next upgrade"),
    Field("properties", IN_PLACE),
    Field("nodes.compute", ONCE, POOLS),
    Field("nodes.compute_machine_type.id", ONCE, POOLS),
    Field("nodes.availability_zones", REPLACE, NEW),
    Field("aws.account_id", REPLACE, NEW),
    Field("aws.billing_account_id", IN_PLACE),
    Field("aws.subnet_ids", REPLACE, NEW),
    Field("aws.private_link", REPLACE, NEW),
    Field("aws.ec2_metadata_http_tokens", REPLACE, NEW),
    Field("aws.kms_key_arn", REPLACE, "disks are encrypted once"),
    Field("aws.etcd_encryption.kms_key_arn", REPLACE, "etcd is encrypted once"),
    Field("aws.tags", ONCE, "AWS resources of the cluster get their tags when they are made"),
    Field("aws.additional_allowed_principals", IN_PLACE),
    Field("aws.termination_handler_queue_url", IN_PLACE),
    Field("aws.sts.role_arn", REPLACE, NEW),
    Field("aws.sts.support_role_arn", REPLACE, NEW),
    Field("aws.sts.instance_iam_roles.worker_role_arn", REPLACE, NEW),
    Field("aws.sts.operator_role_prefix", REPLACE, NEW),
    Field("aws.sts.oidc_config.id", REPLACE, NEW),
    Field("aws.sts.external_id", REPLACE, NEW),
    Field("aws.sts.auto_mode", REPLACE, NEW),
    Field("api.listening", REPLACE, NEW),
    Field("network.machine_cidr", REPLACE, NEW),
    Field("network.service_cidr", REPLACE, NEW),
    Field("network.pod_cidr", REPLACE, NEW),
    Field("network.host_prefix", REPLACE, NEW),
    Field("disable_user_workload_monitoring", IN_PLACE),
    Field("delete_protection.enabled", IN_PLACE, "must be off before the cluster can be destroyed"),
)

NODE_POOL = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("owner", REPLACE, "another program's pool is not ours to change"),
    Field("id", REPLACE, NEW),
    Field("subnet", REPLACE, NEW),
    Field("auto_repair", IN_PLACE),
    Field("replicas", IN_PLACE),
    Field("autoscaling.min_replica", IN_PLACE),
    Field("autoscaling.max_replica", IN_PLACE),
    Field("labels", IN_PLACE, "on the nodes that are there as well"),
    Field("taints", IN_PLACE, "on the nodes that are there as well"),
    Field("tuning_configs", ROLLING, "the node tuning operator may restart nodes"),
    Field("kubelet_configs", ROLLING, "each node restarts with the new kubelet settings"),
    Field("node_drain_grace_period.value", IN_PLACE),
    Field("node_drain_grace_period.unit", IN_PLACE),
    Field("management_upgrade.max_surge", IN_PLACE),
    Field("management_upgrade.max_unavailable", IN_PLACE),
    Field("version.id", UPGRADE, "nodes are replaced one by one; never down, never above the control plane"),
    Field("version.channel_group", ONCE),
    Field("aws_node_pool.instance_type", REPLACE, NEW),
    Field("aws_node_pool.root_volume.size", REPLACE, NEW),
    Field("aws_node_pool.ec2_metadata_http_tokens", REPLACE, NEW),
    Field("aws_node_pool.tags", ONCE, "OCM has no way to change it, and no tag is worth making GPU nodes again"),
    Field("aws_node_pool.additional_security_group_ids", REPLACE, NEW),
    Field("aws_node_pool.capacity_reservation.id", REPLACE, NEW),
    Field("aws_node_pool.capacity_reservation.market_type", REPLACE, NEW),
    Field("aws_node_pool.capacity_reservation.preference", REPLACE, NEW),
    Field("aws_node_pool.spot_market_options.max_price", REPLACE, NEW),
)

IDENTITY_PROVIDER = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, NEW),
    Field("type", REPLACE, NEW),
    Field("mapping_method", REPLACE, NEW),
    Field("login", REPLACE, NEW),
    Field("challenge", REPLACE, NEW),
    Field("htpasswd.users.items", IN_PLACE, "users are added, removed, or get another password"),
    Field("open_id.issuer", REPLACE, NEW),
    Field("open_id.client_id", REPLACE, NEW),
    Field("open_id.client_secret", REPLACE, NEW),
    Field("open_id.claims", REPLACE, NEW),
    Field("open_id.extra_scopes", REPLACE, NEW),
    Field("open_id.ca", REPLACE, NEW),
)

GROUP_MEMBER = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("group", REPLACE, NEW),
    Field("user", REPLACE, NEW),
)

OIDC_CONFIG = (Field("managed", REPLACE, NEW),)

TUNING_CONFIG = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, NEW),
    Field("spec", ROLLING, "the node tuning operator may restart the nodes of pools that use it"),
)

KUBELET_CONFIG = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, NEW),
    Field("pod_pids_limit", ROLLING, "the nodes of pools that use it restart"),
)

CLUSTER_AUTOSCALER = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("max_pod_grace_period", IN_PLACE),
    Field("pod_priority_threshold", IN_PLACE),
    Field("max_node_provision_time", IN_PLACE),
    Field("resource_limits.max_nodes_total", IN_PLACE),
)

UPGRADE_SCHEDULE = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("upgrade_type", REPLACE, NEW),
    Field("schedule_type", REPLACE, NEW),
    Field("schedule", IN_PLACE),
    Field("enable_minor_version_upgrades", IN_PLACE),
    Field("version", REPLACE, "a schedule names no version"),
    Field("next_run", REPLACE, "a schedule has its own clock"),
)

TABLES = {
    "RosaHcpCluster": CLUSTER,
    "RosaNodePool": NODE_POOL,
    "RosaIdentityProvider": IDENTITY_PROVIDER,
    "RosaGroupMember": GROUP_MEMBER,
    "RosaOidcConfig": OIDC_CONFIG,
    "RosaTuningConfig": TUNING_CONFIG,
    "RosaKubeletConfig": KUBELET_CONFIG,
    "RosaClusterAutoscaler": CLUSTER_AUTOSCALER,
    "RosaUpgradeSchedule": UPGRADE_SCHEDULE,
}


def markdown() -> str:
    """All tables, as documentation."""
    parts = []
    for kind, table in TABLES.items():
        rows = [f"| `{field.path}` | {field.change.value} | {field.why} |" for field in table]
        parts.append("\n".join([f"### {kind}", "", "| field | a change is | because |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 - this is what the command is for
