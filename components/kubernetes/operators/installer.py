"""How an operator gets into a cluster: from a bundle of manifests, as a Helm release, or by OpenShift's OLM.

The component is the same whichever is chosen; it describes the operator (`Description`), and
`prepare` makes an `Installation` of it that can be registered.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import yaml
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, readiness, until
from modelyard.components.kubernetes.manifests import bundle, crd

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


@dataclass(frozen=True, kw_only=True)
class Installation:
    """An operator that can be installed: everything that can be refused has been looked at."""

    operator: Description
    phases: bundle.Phases | None = None
    """Objects of a bundle; None for a chart."""
    chart: str = ""
    chart_version: str | None = None

    def register(self, parent: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None) -> list[pulumi.Resource]:
        """Registers the operator under its component; returns what must be ready before its kinds can be used."""
        if self.phases is None:
            return [_release(self, parent, opts)]
        return _bundle(self.phases, self.operator.name, parent, opts)


def prepare(how: Installer, source: str, operator: Description, chart_version: str | None = None) -> Installation:
    """Reads and checks what is to be installed; registers nothing.

    Args:
        how: the way.
        source: file of a bundle; folder, archive or OCI address of a chart.
        operator: what is installed.
        chart_version: of a chart that is fetched.

    Raises:
        InstallerError: `how` does not exist for this operator, or `source` cannot be read.
        bundle.BundleError: the bundle is another operator's.
    """
    if how is Installer.OLM:
        raise InstallerError(f"{operator.name} cannot be installed by olm: {operator.olm_reason}")
    if how is Installer.CHART:
        return Installation(operator=operator, chart=source, chart_version=chart_version)
    return Installation(operator=operator, phases=bundle.phases(operator.change_bundle(read_bundle(source))))


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
    phases: bundle.Phases,
    operator: str,
    parent: pulumi.ComponentResource,
    opts: pulumi.ResourceOptions | None,
) -> list[pulumi.Resource]:
    def register(group: Sequence[dict[str, Any]], before: list[pulumi.Resource]) -> list[pulumi.Resource]:
        options = child_options(parent, opts, depends_on=before)
        return [_object(operator, one, options) for one in group]

    definitions = register(phases.definitions, [])
    namespaces = register(phases.namespaces, [])
    supporting = register(phases.supporting, namespaces)
    workloads = register(phases.workloads, [*definitions, *supporting])
    return [*definitions, *workloads]


def _object(operator: str, one: dict[str, Any], options: pulumi.ResourceOptions) -> Manifest:
    wait = no_wait()
    if one["kind"] == "CustomResourceDefinition":
        wait = until("condition=Established")
    elif one["kind"] in {"Deployment", "StatefulSet", "DaemonSet"}:
        wait = readiness()
    return Manifest(
        f"{operator}:{one['kind']}/{one['metadata']['name']}",
        one,
        options,
        wait=wait,
        controller_fields=bundle.controller_fields(one),
    )


def _release(
    installation: Installation, parent: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None
) -> pulumi.Resource:
    # Imported here: the helm module takes a tenth of a second, and bundles do without.
    from pulumi_kubernetes.helm.v3 import Release  # noqa: PLC0415

    operator = installation.operator
    return Release(
        operator.name,
        name=operator.name,
        chart=installation.chart,
        version=installation.chart_version,
        namespace=operator.namespace,
        create_namespace=True,
        values=operator.chart_values,
        # A release that fails is taken back whole, so that the next `up` starts from a clean state.
        atomic=True,
        timeout=300,
        opts=child_options(parent, opts),
    )
