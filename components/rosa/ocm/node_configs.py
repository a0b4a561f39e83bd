"""Configurations that node pools name: of the node tuning operator, and of the kubelet."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, fields, requests
from modelyard.components.rosa.ocm.named import NamedProvider


class TuningConfigProvider(NamedProvider):
    """Creates, changes and deletes tuning configurations."""

    table = fields.TUNING_CONFIG
    body = requests.TuningConfig
    collection = "tuning_configs"
    word = "tuning configuration"


class KubeletConfigProvider(NamedProvider):
    """Creates, changes and deletes kubelet configurations."""

    table = fields.KUBELET_CONFIG
    body = requests.KubeletConfig
    collection = "kubelet_configs"
    word = "kubelet configuration"


class TuningConfig(pulumi.dynamic.Resource, module="rosa", name="TuningConfig"):
    """A configuration of the node tuning operator.

    Args:
        name: of the resource.
        cluster_id: OCM's id of the cluster.
        config_name: what pools call it.
        spec: of a `Tuned` (`profile`, `recommend`).
        opts: options.
    """

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        config_name: str,
        spec: dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"cluster_id": cluster_id, "name": config_name, "spec": spec, "owner": _mark(name)}
        super().__init__(TuningConfigProvider(), name, props, opts)


class KubeletConfig(pulumi.dynamic.Resource, module="rosa", name="KubeletConfig"):
    """A configuration of the kubelet.

    Args:
        name: of the resource.
        cluster_id: OCM's id of the cluster.
        config_name: what pools call it.
        pod_pids_limit: processes per pod, 4096 to 16384 (rosa d80ba25, pkg/kubeletconfig).
        opts: options.
    """

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        config_name: str,
        pod_pids_limit: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "cluster_id": cluster_id,
            "name": config_name,
            "pod_pids_limit": pod_pids_limit,
            "owner": _mark(name),
        }
        super().__init__(KubeletConfigProvider(), name, props, opts)


def _mark(name: str) -> str:
    return adoption.mark(pulumi.get_project(), pulumi.get_stack(), name)
