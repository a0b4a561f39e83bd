"""Effects of a change of each argument of AwsModelBuckets and AwsWorkloadRole."""

from collections.abc import Mapping

from modelyard.components.common.change import ArgumentChange, Effect

_OTHER_BUCKETS = (
    "other buckets, empty: S3 moves no objects. While `keep` is true Pulumi refuses, and the old ones stay when they "
    "leave the stack"
)

AWS_MODEL_BUCKETS_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership": ArgumentChange(Effect.IN_PLACE, "tags"),
    "account_id": ArgumentChange(Effect.REPLACE, _OTHER_BUCKETS),
    "region": ArgumentChange(Effect.REPLACE, _OTHER_BUCKETS),
    "name_prefix": ArgumentChange(Effect.REPLACE, _OTHER_BUCKETS),
    "buckets": ArgumentChange(
        Effect.IN_PLACE, "new ones are created; one left out is kept while `keep` is true, else deleted"
    ),
    "kms_key_arn": ArgumentChange(Effect.IN_PLACE, "objects stay encrypted with the key of their creation: keep it"),
    "vpc_endpoints": ArgumentChange(Effect.IN_PLACE),
    "keep": ArgumentChange(Effect.IN_PLACE, "of the stack only; apply it before a destroy that shall delete the data"),
    "deleted_days": ArgumentChange(Effect.IN_PLACE, "also of objects that are deleted already"),
}
"""By argument."""

_OTHER_ROLE = "another role; pods get its rights when they start again"
_NAME = f"unless `role_name` is given: {_OTHER_ROLE}"

AWS_WORKLOAD_ROLE_CHANGES: Mapping[str, ArgumentChange] = {
    "ownership.team": ArgumentChange(Effect.REPLACE, _NAME),
    "ownership.owner": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.cost_center": ArgumentChange(Effect.IN_PLACE, "tags"),
    "ownership.environment": ArgumentChange(Effect.REPLACE, _NAME),
    "oidc_provider_arn": ArgumentChange(Effect.IN_PLACE),
    "oidc_issuer": ArgumentChange(Effect.IN_PLACE),
    "service_account": ArgumentChange(Effect.REPLACE, _NAME),
    "bucket": ArgumentChange(Effect.IN_PLACE),
    "prefix": ArgumentChange(Effect.IN_PLACE),
    "read_only": ArgumentChange(Effect.IN_PLACE),
    "read_buckets": ArgumentChange(Effect.IN_PLACE),
    "kms_key_arn": ArgumentChange(Effect.IN_PLACE),
    "role_name": ArgumentChange(Effect.REPLACE, _OTHER_ROLE),
}
"""By argument; `.` separates a nested one."""
