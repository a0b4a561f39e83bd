"""The values of a Helm release, what is secret in them, and the objects in its manifest."""

from typing import Any

import yaml

from tools.plugins.kubernetes.errors import ClusterError
from tools.plugins.kubernetes.manifest import dig, text
from tools.plugins.wire import Asset, Secret

Properties = dict[str, Any]


def values_of(plain: Properties) -> Properties:
    """The values of a release: files in order, then `values`, later ones first in rank."""
    merged: Properties = {}
    for file in plain.get("valueYamlFiles") or []:
        merged = _merge(merged, _read_values(file))
    return _merge(merged, plain.get("values") or {})


def _read_values(file: Any) -> Properties:
    if isinstance(file, Asset) and file.text is not None:
        content = file.text
    elif isinstance(file, Asset) and file.path is not None:
        try:
            with open(file.path, encoding="utf-8") as opened:  # noqa: PTH123 - relative to the project, as given
                content = opened.read()
        except OSError as error:
            raise ClusterError(f"the values file {file.path} cannot be read: {error.strerror}") from None
    else:
        raise ClusterError("valueYamlFiles takes file and text assets; a remote asset would need the network")
    values = yaml.safe_load(content)
    if values is not None and not isinstance(values, dict):
        raise ClusterError(f"the values file {getattr(file, 'path', '') or 'given as text'} is no mapping")
    return values or {}


def _merge(one: Properties, other: Properties) -> Properties:
    result = dict(one)
    for key, value in other.items():
        both = isinstance(result.get(key), dict) and isinstance(value, dict)
        result[key] = _merge(result[key], value) if both else value
    return result


def secret_texts(value: Any, *, is_secret: bool = False) -> list[str]:
    """All texts inside secrets. Very short ones are left out: hiding every `1` would make an error unreadable."""
    if isinstance(value, Secret):
        return secret_texts(value.value, is_secret=True)
    if isinstance(value, dict):
        return [found for item in value.values() for found in secret_texts(item, is_secret=is_secret)]
    if isinstance(value, list):
        return [found for item in value for found in secret_texts(item, is_secret=is_secret)]
    return [value] if is_secret and isinstance(value, str) and len(value) >= 4 else []


def resource_names(manifest: str) -> dict[str, list[str]]:
    """The objects of a release by kind, such as `Deployment.apps/apps/v1: [namespace/name]`."""
    names: dict[str, set[str]] = {}
    for document in yaml.load_all(manifest, Loader=yaml.CSafeLoader):
        if not isinstance(document, dict) or not document.get("kind"):
            continue
        version, kind = text(document, "apiVersion"), text(document, "kind")
        group = version.rpartition("/")[0]
        key = f"{kind}.{group}/{version}" if group else f"{kind}/{version}"
        namespace, name = text(document, "metadata", "namespace"), str(dig(document, "metadata", "name"))
        names.setdefault(key, set()).add(f"{namespace}/{name}" if namespace else name)
    return {key: sorted(found) for key, found in sorted(names.items())}
