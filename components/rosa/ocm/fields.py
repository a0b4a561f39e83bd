"""Tables of all fields of OCM's resources, with the effect of a change of each.

    .venv/bin/python -m modelyard.components.rosa.ocm.fields     # the tables of docs/components/rosa.md

Sources: terraform-provider-rhcs 60b118a, `validateNoImmutableAttChange` and `Update` of provider/clusterrosa/hcp,
provider/machinepool/hcp, provider/identityprovider, provider/kubeletconfig, provider/tuningconfigs; rosa d80ba25.
"""

from modelyard.components.rosa.ocm.changes import Field, FieldEffect

IN_PLACE, ROLLING, UPGRADE = FieldEffect.IN_PLACE, FieldEffect.ROLLING, FieldEffect.UPGRADE
REPLACE, ONCE = FieldEffect.REPLACE, FieldEffect.ONLY_AT_CREATION

FIXED = "OCM has no way to change it"
FIRST_POOLS = "the first pools are OCM's; change them there, or add pools"

CLUSTER = (
    Field("name", REPLACE, FIXED),
    Field("owner", REPLACE, "a cluster of another program stays as it is"),
    Field("domain_prefix", REPLACE, FIXED),
    Field("product.id", REPLACE, FIXED),
    Field("cloud_provider.id", REPLACE, FIXED),
    Field("region.id", REPLACE, FIXED),
    Field("hypershift.enabled", REPLACE, FIXED),
    Field("ccs.enabled", REPLACE, FIXED),
    Field("multi_az", REPLACE, FIXED),
    Field("etcd_encryption", REPLACE, FIXED),
    Field("fips", REPLACE, FIXED),
    Field("version.id", UPGRADE, "the control plane first, then the pools; never down"),
    Field("version.channel_group", IN_PLACE),
    Field("acknowledge_gates_for", IN_PLACE, "read at the next upgrade"),
    Field("properties", IN_PLACE),
    Field("nodes.compute", ONCE, FIRST_POOLS),
    Field("nodes.compute_machine_type.id", ONCE, FIRST_POOLS),
    Field("nodes.availability_zones", REPLACE, FIXED),
    Field("aws.account_id", REPLACE, FIXED),
    Field("aws.billing_account_id", IN_PLACE),
    Field("aws.subnet_ids", REPLACE, FIXED),
    Field("aws.private_link", REPLACE, FIXED),
    Field("aws.ec2_metadata_http_tokens", REPLACE, FIXED),
    Field("aws.kms_key_arn", REPLACE, "disks are encrypted once"),
    Field("aws.etcd_encryption.kms_key_arn", REPLACE, "etcd is encrypted once"),
    Field("aws.tags", ONCE, "AWS resources of the cluster get their tags when they are made"),
    Field("aws.additional_allowed_principals", IN_PLACE),
    Field("aws.termination_handler_queue_url", IN_PLACE),
    Field("aws.sts.role_arn", REPLACE, FIXED),
    Field("aws.sts.support_role_arn", REPLACE, FIXED),
    Field("aws.sts.instance_iam_roles.worker_role_arn", REPLACE, FIXED),
    Field("aws.sts.operator_role_prefix", REPLACE, FIXED),
    Field("aws.sts.oidc_config.id", REPLACE, FIXED),
    Field("aws.sts.external_id", REPLACE, FIXED),
    Field("aws.sts.auto_mode", REPLACE, FIXED),
    Field("api.listening", REPLACE, FIXED),
    Field("network.machine_cidr", REPLACE, FIXED),
    Field("network.service_cidr", REPLACE, FIXED),
    Field("network.pod_cidr", REPLACE, FIXED),
    Field("network.host_prefix", REPLACE, FIXED),
    Field("disable_user_workload_monitoring", IN_PLACE),
    Field("delete_protection.enabled", IN_PLACE, "must be off before the cluster can be destroyed"),
)

NODE_POOL = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("owner", REPLACE, "a pool of another program stays as it is"),
    Field("id", REPLACE, FIXED),
    Field("subnet", REPLACE, FIXED),
    Field("auto_repair", IN_PLACE),
    Field("replicas", IN_PLACE),
    Field("autoscaling.min_replica", IN_PLACE),
    Field("autoscaling.max_replica", IN_PLACE),
    Field("labels", IN_PLACE, "on running nodes as well"),
    Field("taints", IN_PLACE, "on running nodes as well"),
    Field("tuning_configs", ROLLING, "the node tuning operator may restart nodes"),
    Field("kubelet_configs", ROLLING, "each node restarts with the new kubelet settings"),
    Field("node_drain_grace_period.value", IN_PLACE),
    Field("node_drain_grace_period.unit", IN_PLACE),
    Field("management_upgrade.max_surge", IN_PLACE),
    Field("management_upgrade.max_unavailable", IN_PLACE),
    Field("version.id", UPGRADE, "nodes are replaced one by one; never down, never above the control plane"),
    Field("version.channel_group", ONCE),
    Field("aws_node_pool.instance_type", REPLACE, FIXED),
    Field("aws_node_pool.root_volume.size", REPLACE, FIXED),
    Field("aws_node_pool.ec2_metadata_http_tokens", REPLACE, FIXED),
    Field("aws_node_pool.tags", ONCE, "OCM has no way to change it, and no tag is worth new GPU nodes"),
    Field("aws_node_pool.additional_security_group_ids", REPLACE, FIXED),
    Field("aws_node_pool.capacity_reservation.id", REPLACE, FIXED),
    Field("aws_node_pool.capacity_reservation.market_type", REPLACE, FIXED),
    Field("aws_node_pool.capacity_reservation.preference", REPLACE, FIXED),
    Field("aws_node_pool.spot_market_options.max_price", REPLACE, FIXED),
)

IDENTITY_PROVIDER = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, FIXED),
    Field("type", REPLACE, FIXED),
    Field("mapping_method", REPLACE, FIXED),
    Field("login", REPLACE, FIXED),
    Field("challenge", REPLACE, FIXED),
    Field("htpasswd.users.items", IN_PLACE, "users are added, removed, or get another password"),
    Field("open_id.issuer", REPLACE, FIXED),
    Field("open_id.client_id", REPLACE, FIXED),
    Field("open_id.client_secret", REPLACE, FIXED),
    Field("open_id.claims", REPLACE, FIXED),
    Field("open_id.extra_scopes", REPLACE, FIXED),
    Field("open_id.ca", REPLACE, FIXED),
)

GROUP_MEMBER = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("group", REPLACE, FIXED),
    Field("user", REPLACE, FIXED),
)

OIDC_CONFIG = (Field("managed", REPLACE, FIXED),)

TUNING_CONFIG = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, FIXED),
    Field("spec", ROLLING, "the node tuning operator may restart the nodes of pools that use it"),
)

KUBELET_CONFIG = (
    Field("cluster_id", REPLACE, "belongs to one cluster"),
    Field("name", REPLACE, FIXED),
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
    Field("upgrade_type", REPLACE, FIXED),
    Field("schedule_type", REPLACE, FIXED),
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
    """Render all tables as documentation."""
    parts = []
    for name, table in TABLES.items():
        rows = [f"| `{field.path}` | {field.effect.value} | {field.reason} |" for field in table]
        parts.append("\n".join([f"### {name}", "", "| field | effect of a change | reason |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 - the output of the command
