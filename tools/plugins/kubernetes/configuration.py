"""The provider's configuration: inputs of `kubernetes.Provider`, `kubernetes:*` keys of the stack, the environment."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from tools.plugins.kubernetes import kubeconfig
from tools.plugins.kubernetes.errors import KubeconfigError
from tools.plugins.wire import UNKNOWN, reveal

_FLAGS = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "enableServerSideApply": "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "suppressDeprecationWarnings": "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}

_HELM_SETTINGS = {
    "driver": "HELM_DRIVER",
    "pluginsPath": "HELM_PLUGINS",
    "registryConfigPath": "HELM_REGISTRY_CONFIG",
    "repositoryCache": "HELM_REPOSITORY_CACHE",
    "repositoryConfigPath": "HELM_REPOSITORY_CONFIG",
}

# What decides which cluster a provider talks to.
_CLUSTER_KEYS = ("kubeconfig", "context", "cluster")
_IDENTIFIER = "clusterIdentifier"


@dataclass(frozen=True, repr=False)
class Configuration:
    """Settings of the provider. The kubeconfig in it is secret, so the repr shows nothing.

    Attributes:
        namespace: where objects go that name none; None means the kubeconfig context's.
        delete_unreachable: objects of a cluster that cannot be reached are dropped from the state.
        skip_unreachable: objects of such a cluster are left as they are.
        mutable_config_maps: ConfigMaps are updated in place; otherwise replaced.
        mutable_secrets: the same for Secrets.
        patch_force: every apply takes over fields of other managers.
        upsert_existing: creating an object that exists updates it.
        suppress_warnings: warnings of the API server are not shown.
        helm_settings: HELM_* variables for Helm releases.
    """

    kubeconfig: Any = None
    context: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    delete_unreachable: bool = False
    skip_unreachable: bool = False
    mutable_config_maps: bool = False
    mutable_secrets: bool = False
    patch_force: bool = False
    upsert_existing: bool = False
    suppress_warnings: bool = False
    helm_settings: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Configuration(…)"


def read(properties: dict[str, Any]) -> Configuration:
    """The configuration in the provider's inputs; flags may also come from the environment, as in the official one."""
    plain = reveal(properties)

    def flag(name: str) -> bool:
        value = plain.get(name)
        if value is None or value == "":
            value = os.environ.get(_FLAGS[name], "")
        return str(value).lower() == "true"

    return Configuration(
        kubeconfig=plain.get("kubeconfig"),
        context=plain.get("context") or None,
        cluster=plain.get("cluster") or None,
        namespace=plain.get("namespace") or None,
        delete_unreachable=flag("deleteUnreachable"),
        skip_unreachable=flag("skipUpdateUnreachable"),
        mutable_config_maps=flag("enableConfigMapMutable"),
        mutable_secrets=flag("enableSecretMutable"),
        patch_force=flag("enablePatchForce"),
        upsert_existing=flag("upsertExistingObjects"),
        suppress_warnings=flag("suppressDeprecationWarnings"),
        helm_settings=_helm_settings(plain.get("helmReleaseSettings")),
    )


def _helm_settings(value: Any) -> dict[str, str]:
    # Inputs of a provider that are not strings arrive as JSON text.
    settings = json.loads(value) if isinstance(value, str) and value else value
    if not isinstance(settings, dict):
        return {}
    return {variable: str(settings[name]) for name, variable in _HELM_SETTINGS.items() if settings.get(name)}


def problems(properties: dict[str, Any]) -> list[tuple[str, str]]:
    """Inputs that this stand-in refuses, as pairs of name and sentence."""
    plain = reveal(properties)
    found = []
    if plain.get("renderYamlToDirectory"):
        found.append(
            (
                "renderYamlToDirectory",
                "the offline stand-in cannot render to YAML files; use the official Kubernetes provider",
            )
        )
    if str(plain.get("enableServerSideApply", "")).lower() == "false":
        found.append(
            (
                "enableServerSideApply",
                "the offline stand-in writes by server-side apply only; drop the option or use the official provider",
            )
        )
    return found


def changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The changed inputs of a provider, and those for which the provider and all its objects must be replaced.

    A replacement means another cluster: another `clusterIdentifier`, or, where none is given, another active cluster in
    the kubeconfig. Setting or removing the identifier replaces nothing.
    """
    before, after = reveal(old), reveal(new)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if not changed:
        return [], []
    old_identifier, new_identifier = before.get(_IDENTIFIER), after.get(_IDENTIFIER)
    if old_identifier and new_identifier:
        return changed, [_IDENTIFIER] if old_identifier != new_identifier else []
    unknown = [key for key in _CLUSTER_KEYS if after.get(key) is UNKNOWN]
    if unknown:
        return changed, unknown
    old_cluster, new_cluster = _active_cluster(before), _active_cluster(after)
    if old_cluster and new_cluster and old_cluster != new_cluster:
        return changed, [key for key in _CLUSTER_KEYS if key in changed]
    return changed, []


def _active_cluster(plain: dict[str, Any]) -> tuple[Any, ...] | None:
    try:
        found = kubeconfig.load(plain.get("kubeconfig"), context=plain.get("context"), cluster=plain.get("cluster"))
    except KubeconfigError:
        return None
    return found.server, found.authority, found.server_name
