"""Installation of an operator: from a bundle of manifests, as a Helm release, or by OpenShift's OLM.

The component is the same for each installer. It describes the operator (`OperatorDescription`), and
`prepare_installation` reads and checks what is to be installed before anything is registered.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import yaml
from modelyard.components.common.choices import validate_choice
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait, readiness, until
from modelyard.components.kubernetes.manifests import bundle, crd
from modelyard.components.kubernetes.manifests.bundle import Phases
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.resources import PodResourcesArgs, validate_resources

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where PyYAML was built with libyaml


class Installer(enum.Enum):
    """Way to install an operator."""

    BUNDLE = "bundle"
    """A file of manifests, without chart repository and Helm: for closed networks and the local environment."""
    CHART = "chart"
    """A Helm release."""
    OLM = "olm"
    """An OLM subscription, on OpenShift."""


@dataclass(frozen=True, kw_only=True)
class OperatorDescription:
    """Operator as the installers need to know it."""

    name: str
    namespace: str
    required: tuple[tuple[str, str], ...]
    """Kind and name of each object that the operator's bundle must have."""
    change_bundle: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
    """Function that applies the component's settings to the bundle's objects."""
    chart_values: dict[str, Any]
    """Values of the operator's chart for the settings of the component."""
    olm_reason: str
    """Reason why there is no OLM subscription for it."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Operator that is ready to be registered: everything that can be refused has been checked."""

    operator: OperatorDescription
    phases: Phases | None = None
    """Objects of a bundle; None for a chart."""
    chart: str = ""
    chart_version: str | None = None

    def register(self, parent: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None) -> list[pulumi.Resource]:
        """Register the operator; return the resources that must be ready before its kinds can be used."""
        if self.phases is None:
            return [_register_release(self, parent, opts)]
        return _register_bundle(self.phases, self.operator.name, parent, opts)


def prepare_installation(
    component: str,
    installer: Installer | str,
    source: str,
    operator: OperatorDescription,
    chart_version: str | None = None,
) -> Installation:
    """Read and check an operator's source, without registering anything.

    Args:
        component: name of the component that has the arguments `installer` and `source`, for errors.
        installer: way to install the operator.
        source: file of a bundle; folder, archive or OCI address of a chart.
        operator: the operator.
        chart_version: version of a chart that is fetched.

    Raises:
        ArgumentError: the operator cannot be installed so, or `source` cannot be read or is another operator's.
    """
    match validate_choice(component, "installer", installer, Installer):
        case Installer.OLM:
            rule = f"{operator.name} cannot be installed by olm: {operator.olm_reason}; use 'bundle' or 'chart'"
            raise ArgumentError(component, "installer", "olm", rule)
        case Installer.CHART:
            return Installation(operator=operator, chart=source, chart_version=chart_version)
        case Installer.BUNDLE:
            objects = read_bundle(component, source)
            for kind, name in operator.required:
                if bundle.find(objects, kind, name) is None:
                    rule = f"has no {kind} {name!r}; give the bundle of {operator.name}"
                    raise ArgumentError(component, "source", source, rule)
            return Installation(operator=operator, phases=bundle.sort_phases(operator.change_bundle(objects)))


def validate_operator_resources(component: str, args: Mapping[str, Any], *, memory_gib: float) -> PodResources:
    """Validate the arguments `cpus` (default 0.1) and `memory_gib` of an operator, which may use five times its cores.

    Raises:
        ArgumentError: an amount is not a number above 0.
    """
    amounts: PodResourcesArgs = {"cpus": args.get("cpus", 0.1), "memory_gib": args.get("memory_gib", memory_gib)}
    resources = validate_resources(component, "", amounts)
    return replace(resources, cpu_limit_millis=resources.cpu_millis * 5)


def read_bundle(component: str, source: str) -> list[dict[str, Any]]:
    """Read the objects of a bundle file, with compact custom resource definitions.

    Raises:
        ArgumentError: the file cannot be read, or holds something other than Kubernetes objects.
    """
    try:
        documents = list(yaml.load_all(Path(source).read_text(encoding="utf-8"), Loader=_LOADER))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ArgumentError(component, "source", source, f"cannot be read: {error}") from error
    objects = [document for document in documents if document is not None]
    if not objects:
        raise ArgumentError(component, "source", source, "is empty")
    for number, document in enumerate(objects, 1):
        if not isinstance(document, dict) or not {"apiVersion", "kind", "metadata"} <= document.keys():
            raise ArgumentError(component, "source", source, f"document {number} is not a Kubernetes object")
    return [crd.compact(body) if body["kind"] == "CustomResourceDefinition" else body for body in objects]


def _register_bundle(
    phases: Phases, operator: str, parent: pulumi.ComponentResource, opts: pulumi.ResourceOptions | None
) -> list[pulumi.Resource]:
    def register(bodies: Sequence[dict[str, Any]], after: list[pulumi.Resource]) -> list[pulumi.Resource]:
        options = child_options(parent, opts, depends_on=after)
        return [_manifest(operator, body, options) for body in bodies]

    definitions = register(phases.definitions, [])
    namespaces = register(phases.namespaces, [])
    supporting = register(phases.supporting, namespaces)
    workloads = register(phases.workloads, [*definitions, *supporting])
    return [*definitions, *workloads]


def _manifest(operator: str, body: dict[str, Any], options: pulumi.ResourceOptions) -> Manifest:
    wait = no_wait()
    if body["kind"] == "CustomResourceDefinition":
        wait = until("condition=Established")
    elif body["kind"] in {"Deployment", "StatefulSet", "DaemonSet"}:
        wait = readiness()
    name = f"{operator}:{body['kind']}/{body['metadata']['name']}"
    return Manifest(name, body, options, wait=wait, controller_fields=bundle.controller_fields(body))


def _register_release(
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
        # A release that fails is rolled back as a whole, so that the next `up` starts from a clean state.
        atomic=True,
        timeout=300,
        opts=child_options(parent, opts),
    )
