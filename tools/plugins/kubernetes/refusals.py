"""Refusals of the API server as sentences that name the object and, where there is one, the way out."""

from typing import Any

from tools.plugins.kubernetes import manifest as m
from tools.plugins.kubernetes.errors import ApiError, ClusterError

Properties = dict[str, Any]

# Our own reason, beside those of Kubernetes: an object of the same name is on its way out.
TERMINATING = "Terminating"


def is_only_preview(error: ApiError) -> bool:
    """Say if a dry run failed for a reason that the real run will probably not have."""
    return (
        error.status == 403
        or error.is_namespace_missing
        or error.reason in ("AlreadyExists", TERMINATING)  # the object of the same name may be about to be replaced
        or "dryRun" in str(error)
        or "dry run" in str(error)
    )


def explained(error: ApiError, operation: str, manifest: Properties) -> ClusterError:
    """The error as a sentence that names the object and, where there is one, the way out."""
    place = f"{operation} of {m.text(manifest, 'kind')} {m.identity(manifest)} failed"
    if error.reason == "AlreadyExists":
        return ClusterError(
            f"{place}: it already exists in the cluster. Adopt it with `pulumi import`, change only some of its fields "
            "with a Patch resource, or set `upsertExistingObjects` of the Kubernetes provider to take it over"
        )
    if error.is_field_conflict:
        fields = "; ".join(f"{cause.get('field')}: {cause.get('message')}" for cause in error.causes)
        return ClusterError(
            f"{place}: other managers own fields of it ({fields}). Leave them out of the program, add them to "
            f'`ignoreChanges`, or take them over with the annotation {m.PATCH_FORCE}: "true"'
        )
    if error.is_namespace_missing:
        return ClusterError(f"{place}: {error}. Create the namespace first, and let this resource depend on it")
    return ClusterError(f"{place}: {error}")
