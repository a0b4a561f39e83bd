"""Reading of kubeconfigs before anything is registered, so that a wrong one is refused at once and by name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.components.common.errors import ArgumentError


@dataclass(frozen=True)
class KubeconfigTarget:
    """Cluster that a context of a kubeconfig names."""

    context: str
    server: str


def read_kubeconfig(component: str, kubeconfig: str, context: str | None = None) -> KubeconfigTarget:
    """Find the cluster that a kubeconfig leads to.

    Args:
        component: name of the component that has the arguments `kubeconfig` and `context`, for errors.
        kubeconfig: path of a file, or the document itself.
        context: name of the context; None takes the current one.

    Raises:
        ArgumentError: no such file, not a kubeconfig, no such context, or a context without cluster or user. The text
            never has credentials.
    """
    document = _load(component, kubeconfig)
    path = None if is_document(kubeconfig) else kubeconfig
    contexts = _by_name(document, "contexts")
    name = context or document.get("current-context") or ""
    if not name:
        rule = f"no current-context; name one of {_names(contexts)} as context"
        raise ArgumentError(component, "kubeconfig", path, rule)
    if name not in contexts:
        rule = f"no context {name!r}; it has {_names(contexts)}"
        raise ArgumentError(component, "context" if context else "kubeconfig", None if context else path, rule)
    target = contexts[name].get("context") or {}
    cluster = _by_name(document, "clusters").get(target.get("cluster", ""))
    if cluster is None:
        rule = f"context {name!r} names cluster {target.get('cluster')!r}, which the kubeconfig does not have"
        raise ArgumentError(component, "kubeconfig", path, rule)
    if target.get("user", "") not in _by_name(document, "users"):
        rule = f"context {name!r} names user {target.get('user')!r}, which the kubeconfig does not have"
        raise ArgumentError(component, "kubeconfig", path, rule)
    server = (cluster.get("cluster") or {}).get("server", "")
    if not str(server).startswith(("https://", "http://")):
        rule = f"cluster {target['cluster']!r} has no server address (https://…)"
        raise ArgumentError(component, "kubeconfig", path, rule)
    return KubeconfigTarget(context=name, server=server)


def is_document(kubeconfig: str) -> bool:
    """Tell the document itself from a path."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


def _load(component: str, kubeconfig: str) -> dict[str, Any]:
    path = None if is_document(kubeconfig) else kubeconfig
    text = kubeconfig
    if path is not None:
        try:
            text = Path(path).expanduser().read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ArgumentError(component, "kubeconfig", path, "no such file") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(component, "kubeconfig", path, f"cannot be read: {type(error).__name__}") from None
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        # The parser's message quotes the text, which may hold a key.
        raise ArgumentError(component, "kubeconfig", path, "is not YAML") from None
    if not isinstance(document, dict) or not isinstance(document.get("clusters"), list):
        raise ArgumentError(component, "kubeconfig", path, "is not a kubeconfig (it has no list of clusters)")
    return document


def _by_name(document: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    return {named["name"]: named for named in document.get(key) or [] if isinstance(named, dict) and "name" in named}


def _names(contexts: dict[str, Any]) -> str:
    return ", ".join(sorted(contexts)) or "none"
