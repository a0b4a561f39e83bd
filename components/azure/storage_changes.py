"""What changing an argument of AzureModelContainers does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_MOVED = (
    "another account, empty: Azure moves no blobs. While `keep` is true Pulumi refuses, and the old account stays when "
    "it leaves the stack"
)

AZURE_MODEL_CONTAINERS_CHANGES: Mapping[str, Change] = {
    "ownership.team": Change(Effect.IN_PLACE, "tags"),
    "ownership.owner": Change(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": Change(Effect.IN_PLACE, "tags"),
    "ownership.environment": Change(Effect.REPLACE, f"unless `account_name` is given: {_MOVED}"),
    "resource_group": Change(Effect.REPLACE, _MOVED),
    "location": Change(Effect.REPLACE, _MOVED),
    "account_name": Change(Effect.REPLACE, _MOVED),
    "containers": Change(Effect.IN_PLACE, "new ones are made; one left out is kept while `keep` is true, else deleted"),
    "zone_redundant": Change(
        Effect.REFUSED, "Azure converts an account on request only, `az storage account migration`"
    ),
    "subnets": Change(Effect.IN_PLACE),
    "keep": Change(Effect.IN_PLACE, "of the stack only; apply it before a destroy that shall delete the data"),
    "deleted_days": Change(Effect.IN_PLACE, "of what is deleted from then on"),
}
"""By argument; `.` goes into a nested one."""
