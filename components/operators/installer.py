"""How an operator gets into a cluster: from a bundle of manifests, as a Helm release, or by OpenShift's OLM.

The component is the same whichever is chosen; it describes the operator (`Description`), and `install` does the rest.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import yaml
from modelyard.components.manifest import Manifest, in_cluster, no_wait, readiness, until
from modelyard.components.manifests import bundle, crd

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where PyYAML was built with libyaml


class InstallerError(ValueError):
    """An operator cannot be installed in the way asked; the message says why, and what can."""


class Installer(enum.Enum):
    """The ways to install an operator."""

    BUNDLE = "bundle"
    """A file of manifests: no chart repository, no Helm. For closed networks and the local environment."""
    CHART = "chart"
    """A Helm release."""
    OLM = "olm"
    """An OLM subscription, on OpenShift."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """An operator, as the installers need to know it."""

    name: str
    namespace: str
    change_bundle: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
    """Applies the component's settings to the bundle's objects."""
    chart_values: dict[str, Any]
    """The same settings, as values of its chart."""
    olm_reason: str
    """Why there is no subscription for it."""


def install(
    parent: pulumi.ComponentResource,
    how: Installer,
    source: str,
    operator: Description,
    opts: pulumi.ResourceOptions | None,
    *,
    chart_version: str | None = None,
) -> list[pulumi.Resource]:
    """Registers the operator; returns what must be ready before its kinds can be used.

    Args:
        parent: the operator's component.
        how: the way.
        source: file of a bundle; folder, archive or OCI address of a chart.
        operator: what is installed.
        opts: the component's options.
        chart_version: of a chart that is fetched.

    Raises:
        InstallerError: `how` does not exist for this operator, or `source` cannot be read.
    """
    if how is Installer.OLM:
        raise InstallerError(f"{operator.name} cannot be installed by olm: {operator.olm_reason}")
    if how is Installer.CHART:
        return [_release(parent, source, operator, opts, chart_version)]
    return _bundle(parent, read_bundle(source), operator, opts)


def read_bundle(source: str) -> list[dict[str, Any]]:
    """The objects in a bundle file, custom resource definitions compacted.

    Raises:
        InstallerError: the file cannot be read, or holds something else.
    """
    try:
        documents = list(yaml.load_all(Path(source).read_text(encoding="utf-8"), Loader=_LOADER))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        raise InstallerError(f"bundle {source} cannot be read: {wrong}") from wrong
    objects = [document for document in documents if document is not None]
    for number, document in enumerate(objects, 1):
        if not isinstance(document, dict) or not {"apiVersion", "kind", "metadata"} <= document.keys():
            raise InstallerError(f"bundle {source}: document {number} is not a Kubernetes object")
    if not objects:
        raise InstallerError(f"bundle {source} is empty")
    return [crd.compact(one) if one["kind"] == "CustomResourceDefinition" else one for one in objects]


def _bundle(
    parent: pulumi.ComponentResource,
    objects: list[dict[str, Any]],
    operator: Description,
    opts: pulumi.ResourceOptions | None,
) -> list[pulumi.Resource]:
    ordered = bundle.phases(operator.change_bundle(objects))

    def register(group: Sequence[dict[str, Any]], before: list[pulumi.Resource]) -> list[pulumi.Resource]:
        return [_object(parent, operator.name, one, opts, before) for one in group]

    definitions = register(ordered.definitions, [])
    namespaces = register(ordered.namespaces, [])
    supporting = register(ordered.supporting, namespaces)
    workloads = register(ordered.workloads, [*definitions, *supporting])
    return [*definitions, *workloads]


def _object(
    parent: pulumi.ComponentResource,
    operator: str,
    one: dict[str, Any],
    opts: pulumi.ResourceOptions | None,
    before: list[pulumi.Resource],
) -> Manifest:
    wait = no_wait()
    if one["kind"] == "CustomResourceDefinition":
        wait = until("condition=Established")
    elif one["kind"] in {"Deployment", "StatefulSet", "DaemonSet"}:
        wait = readiness()
    return Manifest(
        f"{operator}:{one['kind']}/{one['metadata']['name']}",
        one,
        in_cluster(parent, opts, depends_on=before),
        wait=wait,
        controller_fields=bundle.controller_fields(one),
    )


def _release(
    parent: pulumi.ComponentResource,
    source: str,
    operator: Description,
    opts: pulumi.ResourceOptions | None,
    chart_version: str | None,
) -> pulumi.Resource:
    # Imported here: the helm module takes a tenth of a second, and bundles do without.
    from pulumi_kubernetes.helm.v3 import Release  # noqa: PLC0415

    return Release(
        operator.name,
        name=operator.name,
        chart=source,
        version=chart_version,
        namespace=operator.namespace,
        create_namespace=True,
        values=operator.chart_values,
        # A release that fails is taken back whole, so that the next `up` starts from a clean state.
        atomic=True,
        timeout=300,
        opts=in_cluster(parent, opts),
    )
