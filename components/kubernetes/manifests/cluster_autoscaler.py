"""The one cluster autoscaler of an OpenShift cluster that manages its own machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.common.ownership import MANAGED_BY
from modelyard.components.kubernetes.manifests.machine_set import accelerator_type


@dataclass(frozen=True, kw_only=True)
class AutoscalerLimits:
    """Limits of what the cluster autoscaler may do."""

    max_nodes: int
    """Most nodes of the whole cluster, control plane included."""
    gpus: Mapping[str, int]
    """Most GPUs of each kind, by the catalogue's name."""
    provision_seconds: int = 1800
    """Time after which a node that is not ready is given up. GPU nodes take 5 to 15 minutes to start."""
    unneeded_seconds: int = 600
    """Time after which an idle node is removed."""


def cluster_autoscaler(limits: AutoscalerLimits) -> dict[str, Any]:
    """Build the cluster autoscaler, which must be called `default` (cluster-autoscaler-operator)."""
    return {
        "apiVersion": "autoscaling.openshift.io/v1",
        "kind": "ClusterAutoscaler",
        "metadata": {"name": "default", "labels": {MANAGED_BY: "modelyard"}},
        "spec": {
            "resourceLimits": {
                "maxNodesTotal": limits.max_nodes,
                "gpus": [
                    {"type": accelerator_type(gpu), "min": 0, "max": count}
                    for gpu, count in sorted(limits.gpus.items())
                ],
            },
            "maxNodeProvisionTime": f"{limits.provision_seconds}s",
            # GPU daemons run on every GPU node; counted, they would keep an idle node alive.
            "ignoreDaemonsetsUtilization": True,
            # Ray's head and workers write to emptyDir volumes, which must not pin a node for ever.
            "skipNodesWithLocalStorage": False,
            "scaleDown": {"enabled": True, "unneededTime": f"{limits.unneeded_seconds}s"},
        },
    }
