"""Kueue: quota, queues and gang admission for jobs and services."""

from typing import Any, NotRequired

import pulumi
import yaml
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifests import bundle
from modelyard.components.kubernetes.manifests.kueue_configuration import (
    AdmissionTimeouts,
    chart_values,
    kueue_configuration,
)
from modelyard.components.kubernetes.operators.installer import (
    Installer,
    OperatorDescription,
    prepare_installation,
    validate_operator_resources,
)
from modelyard.components.kubernetes.operators.prerequisites import Operator
from typing_extensions import TypedDict

KUEUE = Operator(name="kueue", after=frozenset({"kuberay"}))
"""Kueue finds KubeRay's kinds at any time, but watches them from the start where they exist first."""

NAMESPACE = "kueue-system"
DEPLOYMENT = "kueue-controller-manager"
CONFIGURATION = "kueue-manager-config"
CONFIGURATION_FILE = "controller_manager_config.yaml"


class KueueArgs(TypedDict):
    """Installation of Kueue."""

    installer: Installer
    """Way to install it: `bundle` or `chart`."""
    source: str
    """File of the bundle; folder, archive or OCI address of the chart."""
    chart_version: NotRequired[str]
    """Version of a chart that is fetched, e.g. `0.19.2`."""
    image: NotRequired[str]
    """Image of the manager. Default: the source's."""
    cpus: NotRequired[float]
    """Cores that the manager requests; it may use five times as many. Default 0.1."""
    memory_gib: NotRequired[float]
    """GiB of memory for the manager. Default 0.375; upstream's default is 0.5."""
    pods_ready_seconds: NotRequired[float]
    """Time after which an admitted workload that does not run returns its quota and queues again. Default 900."""


class Kueue(Component):
    """Kueue's manager, kinds and webhooks. Ready once its webhooks answer, so that queues may follow."""

    namespace: pulumi.Output[str]
    """Namespace of the manager."""

    def __init__(self, name: str, args: KueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        resources = validate_operator_resources(name, args, memory_gib=0.375)
        image = args.get("image")
        timeouts = AdmissionTimeouts(ready_seconds=int(args.get("pods_ready_seconds", AdmissionTimeouts.ready_seconds)))
        if timeouts.ready_seconds < 1:
            raise ArgumentError(name, "pods_ready_seconds", args.get("pods_ready_seconds"), "must be 1 or more")

        def change(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
            text = kueue_configuration(_configuration(name, args["source"], objects), timeouts)
            changed = bundle.set_configuration(objects, CONFIGURATION, file=CONFIGURATION_FILE, text=text)
            return bundle.set_deployment(changed, DEPLOYMENT, image=image, resources=resources)

        operator = OperatorDescription(
            name="kueue",
            namespace=NAMESPACE,
            required=(("ConfigMap", CONFIGURATION), ("Deployment", DEPLOYMENT)),
            change_bundle=change,
            chart_values=chart_values(image=image, resources=resources, timeouts=timeouts),
            olm_reason=(
                "the Red Hat build of Kueue is configured through its own kind and comes with the OpenShift clusters"
            ),
        )
        installation = prepare_installation(
            name, args["installer"], args["source"], operator, args.get("chart_version")
        )
        super().__init__("modelyard:index:Kueue", name, None, opts)
        self.ready: list[pulumi.Resource] = installation.register(self, opts)
        self.namespace = pulumi.Output.from_input(NAMESPACE)
        self.register_outputs({"namespace": self.namespace})


def _configuration(name: str, source: str, objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Read Kueue's own configuration from the objects of its bundle."""
    config_map = bundle.find(objects, "ConfigMap", CONFIGURATION) or {}
    document = yaml.safe_load(config_map.get("data", {}).get(CONFIGURATION_FILE, ""))
    if not isinstance(document, dict) or document.get("kind") != "Configuration":
        rule = f"ConfigMap {CONFIGURATION!r} has no Configuration in {CONFIGURATION_FILE!r}; give the bundle of kueue"
        raise ArgumentError(name, "source", source, rule)
    return document
