"""GPU nodes of an OpenShift cluster that manages its own machines: machine sets and their autoscalers.

A machine set holds a great deal that only the installer knows: image, subnets, security groups, the secret with the
first boot's configuration. So a new one is derived from one that works, and only what makes it a GPU pool is changed.
Provider specifications are written as openshift/api, machine/v1beta1, types them.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.labels import MANAGED_BY
from modelyard.components.kubernetes.manifests.node_template import NodeTemplate

NAMESPACE = "openshift-machine-api"

SET_LABEL = "machine.openshift.io/cluster-api-machineset"
"""Ties machines to their set (openshift/machine-api-operator); selector and template must agree on it."""

CLUSTER_LABEL = "machine.openshift.io/cluster-api-cluster"

ACCELERATOR = "cluster-api/accelerator"
"""Label by whose value the cluster autoscaler counts GPUs against its limits (cluster-autoscaler-operator, API of
ClusterAutoscaler, `resourceLimits.gpus[].type`)."""

PLATFORMS = {
    "AWSMachineProviderConfig": "aws",
    "AzureMachineProviderSpec": "azure",
    "VSphereMachineProviderSpec": "vsphere",
}
"""Kinds of provider specification that can be derived."""


class MachineSetError(ValueError):
    """A machine set cannot be derived from another; the message says which field is in the way."""


@dataclass(frozen=True, kw_only=True)
class MachineSetOptions:
    """What a machine set can have beyond what all pools share."""

    subnet: str | None = None
    """Id (AWS) or name (Azure) of another subnet than the template's."""
    disk_gib: int | None = None
    """Root disk. None: the template's."""
    efa: bool = False
    placement_group: str | None = None
    capacity_reservation: str | None = None
    """AWS: id of the reservation; Azure: id of the group."""
    capacity_block: bool = False
    """The AWS reservation is a Capacity Block."""
    max_price: str | None = None
    """USD per hour that a spot node may cost. None: up to the on-demand price."""
    template: str | None = None
    """vSphere: virtual machine template that has the GPU (passthrough or vGPU), since the API has no field for it."""


def accelerator_type(gpu: str) -> str:
    """The catalogue's GPU as the autoscaler's type. It becomes a label value, so `nvidia.com/gpu` would never match."""
    return f"nvidia-{gpu}"


def platform(template: Mapping[str, Any]) -> str:
    """`aws`, `azure` or `vsphere`: what the machines of `template` are.

    Raises:
        MachineSetError: it is not a machine set, or one of another platform.
    """
    kind = str(_value(template).get("kind", ""))
    if kind not in PLATFORMS:
        known = ", ".join(PLATFORMS)
        raise MachineSetError(f"spec.template.spec.providerSpec.value.kind is {kind!r}; can be derived: {known}")
    return PLATFORMS[kind]


def machine_set(template: Mapping[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    """A machine set for the pool `node`, derived from `template`.

    `spec.replicas` is left out: it is the autoscaler's, and a program that wrote it would undo each of its decisions.

    Args:
        template: a machine set of the same cluster, as the API gives it.
        node: the pool.
        options: what only machine sets have.

    Raises:
        MachineSetError: the template cannot be used, or its platform has not what is asked.
    """
    derive = {"aws": _aws, "azure": _azure, "vsphere": _vsphere}[platform(template)]
    cluster = str((_spec(template).get("selector") or {}).get("matchLabels", {}).get(CLUSTER_LABEL, ""))
    if not cluster:
        raise MachineSetError(f"spec.selector.matchLabels has no {CLUSTER_LABEL!r}")
    inner = copy.deepcopy(dict(_spec(template)["template"]))
    own = {CLUSTER_LABEL: cluster, SET_LABEL: node.name}
    machine = inner["spec"]
    labels = {**((machine.get("metadata") or {}).get("labels") or {}), **node.labels}
    spec: dict[str, Any] = {
        "metadata": {"labels": {**labels, ACCELERATOR: accelerator_type(node.gpu)}},
        "taints": [dict(taint) for taint in node.taints],
        "providerSpec": {"value": derive(dict(machine["providerSpec"]["value"]), node, options)},
    }
    if machine.get("lifecycleHooks"):
        spec["lifecycleHooks"] = machine["lifecycleHooks"]
    return {
        "apiVersion": "machine.openshift.io/v1beta1",
        "kind": "MachineSet",
        "metadata": {
            "name": node.name,
            "namespace": NAMESPACE,
            "labels": {**node.ownership.labels(), CLUSTER_LABEL: cluster},
            "annotations": _capacity(node, spec["metadata"]["labels"]),
        },
        "spec": {
            # A drained node is the one with the fewest finished hours of work.
            "deletePolicy": "Newest",
            "selector": {"matchLabels": own},
            "template": {
                "metadata": {"labels": {**((inner.get("metadata") or {}).get("labels") or {}), **own}},
                "spec": spec,
            },
        },
    }


def machine_autoscaler(node: NodeTemplate) -> dict[str, Any]:
    """Lets the cluster autoscaler size the pool's machine set between its limits."""
    return {
        "apiVersion": "autoscaling.openshift.io/v1beta1",
        "kind": "MachineAutoscaler",
        "metadata": {"name": node.name, "namespace": NAMESPACE, "labels": node.ownership.labels()},
        "spec": {
            "minReplicas": node.min_nodes,
            "maxReplicas": node.max_nodes,
            "scaleTargetRef": {
                "apiVersion": "machine.openshift.io/v1beta1",
                "kind": "MachineSet",
                "name": node.name,
            },
        },
    }


@dataclass(frozen=True, kw_only=True)
class AutoscalerLimits:
    """What the one cluster autoscaler may do."""

    max_nodes: int
    """Of the whole cluster, control plane included."""
    gpus: Mapping[str, int]
    """Most GPUs by the catalogue's name."""
    provision_seconds: int = 1800
    """A node that is not ready by then is given up. GPU nodes take 5 to 15 minutes: machine, driver, images."""
    unneeded_seconds: int = 600
    """An idle node goes after this time."""


def cluster_autoscaler(limits: AutoscalerLimits) -> dict[str, Any]:
    """The cluster's one autoscaler, which must be called `default` (cluster-autoscaler-operator)."""
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


def _capacity(node: NodeTemplate, labels: Mapping[str, str]) -> dict[str, str]:
    """What the autoscaler must know of a node to start a first one (machine-api-operator, scale from zero)."""
    return {
        "machine.openshift.io/vCPU": str(node.vcpus),
        "machine.openshift.io/memoryMb": str(round(node.memory_gib * 1024)),
        "machine.openshift.io/GPU": str(node.gpus),
        "capacity.cluster-autoscaler.kubernetes.io/labels": ",".join(
            f"{key}={value}" for key, value in sorted(labels.items())
        ),
    }


def _aws(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    _refuse("aws", options, "template")
    made = copy.deepcopy(value)
    made["instanceType"] = node.instance_type
    made["tags"] = [
        *[one for one in made.get("tags", []) if one.get("name") not in node.tags],
        *[{"name": key, "value": text} for key, text in node.tags.items()],
    ]
    made["metadataServiceOptions"] = {"authentication": "Required"}
    if node.zones:
        _move(made, node.zones[0], options)
    elif options.subnet:
        made["subnet"] = {"id": options.subnet}
    if options.disk_gib is not None:
        made["blockDevices"] = made.get("blockDevices") or [{"ebs": {"volumeType": "gp3", "encrypted": True}}]
        # The device without a name is the root; others keep their size.
        for device in made["blockDevices"]:
            if not device.get("deviceName"):
                device.setdefault("ebs", {})["volumeSize"] = options.disk_gib
    if node.spot:
        made["spotMarketOptions"] = {"maxPrice": options.max_price} if options.max_price else {}
    if options.efa:
        made["networkInterfaceType"] = "EFA"
    if options.placement_group:
        made["placementGroupName"] = options.placement_group
    if options.capacity_reservation:
        made["capacityReservationId"] = options.capacity_reservation
        made["marketType"] = "CapacityBlock" if options.capacity_block else "OnDemand"
    return made


def _move(value: dict[str, Any], zone: str, options: MachineSetOptions) -> None:
    """Puts an AWS specification into another zone. Subnets found by a filter carry the zone's name."""
    placement = value.setdefault("placement", {})
    before = str(placement.get("availabilityZone", ""))
    placement["availabilityZone"] = zone
    if options.subnet:
        value["subnet"] = {"id": options.subnet}
    elif zone != before:
        filters = (value.get("subnet") or {}).get("filters")
        if not before or not filters:
            raise MachineSetError(
                f"the template's subnet is not found by a filter, so that zone {zone!r} needs `subnet` as well"
            )
        for one in filters:
            one["values"] = [str(text).replace(before, zone) for text in one.get("values", [])]


def _azure(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    _refuse("azure", options, "template", "efa", "placement_group", "capacity_block")
    made = copy.deepcopy(value)
    made["vmSize"] = node.instance_type
    made["tags"] = {**(made.get("tags") or {}), **node.tags}
    if node.zones:
        made["zone"] = node.zones[0]
    if options.subnet:
        made["subnet"] = options.subnet
    if options.disk_gib is not None:
        made["osDisk"] = {**(made.get("osDisk") or {}), "diskSizeGB": options.disk_gib}
    if node.spot:
        made["spotVMOptions"] = {"maxPrice": options.max_price} if options.max_price else {}
    if options.capacity_reservation:
        made["capacityReservationGroupID"] = options.capacity_reservation
    return made


def _vsphere(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    _refuse("vsphere", options, "subnet", "efa", "placement_group", "capacity_reservation", "max_price")
    if node.spot:
        raise MachineSetError("vsphere has no spot machines")
    if node.zones:
        raise MachineSetError(
            "vsphere has failure domains in place of zones; derive from a machine set in the right one"
        )
    if not options.template:
        raise MachineSetError(
            "vsphere needs `vm_template`, a virtual machine template that has the GPU: the machine API cannot add one"
        )
    made = copy.deepcopy(value)
    made["template"] = options.template
    made["numCPUs"] = node.vcpus
    made["memoryMiB"] = round(node.memory_gib * 1024)
    if options.disk_gib is not None:
        made["diskGiB"] = options.disk_gib
    return made


def _refuse(platform_name: str, options: MachineSetOptions, *fields: str) -> None:
    for name in fields:
        if getattr(options, name):
            raise MachineSetError(f"{platform_name} machine sets have no {name}")


def _spec(template: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = template.get("spec")
    if template.get("kind") != "MachineSet" or not isinstance(spec, Mapping):
        raise MachineSetError(f"the template is a {template.get('kind')!r}, not a MachineSet with a spec")
    return spec


def _value(template: Mapping[str, Any]) -> Mapping[str, Any]:
    here: Any = _spec(template)
    for part in ("template", "spec", "providerSpec", "value"):
        here = here.get(part) if isinstance(here, Mapping) else None
    if not isinstance(here, Mapping):
        raise MachineSetError("the template has no spec.template.spec.providerSpec.value")
    return here
