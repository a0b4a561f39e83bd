"""Effects of a change of each argument of AwsModelBuckets and AwsWorkloadRole."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_OTHER_BUCKETS = (
    "other buckets, empty: S3 moves no objects. While `keep` is true Pulumi refuses, and the old ones stay when they "
    "leave the stack"
)

AWS_MODEL_BUCKETS_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "tags"),
    "account_id": Change(Effect.REPLACE, _OTHER_BUCKETS),
    "region": Change(Effect.REPLACE, _OTHER_BUCKETS),
    "name_prefix": Change(Effect.REPLACE, _OTHER_BUCKETS),
    "buckets": Change(Effect.IN_PLACE, "new ones are created; one left out is kept while `keep` is true, else deleted"),
    "kms_key_arn": Change(Effect.IN_PLACE, "objects stay encrypted with the key of their creation: keep it"),
    "vpc_endpoints": Change(Effect.IN_PLACE),
    "keep": Change(Effect.IN_PLACE, "of the stack only; apply it before a destroy that shall delete the data"),
    "deleted_days": Change(Effect.IN_PLACE, "also of objects that are deleted already"),
}
"""By argument."""

_OTHER_ROLE = "another role; pods get its rights when they start again"
_NAME = f"unless `role_name` is given: {_OTHER_ROLE}"

AWS_WORKLOAD_ROLE_CHANGES: Mapping[str, Change] = {
    "ownership.team": Change(Effect.REPLACE, _NAME),
    "ownership.owner": Change(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": Change(Effect.IN_PLACE, "tags"),
    "ownership.environment": Change(Effect.REPLACE, _NAME),
    "oidc_provider_arn": Change(Effect.IN_PLACE),
    "oidc_issuer": Change(Effect.IN_PLACE),
    "service_account": Change(Effect.REPLACE, _NAME),
    "bucket": Change(Effect.IN_PLACE),
    "prefix": Change(Effect.IN_PLACE),
    "read_only": Change(Effect.IN_PLACE),
    "read_buckets": Change(Effect.IN_PLACE),
    "kms_key_arn": Change(Effect.IN_PLACE),
    "role_name": Change(Effect.REPLACE, _OTHER_ROLE),
}
"""By argument; `.` separates a nested one."""
