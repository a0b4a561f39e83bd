"""What Azure computes, for the recorder: ids under a subscription, identities, an issuer, credentials."""

import base64
import sys
from collections.abc import Mapping
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


def encoded(document: Any) -> str:
    return base64.b64encode(yaml.safe_dump(document).encode()).decode()


def azure_engine(**options: Any) -> Recorder:
    """A recorder that adds what Azure would."""
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
    engine.answers = {CREDENTIALS: lambda _args: {"kubeconfigs": [{"name": "user", "value": encoded(KUBECONFIG)}]}}
    return engine


def _named(key: str) -> Any:
    return lambda name, inputs: {"id": f"{SUBSCRIPTION}/{name}", "name": inputs.get(key, name)}


def _identity(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    made = {key: f"{name}-{key}" for key in ("principalId", "clientId", "tenantId")}
    return {"id": f"{SUBSCRIPTION}/{name}", "name": inputs["resourceName"], **made}


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
    """The SDK's class of a resource's arguments. From the resource's own module: packages export nested types of the
    same name in its place (network.VirtualNetworkArgs)."""
    _, module, kind = token.split(":")
    resource = getattr(getattr(pulumi_azure_native, module), kind)
    own = sys.modules[resource.__module__]
    return getattr(own, f"{kind}InitArgs", None) or getattr(own, f"{kind}Args")


def unknown_properties(of: type, sent: Mapping[str, Any], path: str = "") -> list[str]:
    """Paths in `sent` that the SDK's own type does not have."""
    by_wire = _types.input_type_types(of)
    wrong = []
    for key, value in sent.items():
        if key not in by_wire:
            wrong.append(f"{path}{key}")
        else:
            wrong += _wrong_value(by_wire[key], value, f"{path}{key}")
    return wrong


def _wrong_value(hint: Any, value: Any, path: str) -> list[str]:
    hint = _types.unwrap_type(hint) if hint is not None else None
    origin = get_origin(hint)
    if isinstance(value, list):
        inner = get_args(hint)[0] if origin is not None and get_args(hint) else None
        return [one for at, item in enumerate(value) for one in _wrong_value(inner, item, f"{path}[{at}]")]
    if isinstance(value, dict):
        if origin is not None:  # a map with keys of its own
            inner = get_args(hint)[-1]
            return [one for key, item in value.items() for one in _wrong_value(inner, item, f"{path}.{key}")]
        return unknown_properties(hint, value, f"{path}.") if isinstance(hint, type) else []
    return []
