"""What changing an argument of RosaCluster does. The tables that its resources act on are `ocm.fields`."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_MADE_ONCE = (
    "Cluster Manager takes it at creation only: the cluster is deleted and made again, with everything in it; with "
    "`delete_protection` Pulumi refuses"
)
_FIRST_POOLS = (
    "read at creation only, a later change does nothing: the first pools are Cluster Manager's; change them there"
)

ROSA_CLUSTER_CHANGES: Mapping[str, Change] = {
    "ownership": Change(
        Effect.IN_PLACE, "tags of roles, key and queue; the network and what ROSA itself made keep theirs"
    ),
    "cluster_name": Change(Effect.REPLACE, _MADE_ONCE + "; its roles as well"),
    "domain_prefix": Change(Effect.REPLACE, _MADE_ONCE),
    "region": Change(Effect.REPLACE, _MADE_ONCE),
    "zones": Change(Effect.REPLACE, _MADE_ONCE),
    "account_id": Change(Effect.REPLACE, _MADE_ONCE),
    "creator_arn": Change(Effect.IN_PLACE),
    "billing_account_id": Change(Effect.IN_PLACE),
    "version": Change(
        Effect.ROLLING, "control plane first; pools without a version of their own follow, node by node. No way back"
    ),
    "channel_group": Change(Effect.IN_PLACE),
    "acknowledge_gates_for": Change(Effect.IN_PLACE, "read at the next upgrade"),
    "upgrade_schedule": Change(Effect.IN_PLACE),
    "private": Change(Effect.REPLACE, _MADE_ONCE),
    "existing_subnets": Change(Effect.REPLACE, _MADE_ONCE),
    "nat_per_zone": Change(Effect.IN_PLACE, "connections that go through a gateway which is taken away break"),
    "machine_cidr": Change(Effect.REPLACE, _MADE_ONCE),
    "service_cidr": Change(Effect.REPLACE, _MADE_ONCE),
    "pod_cidr": Change(Effect.REPLACE, _MADE_ONCE),
    "host_prefix": Change(Effect.REPLACE, _MADE_ONCE),
    "compute_machine_type": Change(Effect.REFUSED, _FIRST_POOLS),
    "compute_nodes": Change(Effect.REFUSED, _FIRST_POOLS),
    "max_nodes": Change(Effect.IN_PLACE),
    "kms_key_arn": Change(Effect.REPLACE, _MADE_ONCE),
    "oidc_config_id": Change(Effect.REPLACE, _MADE_ONCE),
    "delete_protection": Change(Effect.IN_PLACE, "off before a destroy, in an `up` of its own"),
    "spot_queue_url": Change(Effect.IN_PLACE),
    "spot_queue": Change(Effect.IN_PLACE),
    "identity_providers": Change(
        Effect.IN_PLACE,
        "of users; a provider whose name or OpenID settings change is made again, and people log in again",
    ),
    "admins": Change(Effect.IN_PLACE),
    "repositories": Change(
        Effect.IN_PLACE,
        "new ones are made; one left out is kept with `delete_protection`, else deleted with its images",
    ),
    "budget": Change(Effect.IN_PLACE),
    "vcpu_quota": Change(Effect.IN_PLACE, "a limit of these checks only"),
}
"""By argument."""
