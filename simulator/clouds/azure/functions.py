"""Functions of azure-native: who I am, credentials of clusters, keys, and the resources that exist."""

import base64
import os
import re
from pathlib import Path
from typing import Any

import yaml

from simulator.clouds import settings
from simulator.clouds.account import fingerprint, uuid_of
from simulator.clouds.cloud import Function, Question
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import ResourceType, Subject

_PUBLIC_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"  # Azure CLI's, the same for everybody


def client_config(question: Question) -> dict[str, Any]:
    """Who the provider is."""
    return {
        "clientId": _PUBLIC_CLIENT,
        "objectId": uuid_of(question.place.account, "object"),
        "subscriptionId": question.place.account,
        "tenantId": question.place.tenant,
    }


def client_token(_question: Question) -> dict[str, Any]:
    """A token that opens nothing."""
    return {"token": "simulated"}


def cluster_credentials(question: Question) -> dict[str, Any]:
    """The kubeconfig of a cluster: a real one, where the environment names it, else one that leads nowhere."""
    arguments = question.arguments
    group, name = arguments["resourceGroupName"], arguments["resourceName"]
    path = f"/subscriptions/{question.place.account}/resourceGroups/{group}"
    record = question.cloud.find(f"{path}/providers/Microsoft.ContainerService/managedClusters/{name}")
    if record is None:
        raise CloudError("ResourceNotFound", f"the managed cluster '{name}' in resource group '{group}' was not found")
    if question.token.endswith("AdminCredentials") and record["inputs"].get("disableLocalAccounts"):
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


def keys(question: Question) -> dict[str, Any]:
    """Two keys of a storage account."""
    name = question.arguments["accountName"]
    values = [base64.b64encode(fingerprint(name, one, length=64).encode()).decode() for one in ("key1", "key2")]
    return {
        "keys": [{"keyName": f"key{one}", "value": value, "permissions": "FULL"} for one, value in enumerate(values, 1)]
    }


def registry_credentials(question: Question) -> dict[str, Any]:
    """The administrator of a registry."""
    name = question.arguments["registryName"]
    return {"username": name, "passwords": [{"name": "password", "value": fingerprint(name, length=32)}]}


def shared_keys(question: Question) -> dict[str, Any]:
    """Keys of a log workspace."""
    name = question.arguments["workspaceName"]
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
    """`getX` for a type X of the table: the resource as it is; None for anything else."""
    package, module, name = token.split(":")
    kind = types.get(f"{package}:{module}:{re.sub('^get', '', name)}")
    if kind is None or not name.startswith("get"):
        return None

    def get(question: Question) -> dict[str, Any]:
        name = str(question.arguments.get(kind.name, ""))
        subject = Subject(kind.token, name, "", question.arguments, question.cloud, question.place)
        identifier = kind.identifier(subject)
        record = question.cloud.find(identifier)
        if record is None:
            raise CloudError("ResourceNotFound", f"{identifier} was not found")
        return {**record["inputs"], **record["outputs"], "id": record["id"]}

    return get
