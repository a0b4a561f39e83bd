"""Effects of a change of each argument of AzureModelContainers and AzureWorkloadIdentity."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_OTHER_ACCOUNT = (
    "another account, empty: Azure moves no blobs. While `keep` is true Pulumi refuses, and the old account stays when "
    "it leaves the stack"
)

AZURE_MODEL_CONTAINERS_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership.team": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.owner": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.environment": ArgumentChange(Effect.REPLACE, f"unless `account_name` is given: {_OTHER_ACCOUNT}"),
    "resource_group": ArgumentChange(Effect.REPLACE, _OTHER_ACCOUNT),
    "location": ArgumentChange(Effect.REPLACE, _OTHER_ACCOUNT),
    "account_name": ArgumentChange(Effect.REPLACE, _OTHER_ACCOUNT),
    "containers": ArgumentChange(
        Effect.IN_PLACE, "new ones are created; one left out is kept while `keep` is true, else deleted"
    ),
    "zone_redundant": ArgumentChange(
        Effect.REFUSED, "Azure converts an account on request only, `az storage account migration`"
    ),
    "subnets": ArgumentChange(Effect.IN_PLACE),
    "keep": ArgumentChange(Effect.IN_PLACE, "of the stack only; apply it before a destroy that shall delete the data"),
    "deleted_days": ArgumentChange(Effect.IN_PLACE, "of blobs and containers that are deleted from then on"),
}
"""By argument; `.` separates a nested one."""

_IDENTITY = "another identity: its client id on the service account changes, and running pods keep the old one"
_TRUST = "the trust is recreated; tokens that were exchanged stay valid for up to a day"
_ROLE = "the role assignment is deleted and recreated; for some seconds there is none"

AZURE_WORKLOAD_IDENTITY_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership.team": ArgumentChange(Effect.REPLACE, f"{_TRUST}; {_ROLE}"),
    "ownership.owner": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.environment": ArgumentChange(Effect.REPLACE, _ROLE),
    "resource_group": ArgumentChange(Effect.REPLACE, _IDENTITY),
    "location": ArgumentChange(Effect.REPLACE, _IDENTITY),
    "oidc_issuer": ArgumentChange(Effect.IN_PLACE, "the trust; service accounts of the old cluster lose it"),
    "service_account": ArgumentChange(Effect.REPLACE, _TRUST),
    "container": ArgumentChange(Effect.REPLACE, _ROLE),
    "identity_name": ArgumentChange(Effect.REPLACE, _IDENTITY),
    "read_containers": ArgumentChange(
        Effect.IN_PLACE, "a role assignment is added or deleted; the others stay as long as their positions do"
    ),
    "read_only": ArgumentChange(Effect.REPLACE, _ROLE),
}
"""By argument; `.` separates a nested one."""
