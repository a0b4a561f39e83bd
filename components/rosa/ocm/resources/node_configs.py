"""Configurations to which node pools refer by name: of the node tuning operator, and of the kubelet."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.models import requests
from modelyard.components.rosa.ocm.provider import NamedProvider, stack_owner


class TuningConfigProvider(NamedProvider):
    """Creates, changes and deletes tuning configurations."""

    table = fields.TUNING_CONFIG
    body = requests.TuningConfig
    collection = "tuning_configs"
    label = "tuning configuration"


class KubeletConfigProvider(NamedProvider):
    """Creates, changes and deletes kubelet configurations."""

    table = fields.KUBELET_CONFIG
    body = requests.KubeletConfig
    collection = "kubelet_configs"
    label = "kubelet configuration"


class TuningConfig(pulumi.dynamic.Resource, module="rosa", name="TuningConfig"):
    """A configuration of the node tuning operator: name to which pools refer, and spec of a `Tuned`."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        config_name: str,
        spec: dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"cluster_id": cluster_id, "name": config_name, "spec": spec, "owner": stack_owner(name)}
        super().__init__(TuningConfigProvider(), name, props, opts)


class KubeletConfig(pulumi.dynamic.Resource, module="rosa", name="KubeletConfig"):
    """A configuration of the kubelet: name to which pools refer, and limit of processes per pod."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        config_name: str,
        pod_pids_limit: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        limit = {"pod_pids_limit": pod_pids_limit}
        props = {"cluster_id": cluster_id, "name": config_name, **limit, "owner": stack_owner(name)}
        super().__init__(KubeletConfigProvider(), name, props, opts)
