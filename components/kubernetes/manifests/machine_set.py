"""Machine sets of an OpenShift cluster that manages its own machines, and their autoscalers.

A machine set holds much that only the installer knows: image, subnets, security groups, the secret with the first
boot's configuration. A pool's machine set is therefore derived from a working one, with only the fields of a GPU pool
changed. Provider specifications are written as openshift/api, machine/v1beta1, types them. The builders expect
arguments that `openshift.spec` has validated.
"""

import copy
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.manifests.node_template import NodeTemplate

NAMESPACE = "openshift-machine-api"

SET_LABEL = "machine.openshift.io/cluster-api-machineset"
"""Label that ties machines to their set (openshift/machine-api-operator); selector and template must agree on it."""

CLUSTER_LABEL = "machine.openshift.io/cluster-api-cluster"

ACCELERATOR = "cluster-api/accelerator"
"""Label by whose value the cluster autoscaler counts GPUs against its limits (cluster-autoscaler-operator, API of
ClusterAutoscaler, `resourceLimits.gpus[].type`)."""


class Platform(enum.Enum):
    """Infrastructure that a machine set starts machines on."""

    AWS = "aws"
    AZURE = "azure"
    VSPHERE = "vsphere"


PROVIDER_KINDS = {
    "AWSMachineProviderConfig": Platform.AWS,
    "AzureMachineProviderSpec": Platform.AZURE,
    "VSphereMachineProviderSpec": Platform.VSPHERE,
}
"""Kinds of provider specification that a pool's can be derived from."""


@dataclass(frozen=True, kw_only=True)
class MachineSetOptions:
    """Options of a machine set beyond those that all pools share. Each platform has fields for some of them only."""

    subnet: str | None = None
    """Id (AWS) or name (Azure) of the nodes' subnet. None: the template's."""
    disk_gib: int | None = None
    """Size of the root disk. None: the template's."""
    efa: bool = False
    """Elastic Fabric Adapter as the network interface (AWS)."""
    placement_group: str | None = None
    """Name of a placement group (AWS)."""
    capacity_reservation: str | None = None
    """Id of the reservation (AWS) or of the group of reservations (Azure)."""
    capacity_block: bool = False
    """The reservation is a Capacity Block (AWS)."""
    max_price: str | None = None
    """Highest price of a spot node, USD per hour. None: the on-demand price."""
    vm_template: str | None = None
    """Virtual machine template that has the GPU, by passthrough or as vGPU (vSphere); the API has no field for GPUs."""


def accelerator_type(gpu: str) -> str:
    """Name the catalogue's GPU as the autoscaler's type: a label value, so `nvidia.com/gpu` would never match."""
    return f"nvidia-{gpu}"


def machine_set(template: Mapping[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    """Derive the machine set of a pool from `template`.

    `spec.replicas` is left out: the autoscaler owns it, and a program that wrote it would undo each of its decisions.

    Args:
        template: a machine set of the same cluster, of one of PROVIDER_KINDS.
        node: nodes of the pool, in at most one zone.
        options: options that the template's platform has fields for.
    """
    source = template["spec"]
    cluster = str(source["selector"]["matchLabels"][CLUSTER_LABEL])
    platform = PROVIDER_KINDS[source["template"]["spec"]["providerSpec"]["value"]["kind"]]
    derive = {Platform.AWS: _aws, Platform.AZURE: _azure, Platform.VSPHERE: _vsphere}[platform]
    inner = copy.deepcopy(dict(source["template"]))
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
            # The newest machine has the fewest hours of work to lose.
            "deletePolicy": "Newest",
            "selector": {"matchLabels": own},
            "template": {
                "metadata": {"labels": {**((inner.get("metadata") or {}).get("labels") or {}), **own}},
                "spec": spec,
            },
        },
    }


def machine_autoscaler(node: NodeTemplate) -> dict[str, Any]:
    """Build the object that lets the cluster autoscaler size the pool's machine set within its limits."""
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


def _capacity(node: NodeTemplate, labels: Mapping[str, str]) -> dict[str, str]:
    """Annotate the capacity of a node, from which the autoscaler starts a first one (machine-api-operator, scale from
    zero)."""
    return {
        "machine.openshift.io/vCPU": str(node.vcpus),
        "machine.openshift.io/memoryMb": str(round(node.memory_gib * 1024)),
        "machine.openshift.io/GPU": str(node.gpus),
        "capacity.cluster-autoscaler.kubernetes.io/labels": ",".join(
            f"{key}={value}" for key, value in sorted(labels.items())
        ),
    }


def subnet_zone_filters(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the filters by which an AWS provider specification finds its subnet; their values contain the zone."""
    return (value.get("subnet") or {}).get("filters") or []


def _aws(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    value = copy.deepcopy(value)
    value["instanceType"] = node.instance_type
    value["tags"] = [
        *[tag for tag in value.get("tags", []) if tag.get("name") not in node.tags],
        *[{"name": key, "value": text} for key, text in node.tags.items()],
    ]
    value["metadataServiceOptions"] = {"authentication": "Required"}
    if node.zones:
        placement = value.setdefault("placement", {})
        template_zone, placement["availabilityZone"] = str(placement.get("availabilityZone", "")), node.zones[0]
        for selector in subnet_zone_filters(value) if template_zone else []:
            selector["values"] = [
                str(text).replace(template_zone, node.zones[0]) for text in selector.get("values", [])
            ]
    if options.subnet:
        value["subnet"] = {"id": options.subnet}
    if options.disk_gib is not None:
        value["blockDevices"] = value.get("blockDevices") or [{"ebs": {"volumeType": "gp3", "encrypted": True}}]
        # The device without a name is the root; others keep their size.
        for device in value["blockDevices"]:
            if not device.get("deviceName"):
                device.setdefault("ebs", {})["volumeSize"] = options.disk_gib
    if node.spot:
        value["spotMarketOptions"] = {"maxPrice": options.max_price} if options.max_price else {}
    if options.efa:
        value["networkInterfaceType"] = "EFA"
    if options.placement_group:
        value["placementGroupName"] = options.placement_group
    if options.capacity_reservation:
        value["capacityReservationId"] = options.capacity_reservation
        value["marketType"] = "CapacityBlock" if options.capacity_block else "OnDemand"
    return value


def _azure(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    value = copy.deepcopy(value)
    value["vmSize"] = node.instance_type
    value["tags"] = {**(value.get("tags") or {}), **node.tags}
    if node.zones:
        value["zone"] = node.zones[0]
    if options.subnet:
        value["subnet"] = options.subnet
    if options.disk_gib is not None:
        value["osDisk"] = {**(value.get("osDisk") or {}), "diskSizeGB": options.disk_gib}
    if node.spot:
        value["spotVMOptions"] = {"maxPrice": options.max_price} if options.max_price else {}
    if options.capacity_reservation:
        value["capacityReservationGroupID"] = options.capacity_reservation
    return value


def _vsphere(value: dict[str, Any], node: NodeTemplate, options: MachineSetOptions) -> dict[str, Any]:
    value = copy.deepcopy(value)
    value["template"] = options.vm_template
    value["numCPUs"] = node.vcpus
    value["memoryMiB"] = round(node.memory_gib * 1024)
    if options.disk_gib is not None:
        value["diskGiB"] = options.disk_gib
    return value
