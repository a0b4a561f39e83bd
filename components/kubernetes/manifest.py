"""Kubernetes objects of any kind as resources of a stack.

Pulumi's own `CustomResource` for Python accepts only `metadata` and `spec`; kinds such as Kueue's WorkloadPriorityClass
or kaito's Workspace keep their fields at the top (pulumi-kubernetes issue 2363). `Manifest` registers any object
unchanged under the same type token, so that either class can read the other's state.

Two decisions are explicit for each object: how Pulumi waits for it, and which of its fields belong to a controller.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pulumi

_WAIT_FOR = "pulumi.com/waitFor"
_SKIP_AWAIT = "pulumi.com/skipAwait"
_PATCH_FORCE = "pulumi.com/patchForce"


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Rule by which Pulumi decides that an applied object is ready: `no_wait()`, `until(…)` or `readiness()`."""

    annotation: str | None
    value: str = ""


def no_wait() -> Wait:
    """Count the object as ready once it is applied: plain data, or objects that a controller finishes later."""
    return Wait(annotation=_SKIP_AWAIT, value="true")


def until(condition: str) -> Wait:
    """Wait until `condition` holds: `condition=Active`, or a JSON path as in `jsonpath={.status.phase}=Bound`.

    Raises:
        ValueError: `condition` has neither form.
    """
    if not re.match(r"^(condition=\w+|jsonpath=\{.+\})", condition):
        raise ValueError(
            f"cannot wait for {condition!r}; allowed are 'condition=<Type>' and 'jsonpath={{<path>}}=<value>'"
        )
    return Wait(annotation=_WAIT_FOR, value=condition)


def readiness() -> Wait:
    """Wait by Pulumi's own rule for the kind (Deployment, Service, Namespace …).

    Only for built-in kinds: for others Pulumi guesses, and may wait 40 minutes (pulumi-kubernetes issue 4521).
    """
    return Wait(annotation=None)


class Manifest(pulumi.CustomResource):
    """Kubernetes object, applied by the Kubernetes provider of its options or of its parent."""

    metadata: pulumi.Output[dict[str, Any]]
    status: pulumi.Output[dict[str, Any] | None]

    def __init__(
        self,
        name: str,
        body: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
        *,
        wait: Wait,
        controller_fields: Sequence[str] = (),
        force: bool = False,
    ) -> None:
        """Register the object.

        Args:
            name: name of the resource in the stack.
            body: the object. `apiVersion`, `kind` and `metadata` are plain; other values may be outputs.
            opts: options of the resource, with its parent.
            wait: rule by which Pulumi decides that the object is ready.
            controller_fields: paths that a controller writes later, e.g. `spec.suspend`. Their values never count as
                changes.
            force: take over fields that a controller wrote as well. Kueue writes back whole lists of a workload, and
                would otherwise own fields that it never meant to decide.

        Raises:
            ValueError: `body` is not a Kubernetes object.
        """
        defaults = pulumi.ResourceOptions(version=version("pulumi-kubernetes"), ignore_changes=list(controller_fields))
        super().__init__(
            type_token(body),
            name,
            {**_annotated(body, wait, force=force), "status": None},
            pulumi.ResourceOptions.merge(defaults, opts),
        )


def child_options(
    parent: pulumi.Resource,
    opts: pulumi.ResourceOptions | None,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> pulumi.ResourceOptions:
    """Return options for a child of component `parent` in the same cluster.

    Args:
        parent: the component that registers the child.
        opts: the component's own options. Only `deleted_with` goes on to the child: where the cluster itself is
            deleted, its objects need no deletion, which could hang on finalizers whose controllers are gone.
        depends_on: resources that must be ready first.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        deleted_with=opts.deleted_with if opts else None,
        depends_on=list(depends_on),
    )


def type_token(body: Mapping[str, Any]) -> str:
    """Return Pulumi's type of the object: `kubernetes:<group>/<version>:<Kind>`; the empty group is called `core`.

    Raises:
        ValueError: apiVersion, kind or metadata.name is missing.
    """
    missing = [key for key in ("apiVersion", "kind") if not body.get(key)]
    if not (body.get("metadata") or {}).get("name"):
        missing.append("metadata.name")
    if missing:
        raise ValueError(f"not a Kubernetes object: {', '.join(missing)} missing in {sorted(body)}")
    group_version = body["apiVersion"]
    if "/" not in group_version:
        group_version = f"core/{group_version}"
    return f"kubernetes:{group_version}:{body['kind']}"


def _annotated(body: Mapping[str, Any], wait: Wait, *, force: bool) -> dict[str, Any]:
    annotations = {wait.annotation: wait.value} if wait.annotation else {}
    if force:
        annotations[_PATCH_FORCE] = "true"
    if not annotations:
        return dict(body)
    metadata = dict(body["metadata"])
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **annotations}
    return {**body, "metadata": metadata}
