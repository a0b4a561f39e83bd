"""KubeRay: Ray clusters, jobs and services as Kubernetes objects."""

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.manifests import bundle
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.operators.installer import Description, Installer, prepare
from modelyard.components.kubernetes.operators.prerequisites import Operator
from typing_extensions import TypedDict

KUBE_RAY = Operator(name="kuberay")

NAMESPACE = "kuberay-system"
DEPLOYMENT = "kuberay-operator"


class KubeRayArgs(TypedDict):
    """How KubeRay is installed."""

    installer: Installer
    """`bundle` or `chart`."""
    source: str
    """File of the bundle; folder, archive or OCI address of the chart."""
    chart_version: NotRequired[str]
    """Version of a chart that is fetched, e.g. `1.7.0`."""
    image: NotRequired[str]
    """The operator's image, in place of the one that the source names."""
    cpus: NotRequired[float]
    """Requested by the operator; it may use five times as much. Default 0.1."""
    memory_gib: NotRequired[float]
    """Of the operator. Default 0.5, which is enough for 500 Ray pods (KubeRay, config/manager)."""


class KubeRay(Component):
    """KubeRay's operator and kinds."""

    namespace: pulumi.Output[str]
    """Where the operator runs."""

    def __init__(self, name: str, args: KubeRayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        shape = _shape(args)
        image = args.get("image")

        def change(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return bundle.with_deployment(objects, DEPLOYMENT, image=image, shape=shape)

        description = Description(
            name="kuberay-operator",
            namespace=NAMESPACE,
            change_bundle=change,
            chart_values=chart_values(image=image, shape=shape),
            olm_reason="OLM carries no KubeRay of its own; on OpenShift it comes with OpenShift AI",
        )
        chosen = prepare(args["installer"], args["source"], description, args.get("chart_version"))
        super().__init__("modelyard:index:KubeRay", name, None, opts)
        self.ready: list[pulumi.Resource] = chosen.register(self, opts)
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.register_outputs({"namespace": self.namespace})


def chart_values(*, image: str | None, shape: PodResources) -> dict[str, Any]:
    """Values of KubeRay's chart (1.6.2 and 1.7.0) for the same settings."""
    values: dict[str, Any] = {
        "resources": shape.resources(),
        # The chart leaves the pod open where the bundle's upstream manifest does not.
        "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    if image:
        repository, _, tag = image.rpartition(":")
        values["image"] = {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
    return values


def _shape(args: KubeRayArgs) -> PodResources:
    millis = round(float(args.get("cpus", 0.1)) * 1000)
    return PodResources(
        cpu_millis=millis,
        cpu_limit_millis=millis * 5,
        memory_mib=round(float(args.get("memory_gib", 0.5)) * 1024),
    )
