"""Effects of a change of each argument of RosaCluster. Its resources act on the tables of `ocm.fields`."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_CREATION_ONLY = (
    "Cluster Manager accepts it at creation only: the cluster is deleted and recreated, with everything in it; with "
    "`delete_protection` Pulumi refuses"
)
_FIRST_POOLS = (
    "read at creation only, a later change does nothing: the first pools are Cluster Manager's; change them there"
)

ROSA_CLUSTER_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership": ArgumentChange(
        Effect.IN_PLACE, "tags of roles, key and queue; the network and ROSA's own resources keep theirs"
    ),
    "cluster_name": ArgumentChange(Effect.REPLACE, _CREATION_ONLY + "; its roles as well"),
    "domain_prefix": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "region": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "zones": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "account_id": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "creator_arn": ArgumentChange(Effect.IN_PLACE),
    "billing_account_id": ArgumentChange(Effect.IN_PLACE),
    "version": ArgumentChange(
        Effect.ROLLING, "control plane first; pools without a version of their own follow, node by node. No way back"
    ),
    "channel_group": ArgumentChange(Effect.IN_PLACE),
    "acknowledge_gates_for": ArgumentChange(Effect.IN_PLACE, "read at the next upgrade"),
    "upgrade_schedule": ArgumentChange(Effect.IN_PLACE),
    "production": ArgumentChange(Effect.IN_PLACE, "protection, and a NAT gateway for each zone"),
    "private": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "existing_subnets": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "nat_per_zone": ArgumentChange(Effect.IN_PLACE, "connections through a gateway that is removed break"),
    "machine_cidr": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "service_cidr": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "pod_cidr": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "host_prefix": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "compute_machine_type": ArgumentChange(Effect.REFUSED, _FIRST_POOLS),
    "compute_nodes": ArgumentChange(Effect.REFUSED, _FIRST_POOLS),
    "max_nodes": ArgumentChange(Effect.IN_PLACE),
    "kms_key_arn": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "oidc_config_id": ArgumentChange(Effect.REPLACE, _CREATION_ONLY),
    "delete_protection": ArgumentChange(Effect.IN_PLACE, "off before a destroy, in an `up` of its own"),
    "spot_queue_url": ArgumentChange(Effect.IN_PLACE),
    "spot_queue": ArgumentChange(Effect.IN_PLACE),
    "identity_providers": ArgumentChange(
        Effect.IN_PLACE,
        "of users; a provider whose name or OpenID settings change is recreated, and people log in again",
    ),
    "admins": ArgumentChange(Effect.IN_PLACE),
    "repositories": ArgumentChange(
        Effect.IN_PLACE,
        "new ones are created; one left out is kept with `delete_protection`, else deleted with its images",
    ),
    "budget": ArgumentChange(Effect.IN_PLACE),
    "vcpu_quota": ArgumentChange(Effect.IN_PLACE, "a limit of the validation only"),
}
"""By argument."""
