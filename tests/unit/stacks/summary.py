"""Summary of what a program registers: a line for each resource, with the inputs that matter and a digest of all.

A line reads `AgentPool train 0f3a5c… vmSize=Standard_NC48ads_A100_v4 minCount=0 maxCount=2`. The digest shows that no
input has changed. Which one has, `python -m simulator.preview --env NAME --properties` shows, whose plans are under
review in tests/engine/clouds/goldens.
"""

import hashlib
import json
from typing import Any

from modelyard.components.testing import Recorder

SHOWN = {
    "AgentPool": ("vmSize", "minCount", "maxCount", "scaleSetPriority", "availabilityZones", "osDiskSizeGB"),
    "BlobContainer": ("containerName",),
    "Bucket": ("bucket",),
    "Budget": ("amount", "limitAmount"),
    "ClusterAutoscaler": ("spec.resourceLimits", "resource_limits"),
    "ClusterQueue": ("spec.cohortName", "spec.resourceGroups.0.flavors"),
    "HcpCluster": ("version.id", "api", "delete_protection", "nodes", "network"),
    "HcpNodePool": ("aws_node_pool.instance_type", "autoscaling", "subnet", "aws_node_pool.root_volume"),
    "MachineAutoscaler": ("spec.minReplicas", "spec.maxReplicas"),
    "MachineSet": ("spec.template.spec.providerSpec.value.template", "spec.template.spec.taints"),
    "ManagedCluster": ("kubernetesVersion", "sku", "apiServerAccessProfile", "networkProfile.podCidr"),
    "Namespace": ("metadata.name",),
    "PersistentVolume": ("spec.hostPath", "spec.capacity"),
    "PersistentVolumeClaim": ("spec.resources.requests.storage", "spec.storageClassName", "spec.accessModes"),
    "RayJob": ("metadata.name", "spec.entrypoint", "spec.activeDeadlineSeconds", "spec.backoffLimit"),
    "ResourceFlavor": ("spec.nodeLabels", "spec.nodeTaints"),
    "ResourceQuota": ("spec.hard",),
    "StorageAccount": ("accountName",),
    "WorkloadPriorityClass": ("value",),
}
"""Inputs that a reviewer wants to see, by the last part of the resource's type."""


def summary(engine: Recorder, outputs: dict[str, Any], replaced: dict[str, str]) -> dict[str, Any]:
    """Return the resources as lines and the outputs, without the texts that depend on the machine.

    Args:
        engine: recorder of a program that has ended.
        outputs: outputs of its stack.
        replaced: stand-in of each text that depends on the machine.
    """
    resources = [resource for resource in engine.registered if not resource.type.startswith("pulumi:pulumi:Stack")]
    lines = sorted(_line(resource.type, resource.name, resource.inputs, replaced) for resource in resources)
    return {"resources": lines, "outputs": _portable(outputs, replaced)}


def _line(kind: str, name: str, inputs: dict[str, Any], replaced: dict[str, str]) -> str:
    # The pickle of a dynamic provider is the name of its class, and depends on Python's version.
    inputs = {key: _portable(value, replaced) for key, value in inputs.items() if key != "__provider"}
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]
    shown = [(path.rpartition(".")[2], _at(inputs, path)) for path in SHOWN.get(kind.rpartition(":")[2], ())]
    texts = [f"{key}={_text(value)}" for key, value in shown if value is not None]
    return " ".join([kind, name, digest, *texts] if inputs else [kind, name])


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else (value or {}).get(part)
    return value


def _portable(value: Any, replaced: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _portable(inner, replaced) for key, inner in value.items()}
    if isinstance(value, list):
        return [_portable(inner, replaced) for inner in value]
    if isinstance(value, str):
        for text, stand_in in replaced.items():
            value = value.replace(text, stand_in)
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True).replace('"', "")
