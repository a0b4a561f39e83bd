"""What changing an argument of AwsWorkloadRole does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_NAMED = "unless `role_name` is given: another role; pods get its rights when they start again"

AWS_WORKLOAD_ROLE_CHANGES: Mapping[str, Change] = {
    "ownership.team": Change(Effect.REPLACE, _NAMED),
    "ownership.owner": Change(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": Change(Effect.IN_PLACE, "tags"),
    "ownership.environment": Change(Effect.REPLACE, _NAMED),
    "oidc_provider_arn": Change(Effect.IN_PLACE),
    "oidc_issuer": Change(Effect.IN_PLACE),
    "service_account": Change(Effect.REPLACE, _NAMED),
    "bucket": Change(Effect.IN_PLACE),
    "prefix": Change(Effect.IN_PLACE),
    "read_only": Change(Effect.IN_PLACE),
    "read_buckets": Change(Effect.IN_PLACE),
    "kms_key_arn": Change(Effect.IN_PLACE),
    "role_name": Change(Effect.REPLACE, "another role; pods get its rights when they start again"),
}
"""By argument; `.` goes into a nested one."""
