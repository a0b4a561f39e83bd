"""One Kubernetes object in a stack, whatever its kind.

Pulumi's own `CustomResource` for Python accepts only `metadata` and `spec`; kinds such as Kueue's WorkloadPriorityClass
or kaito's Workspace keep their fields at the top (pulumi-kubernetes issue 2363). `Manifest` carries any object
unchanged and registers it under the same type token, so that either class can read the other's state.

It also makes the two decisions explicit that otherwise bite later: how Pulumi waits for the object, and which of its
fields belong to a controller.
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
    """How Pulumi learns that an object is ready after applying it. Make one with `no_wait`, `until` or `readiness`."""

    annotation: str | None
    value: str = ""


def no_wait() -> Wait:
    """Applied is ready: for plain data, and for what a controller finishes later (a queued job, a claim)."""
    return Wait(annotation=_SKIP_AWAIT, value="true")


def until(condition: str) -> Wait:
    """Ready when `condition` holds: `condition=Active`, or a JSON path as in `jsonpath={.status.phase}=Bound`.

    Raises:
        ValueError: `condition` has neither form.
    """
    if not re.match(r"^(condition=\w+|jsonpath=\{.+\})", condition):
        raise ValueError(
            f"cannot wait for {condition!r}; allowed are 'condition=<Type>' and 'jsonpath={{<path>}}=<value>'"
        )
    return Wait(annotation=_WAIT_FOR, value=condition)


def readiness() -> Wait:
    """Ready when Pulumi's own rule for the kind says so (Deployment, Service, Namespace …).

    Only for built-in kinds: for others Pulumi guesses, and may wait 40 minutes (pulumi-kubernetes issue 4521).
    """
    return Wait(annotation=None)


class Manifest(pulumi.CustomResource):
    """The object `body`, applied by the Kubernetes provider that `opts`, or the parent, names."""

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
        """Registers the object.

        Args:
            name: of the resource in the stack.
            body: the object. `apiVersion`, `kind` and `metadata` are plain; other values may be outputs.
            opts: `ResourceOptions(parent=…)` and what else applies.
            wait: how Pulumi learns that the object is ready.
            controller_fields: paths that a controller writes after us, e.g. `spec.suspend`. They never count as
                changes.
            force: win over controllers that wrote fields which we set. Kueue writes back whole lists of a workload,
                and would otherwise own what it never meant to decide.

        Raises:
            ValueError: `body` is not a Kubernetes object.
        """
        own = pulumi.ResourceOptions(version=version("pulumi-kubernetes"), ignore_changes=list(controller_fields))
        super().__init__(
            type_token(body),
            name,
            {**_annotated(body, wait, force=force), "status": None},
            pulumi.ResourceOptions.merge(own, opts),
        )


def child_options(
    parent: pulumi.Resource,
    opts: pulumi.ResourceOptions | None,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    retain: bool = False,
) -> pulumi.ResourceOptions:
    """Options of a child of component `parent` that lives in its cluster.

    Args:
        parent: the component that registers the child.
        opts: the component's own options. Only `deleted_with` goes on to the child: where the cluster itself is
            deleted, its objects need no deleting, which could hang on finalizers whose controllers are gone.
        depends_on: what must be ready first.
        retain: keep the object in the cluster when it leaves the stack.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        deleted_with=opts.deleted_with if opts else None,
        depends_on=list(depends_on),
        retain_on_delete=retain,
    )


def type_token(body: Mapping[str, Any]) -> str:
    """Pulumi's type of the object: `kubernetes:<group>/<version>:<Kind>`, where the empty group is called `core`.

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
    added = {wait.annotation: wait.value} if wait.annotation else {}
    if force:
        added[_PATCH_FORCE] = "true"
    if not added:
        return dict(body)
    metadata = dict(body["metadata"])
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **added}
    return {**body, "metadata": metadata}
