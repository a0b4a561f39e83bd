"""KubeRay: Ray clusters, jobs and services as Kubernetes objects."""

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.manifests import bundle
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.operators.installer import (
    Installer,
    OperatorDescription,
    prepare_installation,
    validate_operator_resources,
)
from modelyard.components.kubernetes.operators.prerequisites import Operator
from typing_extensions import TypedDict

KUBE_RAY = Operator(name="kuberay")

NAMESPACE = "kuberay-system"
DEPLOYMENT = "kuberay-operator"


class KubeRayArgs(TypedDict):
    """Installation of KubeRay."""

    installer: Installer
    """Way to install it: `bundle` or `chart`."""
    source: str
    """File of the bundle; folder, archive or OCI address of the chart."""
    chart_version: NotRequired[str]
    """Version of a chart that is fetched, e.g. `1.7.0`."""
    image: NotRequired[str]
    """Image of the operator. Default: the source's."""
    cpus: NotRequired[float]
    """Cores that the operator requests; it may use five times as many. Default 0.1."""
    memory_gib: NotRequired[float]
    """GiB of memory for the operator. Default 0.5, enough for 500 Ray pods (KubeRay, config/manager)."""


class KubeRay(Component):
    """KubeRay's operator and kinds."""

    namespace: pulumi.Output[str]
    """Namespace of the operator."""

    def __init__(self, name: str, args: KubeRayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        resources = validate_operator_resources(name, args, memory_gib=0.5)
        image = args.get("image")

        def change(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return bundle.set_deployment(objects, DEPLOYMENT, image=image, resources=resources)

        operator = OperatorDescription(
            name="kuberay-operator",
            namespace=NAMESPACE,
            required=(("Deployment", DEPLOYMENT),),
            change_bundle=change,
            chart_values=chart_values(image=image, resources=resources),
            olm_reason="OLM carries no KubeRay of its own; on OpenShift it comes with OpenShift AI",
        )
        installation = prepare_installation(
            name, args["installer"], args["source"], operator, args.get("chart_version")
        )
        super().__init__("modelyard:index:KubeRay", name, None, opts)
        self.ready: list[pulumi.Resource] = installation.register(self, opts)
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.register_outputs({"namespace": self.namespace})


def chart_values(*, image: str | None, resources: PodResources) -> dict[str, Any]:
    """Return the values of KubeRay's chart (1.6.2 and 1.7.0) for the same settings."""
    values: dict[str, Any] = {
        "resources": resources.requirements(),
        # Unlike upstream's manifest, the chart leaves the pod's security context empty.
        "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    if image:
        repository, _, tag = image.rpartition(":")
        values["image"] = {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
    return values
