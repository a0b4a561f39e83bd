"""The cluster autoscaler of an OpenShift cluster that manages its own machines."""

from typing import NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.cluster_autoscaler import AutoscalerLimits, cluster_autoscaler
from typing_extensions import TypedDict


class OpenShiftClusterAutoscalerArgs(TypedDict):
    """Limits of the cluster's growth."""

    max_nodes: int
    """Most nodes of the whole cluster, control plane included."""
    gpus: dict[str, int]
    """Most GPUs of each kind, by the catalogue's name, e.g. `{"l4": 8}`."""
    provision_seconds: NotRequired[int]
    """Time after which a node that is not ready is given up. Default 1800."""
    unneeded_seconds: NotRequired[int]
    """Time after which an idle node is removed. Default 600."""


class OpenShiftClusterAutoscaler(Component):
    """The one cluster autoscaler of an OpenShift cluster."""

    def __init__(
        self, name: str, args: OpenShiftClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        limits = _validate(name, args)
        super().__init__("modelyard:index:OpenShiftClusterAutoscaler", name, None, opts)
        Manifest(f"{name}-autoscaler", cluster_autoscaler(limits), child_options(self, opts), wait=no_wait())
        self.register_outputs({})


def _validate(name: str, args: OpenShiftClusterAutoscalerArgs) -> AutoscalerLimits:
    limits = AutoscalerLimits(
        max_nodes=int(args["max_nodes"]),
        gpus={gpu: int(count) for gpu, count in args["gpus"].items()},
        provision_seconds=int(args.get("provision_seconds", AutoscalerLimits.provision_seconds)),
        unneeded_seconds=int(args.get("unneeded_seconds", AutoscalerLimits.unneeded_seconds)),
    )
    for gpu, count in limits.gpus.items():
        if count < 0:
            raise ArgumentError(name, f"gpus.{gpu}", count, "must be 0 or more")
    for argument in ("max_nodes", "provision_seconds", "unneeded_seconds"):
        if getattr(limits, argument) < 1:
            raise ArgumentError(name, argument, getattr(limits, argument), "must be 1 or more")
    return limits
