"""Recorder with the values that Azure computes, and comparison of recorded inputs with the types of the SDK."""

import base64
import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

import pulumi_azure_native
import yaml
from modelyard.components.testing import Recorder
from pulumi import _types

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
CREDENTIALS = "azure-native:containerservice:listManagedClusterUserCredentials"

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "dev",
    "clusters": [{"name": "dev", "cluster": {"server": "https://dev.hcp.westeurope.azmk8s.io:443"}}],
    "users": [{"name": "clusterUser", "user": {"exec": {"command": "kubelogin", "args": ["get-token"]}}}],
    "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "clusterUser"}}],
}


def azure_engine(**options: Any) -> Recorder:
    """Install a recorder that adds Azure's outputs: ids under a subscription, identities, an issuer, credentials."""
    engine = Recorder.installed(**options)
    engine.outputs = {
        "azure-native:resources:ResourceGroup": _named("resourceGroupName"),
        "azure-native:network:VirtualNetwork": _named("virtualNetworkName"),
        "azure-native:network:Subnet": _named("subnetName"),
        "azure-native:managedidentity:UserAssignedIdentity": _identity,
        "azure-native:containerservice:ManagedCluster": _cluster,
        "azure-native:containerservice:AgentPool": _named("agentPoolName"),
        "azure-native:compute:ProximityPlacementGroup": _named("proximityPlacementGroupName"),
        "azure-native:containerregistry:Registry": lambda name, inputs: {
            **_named("registryName")(name, inputs),
            "loginServer": f"{inputs['registryName']}.azurecr.io",
        },
        "azure-native:storage:StorageAccount": lambda name, inputs: {
            **_named("accountName")(name, inputs),
            "primaryEndpoints": {"blob": f"https://{inputs['accountName']}.blob.core.windows.net/"},
        },
        "azure-native:storage:BlobContainer": _named("containerName"),
    }
    credential = base64.b64encode(yaml.safe_dump(KUBECONFIG).encode()).decode()
    engine.answers = {CREDENTIALS: lambda _args: {"kubeconfigs": [{"name": "user", "value": credential}]}}
    return engine


def record(component: Callable[..., Any], name: str, args: Mapping[str, Any], **options: Any) -> Recorder:
    """Register one component, and return the recorder when all outputs are resolved."""
    engine = azure_engine(**options)
    component(name, args)
    engine.finish()
    return engine


def golden(engine: Recorder) -> dict[str, Any]:
    """Return the inputs of all resources, by type and name."""
    return {f"{resource.type} {resource.name}": resource.inputs for resource in engine.registered}


def inputs(engine: Recorder, kind: str) -> dict[str, Any]:
    """Return the inputs of the only resource of that kind."""
    [only] = [resource.inputs for resource in engine.registered if resource.type.endswith(f":{kind}")]
    return only


def _named(key: str) -> Any:
    return lambda name, inputs: {"id": f"{SUBSCRIPTION}/{name}", "name": inputs.get(key, name)}


def _identity(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    ids = {key: f"{name}-{key}" for key in ("principalId", "clientId", "tenantId")}
    return {"id": f"{SUBSCRIPTION}/{name}", "name": inputs["resourceName"], **ids}


def _cluster(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    identity = {"type": "UserAssigned", "userAssignedIdentities": {}}  # a list goes in, a map comes back
    profile = {**inputs["oidcIssuerProfile"], "issuerURL": f"https://westeurope.oic.azure.com/{name}/"}
    return {
        "id": f"{SUBSCRIPTION}/{name}",
        "name": inputs["resourceName"],
        "oidcIssuerProfile": profile,
        "identity": identity,
    }


def args_class(token: str) -> type:
    """Return the SDK's class of a resource's arguments. From the resource's own module: packages export nested types of
    the same name in its place (network.VirtualNetworkArgs)."""
    _, module, kind = token.split(":")
    resource = getattr(getattr(pulumi_azure_native, module), kind)
    own = sys.modules[resource.__module__]
    return getattr(own, f"{kind}InitArgs", None) or getattr(own, f"{kind}Args")


def unknown_inputs(engine: Recorder) -> dict[str, list[str]]:
    """List the inputs that the SDK's types do not have, by the name of each Azure resource."""
    return {
        resource.name: unknown_properties(args_class(resource.type), resource.inputs)
        for resource in engine.registered
        if resource.type.startswith("azure-native:")
    }


def unknown_properties(args: type, sent: Mapping[str, Any], path: str = "") -> list[str]:
    """List the paths in `sent` that the type `args` of the SDK does not have."""
    hints = _types.input_type_types(args)
    unknown = []
    for key, value in sent.items():
        if key not in hints:
            unknown.append(f"{path}{key}")
        else:
            unknown += _unknown_in_value(hints[key], value, f"{path}{key}")
    return unknown


def _unknown_in_value(hint: Any, value: Any, path: str) -> list[str]:
    hint = _types.unwrap_type(hint) if hint is not None else None
    origin = get_origin(hint)
    if isinstance(value, list):
        inner = get_args(hint)[0] if origin is not None and get_args(hint) else None
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
        return [unknown for item_path, item in items for unknown in _unknown_in_value(inner, item, item_path)]
    if isinstance(value, dict):
        if origin is not None:  # a map with keys of its own
            inner = get_args(hint)[-1]
            return [
                unknown for key, item in value.items() for unknown in _unknown_in_value(inner, item, f"{path}.{key}")
            ]
        return unknown_properties(hint, value, f"{path}.") if isinstance(hint, type) else []
    return []
