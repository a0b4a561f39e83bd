"""Effects of a change of each argument of RosaCluster. Its resources act on the tables of `ocm.fields`."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_CREATION_ONLY = (
    "Cluster Manager accepts it at creation only: the cluster is deleted and recreated, with everything in it; with "
    "`delete_protection` Pulumi refuses"
)
_FIRST_POOLS = (
    "read at creation only, a later change does nothing: the first pools are Cluster Manager's; change them there"
)

ROSA_CLUSTER_CHANGES: Mapping[str, Change] = {
    "ownership": Change(
        Effect.IN_PLACE, "tags of roles, key and queue; the network and ROSA's own resources keep theirs"
    ),
    "cluster_name": Change(Effect.REPLACE, _CREATION_ONLY + "; its roles as well"),
    "domain_prefix": Change(Effect.REPLACE, _CREATION_ONLY),
    "region": Change(Effect.REPLACE, _CREATION_ONLY),
    "zones": Change(Effect.REPLACE, _CREATION_ONLY),
    "account_id": Change(Effect.REPLACE, _CREATION_ONLY),
    "creator_arn": Change(Effect.IN_PLACE),
    "billing_account_id": Change(Effect.IN_PLACE),
    "version": Change(
        Effect.ROLLING, "control plane first; pools without a version of their own follow, node by node. No way back"
    ),
    "channel_group": Change(Effect.IN_PLACE),
    "acknowledge_gates_for": Change(Effect.IN_PLACE, "read at the next upgrade"),
    "upgrade_schedule": Change(Effect.IN_PLACE),
    "production": Change(Effect.IN_PLACE, "protection, and a NAT gateway for each zone"),
    "private": Change(Effect.REPLACE, _CREATION_ONLY),
    "existing_subnets": Change(Effect.REPLACE, _CREATION_ONLY),
    "nat_per_zone": Change(Effect.IN_PLACE, "connections through a gateway that is removed break"),
    "machine_cidr": Change(Effect.REPLACE, _CREATION_ONLY),
    "service_cidr": Change(Effect.REPLACE, _CREATION_ONLY),
    "pod_cidr": Change(Effect.REPLACE, _CREATION_ONLY),
    "host_prefix": Change(Effect.REPLACE, _CREATION_ONLY),
    "compute_machine_type": Change(Effect.REFUSED, _FIRST_POOLS),
    "compute_nodes": Change(Effect.REFUSED, _FIRST_POOLS),
    "max_nodes": Change(Effect.IN_PLACE),
    "kms_key_arn": Change(Effect.REPLACE, _CREATION_ONLY),
    "oidc_config_id": Change(Effect.REPLACE, _CREATION_ONLY),
    "delete_protection": Change(Effect.IN_PLACE, "off before a destroy, in an `up` of its own"),
    "spot_queue_url": Change(Effect.IN_PLACE),
    "spot_queue": Change(Effect.IN_PLACE),
    "identity_providers": Change(
        Effect.IN_PLACE,
        "of users; a provider whose name or OpenID settings change is recreated, and people log in again",
    ),
    "admins": Change(Effect.IN_PLACE),
    "repositories": Change(
        Effect.IN_PLACE,
        "new ones are created; one left out is kept with `delete_protection`, else deleted with its images",
    ),
    "budget": Change(Effect.IN_PLACE),
    "vcpu_quota": Change(Effect.IN_PLACE, "a limit of the validation only"),
}
"""By argument."""
