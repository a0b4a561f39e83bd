"""What changing an argument of AwsModelBuckets does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_MOVED = (
    "other buckets, empty: S3 moves no objects. While `keep` is true Pulumi refuses, and the old ones stay when they "
    "leave the stack"
)

AWS_MODEL_BUCKETS_CHANGES: Mapping[str, Change] = {
    "ownership": Change(Effect.IN_PLACE, "tags"),
    "account_id": Change(Effect.REPLACE, _MOVED),
    "region": Change(Effect.REPLACE, _MOVED),
    "name_prefix": Change(Effect.REPLACE, _MOVED),
    "buckets": Change(Effect.IN_PLACE, "new ones are made; one left out is kept while `keep` is true, else deleted"),
    "kms_key_arn": Change(Effect.IN_PLACE, "objects stay encrypted with the key that they were written with: keep it"),
    "vpc_endpoints": Change(Effect.IN_PLACE),
    "keep": Change(Effect.IN_PLACE, "of the stack only; apply it before a destroy that shall delete the data"),
    "deleted_days": Change(Effect.IN_PLACE, "of what is deleted already as well"),
}
"""By argument."""
