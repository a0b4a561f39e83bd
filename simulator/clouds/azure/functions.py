"""Functions of azure-native: caller, credentials of clusters, keys, existing resources."""

import base64
import os
import re
from pathlib import Path
from typing import Any

import yaml

from simulator.clouds import settings
from simulator.clouds.account import fingerprint, make_uuid
from simulator.clouds.cloud import Function, FunctionCall
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Subject

_PUBLIC_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"  # Azure CLI's, the same for everybody


def client_config(call: FunctionCall) -> dict[str, Any]:
    """Return client, subscription and tenant of the provider."""
    return {
        "clientId": _PUBLIC_CLIENT,
        "objectId": make_uuid(call.scope.account, "object"),
        "subscriptionId": call.scope.account,
        "tenantId": call.scope.tenant,
    }


def client_token(_call: FunctionCall) -> dict[str, Any]:
    """Return a token without any permission."""
    return {"token": "simulated"}


def cluster_credentials(call: FunctionCall) -> dict[str, Any]:
    """Return the kubeconfig of a cluster: the real one of the settings, else one without a server."""
    arguments = call.arguments
    group, name = arguments["resourceGroupName"], arguments["resourceName"]
    path = f"/subscriptions/{call.scope.account}/resourceGroups/{group}"
    record = call.cloud.find(f"{path}/providers/Microsoft.ContainerService/managedClusters/{name}")
    if record is None:
        raise CloudError("ResourceNotFound", f"the managed cluster '{name}' in resource group '{group}' was not found")
    if call.token.endswith("AdminCredentials") and record["inputs"].get("disableLocalAccounts"):
        raise CloudError(
            "BadRequest", f"getting static credential is not allowed: local accounts of {name} are disabled"
        )
    file = os.environ.get(settings.KUBECONFIG)
    outputs = record["outputs"]
    text = Path(file).read_text() if file else _kubeconfig(name, str(outputs.get("fqdn") or outputs.get("privateFQDN")))
    encoded = base64.b64encode(text.encode()).decode()
    return {"kubeconfigs": [{"name": "clusterUser", "value": encoded}]}


def _kubeconfig(name: str, host: str) -> str:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": f"https://{host}:443"}}],
        "users": [{"name": f"clusterUser_{name}", "user": {"token": "simulated"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"clusterUser_{name}"}}],
    }
    return yaml.safe_dump(config)


def keys(call: FunctionCall) -> dict[str, Any]:
    """Return the two keys of a storage account."""
    name = call.arguments["accountName"]
    values = {key: fingerprint(name, key, length=64).encode() for key in ("key1", "key2")}
    return {
        "keys": [
            {"keyName": key, "value": base64.b64encode(value).decode(), "permissions": "FULL"}
            for key, value in values.items()
        ]
    }


def registry_credentials(call: FunctionCall) -> dict[str, Any]:
    """Return the administrator of a registry."""
    name = call.arguments["registryName"]
    return {"username": name, "passwords": [{"name": "password", "value": fingerprint(name, length=32)}]}


def shared_keys(call: FunctionCall) -> dict[str, Any]:
    """Return the keys of a log workspace."""
    name = call.arguments["workspaceName"]
    return {key: fingerprint(name, key, length=64) for key in ("primarySharedKey", "secondarySharedKey")}


FUNCTIONS: dict[str, Function] = {
    "azure-native:authorization:getClientConfig": client_config,
    "azure-native:authorization:getClientToken": client_token,
    "azure-native:containerregistry:listRegistryCredentials": registry_credentials,
    "azure-native:containerservice:listManagedClusterAdminCredentials": cluster_credentials,
    "azure-native:containerservice:listManagedClusterUserCredentials": cluster_credentials,
    "azure-native:operationalinsights:getSharedKeys": shared_keys,
    "azure-native:operationalinsights:getWorkspaceSharedKeys": shared_keys,
    "azure-native:storage:listStorageAccountKeys": keys,
}


def getter(types: dict[str, ResourceType], token: str) -> Function | None:
    """Make the function `getX` for a type X of the table; None for any other function."""
    package, module, name = token.split(":")
    kind = types.get(f"{package}:{module}:{re.sub('^get', '', name)}")
    if kind is None or not name.startswith("get"):
        return None

    def get(call: FunctionCall) -> dict[str, Any]:
        name = str(call.arguments.get(kind.name, ""))
        subject = Subject(kind.token, name, "", call.arguments, call.cloud, call.scope)
        identifier = kind.identifier(subject)
        record = call.cloud.find(identifier)
        if record is None:
            raise CloudError("ResourceNotFound", f"{identifier} was not found")
        return {**record["inputs"], **record["outputs"], "id": record["id"]}

    return get
