"""Kueue: quota, queues and gang admission for jobs and services."""

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.manifests import bundle
from modelyard.components.kubernetes.manifests.kueue_configuration import Admission, chart_values, kueue_configuration
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.operators.installer import Description, Installer, prepare
from modelyard.components.kubernetes.operators.prerequisites import Operator
from typing_extensions import TypedDict

KUEUE = Operator(name="kueue", after=frozenset({"kuberay"}))
"""Kueue finds KubeRay's kinds at any time, but watches them from the start where they are there first."""

NAMESPACE = "kueue-system"
DEPLOYMENT = "kueue-controller-manager"
CONFIGURATION = "kueue-manager-config"
CONFIGURATION_FILE = "controller_manager_config.yaml"


class KueueArgs(TypedDict):
    """How Kueue is installed."""

    installer: Installer
    """`bundle` or `chart`."""
    source: str
    """File of the bundle; folder, archive or OCI address of the chart."""
    chart_version: NotRequired[str]
    """Version of a chart that is fetched, e.g. `0.19.2`."""
    image: NotRequired[str]
    """The manager's image, in place of the one that the source names."""
    cpus: NotRequired[float]
    """Requested by the manager; it may use five times as much. Default 0.1."""
    memory_gib: NotRequired[float]
    """Of the manager. Default 0.375; upstream's default is 0.5."""
    pods_ready_seconds: NotRequired[float]
    """An admitted workload that is not running by then gives its quota back and queues again. Default 900."""


class Kueue(Component):
    """Kueue's manager, kinds and webhooks. Ready when its webhooks answer, so that queues may follow."""

    namespace: pulumi.Output[str]
    """Where the manager runs."""

    def __init__(self, name: str, args: KueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        shape = _shape(args)
        image = args.get("image")
        admission = Admission(ready_seconds=int(args.get("pods_ready_seconds", Admission.ready_seconds)))

        def change(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
            text = kueue_configuration(_configuration(objects), admission)
            changed = bundle.with_configuration(objects, CONFIGURATION, file=CONFIGURATION_FILE, text=text)
            return bundle.with_deployment(changed, DEPLOYMENT, image=image, shape=shape)

        description = Description(
            name="kueue",
            namespace=NAMESPACE,
            change_bundle=change,
            chart_values=chart_values(image=image, shape=shape, admission=admission),
            olm_reason=(
                "the Red Hat build of Kueue is configured through its own kind and comes with the OpenShift clusters"
            ),
        )
        chosen = prepare(args["installer"], args["source"], description, args.get("chart_version"))
        super().__init__("modelyard:index:Kueue", name, None, opts)
        self.ready: list[pulumi.Resource] = chosen.register(self, opts)
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.register_outputs({"namespace": self.namespace})


def _shape(args: KueueArgs) -> PodResources:
    millis = round(float(args.get("cpus", 0.1)) * 1000)
    return PodResources(
        cpu_millis=millis,
        cpu_limit_millis=millis * 5,
        memory_mib=round(float(args.get("memory_gib", 0.375)) * 1024),
    )


def _configuration(objects: list[dict[str, Any]]) -> str:
    for one in objects:
        if one["kind"] == "ConfigMap" and one["metadata"]["name"] == CONFIGURATION:
            return one["data"].get(CONFIGURATION_FILE, "")
    raise bundle.BundleError(f"no ConfigMap {CONFIGURATION!r} in Kueue's bundle")
