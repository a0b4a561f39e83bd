"""Reading a kubeconfig before anything is registered, so that a wrong one is refused at once and by name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class KubeconfigError(ValueError):
    """A kubeconfig does not lead to a cluster; the message says what is missing. It never shows credentials."""


@dataclass(frozen=True)
class Target:
    """The cluster that a kubeconfig's context names."""

    context: str
    server: str


def read(kubeconfig: str, context: str | None = None) -> Target:
    """The cluster that `kubeconfig` leads to.

    Args:
        kubeconfig: path of a file, or the document itself.
        context: None takes the current one.

    Raises:
        KubeconfigError: no such file, not a kubeconfig, no such context, or a context without cluster and user.
    """
    where, document = _load(kubeconfig)
    contexts = _by_name(document, "contexts")
    name = context or document.get("current-context") or ""
    if not name:
        raise KubeconfigError(f"{where}: no current-context; name one of {_choices(contexts)}")
    if name not in contexts:
        raise KubeconfigError(f"{where}: no context {name!r}; it has {_choices(contexts)}")
    chosen = contexts[name].get("context") or {}
    cluster = _by_name(document, "clusters").get(chosen.get("cluster", ""))
    if cluster is None:
        raise KubeconfigError(f"{where}: context {name!r} names cluster {chosen.get('cluster')!r}, which is not there")
    if chosen.get("user", "") not in _by_name(document, "users"):
        raise KubeconfigError(f"{where}: context {name!r} names user {chosen.get('user')!r}, which is not there")
    server = (cluster.get("cluster") or {}).get("server", "")
    if not str(server).startswith(("https://", "http://")):
        raise KubeconfigError(f"{where}: cluster {chosen['cluster']!r} has no server address (https://…)")
    return Target(context=name, server=server)


def is_document(kubeconfig: str) -> bool:
    """Whether the string is the document itself rather than a path."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


def _load(kubeconfig: str) -> tuple[str, dict[str, Any]]:
    if is_document(kubeconfig):
        where, text = "kubeconfig", kubeconfig
    else:
        where = f"kubeconfig {kubeconfig}"
        try:
            text = Path(kubeconfig).expanduser().read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KubeconfigError(f"{where}: no such file") from None
        except (OSError, UnicodeDecodeError) as wrong:
            raise KubeconfigError(f"{where}: cannot be read: {type(wrong).__name__}") from None
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        # The parser's message quotes the text, which may hold a key.
        raise KubeconfigError(f"{where}: is not YAML") from None
    if not isinstance(document, dict) or not isinstance(document.get("clusters"), list):
        raise KubeconfigError(f"{where}: is not a kubeconfig (it has no list of clusters)")
    return where, document


def _by_name(document: dict[str, Any], part: str) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in document.get(part) or [] if isinstance(entry, dict) and "name" in entry}


def _choices(contexts: dict[str, Any]) -> str:
    return ", ".join(sorted(contexts)) or "none"
