"""What changing an argument of AzureWorkloadIdentity does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_IDENTITY = "another identity: its client id on the service account changes, and pods that run keep the old one"
_TRUST = "the trust is made again; tokens that were exchanged hold for up to a day"
_RIGHT = "the right is taken away and given again; for some seconds there is none"

AZURE_WORKLOAD_IDENTITY_CHANGES: Mapping[str, Change] = {
    "ownership.team": Change(Effect.REPLACE, f"{_TRUST}; {_RIGHT}"),
    "ownership.owner": Change(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": Change(Effect.IN_PLACE, "tags"),
    "ownership.environment": Change(Effect.REPLACE, _RIGHT),
    "resource_group": Change(Effect.REPLACE, _IDENTITY),
    "location": Change(Effect.REPLACE, _IDENTITY),
    "oidc_issuer": Change(Effect.IN_PLACE, "the trust; service accounts of the old cluster lose it"),
    "service_account": Change(Effect.REPLACE, _TRUST),
    "container": Change(Effect.REPLACE, _RIGHT),
    "identity_name": Change(Effect.REPLACE, _IDENTITY),
    "read_containers": Change(Effect.IN_PLACE, "a right is given or taken; the others stay as long as their places do"),
    "read_only": Change(Effect.REPLACE, _RIGHT),
}
"""By argument; `.` goes into a nested one."""
