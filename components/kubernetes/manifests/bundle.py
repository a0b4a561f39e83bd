"""Preparation of an operator's own manifests: the order of installation, and the fields that the platform sets."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.pod_resources import PodResources

Object = dict[str, Any]

_DEFINITION = "CustomResourceDefinition"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True)
class Phases:
    """Objects of a bundle in the order of installation."""

    definitions: tuple[Object, ...]
    namespaces: tuple[Object, ...]
    supporting: tuple[Object, ...]
    """Accounts, roles, configuration, services, webhooks."""
    workloads: tuple[Object, ...]


def sort_phases(objects: Iterable[Object]) -> Phases:
    """Sort `objects` by dependency; the order within a phase stays."""
    listed = list(objects)

    def of_kinds(*kinds: str) -> tuple[Object, ...]:
        return tuple(body for body in listed if body["kind"] in kinds)

    return Phases(
        definitions=of_kinds(_DEFINITION),
        namespaces=of_kinds("Namespace"),
        supporting=tuple(body for body in listed if body["kind"] not in (_DEFINITION, "Namespace", *_WORKLOADS)),
        workloads=of_kinds(*_WORKLOADS),
    )


def find(objects: Iterable[Object], kind: str, name: str) -> Object | None:
    """Return the object `name` of `kind`; None where there is none."""
    return next((body for body in objects if (body["kind"], body["metadata"]["name"]) == (kind, name)), None)


def set_deployment(objects: Iterable[Object], name: str, *, image: Any | None, resources: PodResources) -> list[Object]:
    """Replace image and resources of the first container of Deployment `name`.

    The Deployment also counts as available only three seconds after its pod is ready. By then kube-proxy has programmed
    its service, so that no later object fails on a webhook that cannot be reached yet.
    """

    def change(deployment: Object) -> Object:
        deployment = copy.deepcopy(deployment)
        deployment["spec"]["minReadySeconds"] = 3
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        container["resources"] = resources.requirements()
        if image is not None:
            container["image"] = image
            container["imagePullPolicy"] = "IfNotPresent"
        return deployment

    return [
        change(body) if (body["kind"], body["metadata"]["name"]) == ("Deployment", name) else body for body in objects
    ]


def set_configuration(objects: Iterable[Object], name: str, *, file: str, text: str) -> list[Object]:
    """Replace one file of ConfigMap `name`."""
    return [
        {**body, "data": {**body.get("data", {}), file: text}}
        if (body["kind"], body["metadata"]["name"]) == ("ConfigMap", name)
        else body
        for body in objects
    ]


def controller_fields(body: Object) -> list[str]:
    """List the fields of an operator's object that the operator itself fills: certificates of its webhooks."""
    if body["kind"] in {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}:
        return ["webhooks[*].clientConfig.caBundle"]
    if body["kind"] == _DEFINITION and "conversion" in body["spec"]:
        return ["spec.conversion.webhook.clientConfig.caBundle"]
    if body["kind"] == "Secret":
        return ["data"]
    return []
