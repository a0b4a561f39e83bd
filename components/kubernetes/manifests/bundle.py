"""Preparing an operator's own manifests: in which order they are applied, and what of them we set."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.pod_resources import PodResources

Object = dict[str, Any]

_DEFINITION = "CustomResourceDefinition"
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}


class BundleError(ValueError):
    """A bundle does not hold what its operator needs; the message says what."""


@dataclass(frozen=True)
class Phases:
    """A bundle's objects in the order of installation."""

    definitions: tuple[Object, ...]
    namespaces: tuple[Object, ...]
    supporting: tuple[Object, ...]
    """Accounts, roles, configuration, services, webhooks."""
    workloads: tuple[Object, ...]


def phases(objects: Iterable[Object]) -> Phases:
    """Sorts `objects` by what depends on what; the order within a phase stays."""
    found = list(objects)

    def of(*kinds: str) -> tuple[Object, ...]:
        return tuple(one for one in found if one["kind"] in kinds)

    early = {_DEFINITION, "Namespace"} | _WORKLOADS
    return Phases(
        definitions=of(_DEFINITION),
        namespaces=of("Namespace"),
        supporting=tuple(one for one in found if one["kind"] not in early),
        workloads=of(*sorted(_WORKLOADS)),
    )


def with_deployment(objects: Iterable[Object], name: str, *, image: Any | None, shape: PodResources) -> list[Object]:
    """`objects` with the image and resources of the first container of Deployment `name` replaced.

    The Deployment also counts as available only three seconds after its pod is ready. By then kube-proxy has
    programmed its service, so that what comes next does not fail on a webhook that cannot be reached yet.

    Raises:
        BundleError: there is no such Deployment.
    """
    changed, found = [], False
    for one in objects:
        if one["kind"] != "Deployment" or one["metadata"]["name"] != name:
            changed.append(one)
            continue
        found = True
        deployment = copy.deepcopy(one)
        deployment["spec"]["minReadySeconds"] = 3
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        container["resources"] = shape.resources()
        if image is not None:
            container["image"] = image
            container["imagePullPolicy"] = "IfNotPresent"
        changed.append(deployment)
    if not found:
        raise BundleError(f"no Deployment {name!r} in the bundle")
    return changed


def with_configuration(objects: Iterable[Object], name: str, *, file: str, text: str) -> list[Object]:
    """`objects` with one file of ConfigMap `name` replaced.

    Raises:
        BundleError: there is no such ConfigMap.
    """
    changed, found = [], False
    for one in objects:
        if one["kind"] == "ConfigMap" and one["metadata"]["name"] == name:
            found = True
            changed.append({**one, "data": {**one.get("data", {}), file: text}})
        else:
            changed.append(one)
    if not found:
        raise BundleError(f"no ConfigMap {name!r} in the bundle")
    return changed


def controller_fields(one: Object) -> list[str]:
    """Fields of an operator's object that the operator itself fills: certificates of its webhooks."""
    if one["kind"] in {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}:
        return ["webhooks[*].clientConfig.caBundle"]
    if one["kind"] == _DEFINITION and "conversion" in one["spec"]:
        return ["spec.conversion.webhook.clientConfig.caBundle"]
    if one["kind"] == "Secret":
        return ["data"]
    return []
