"""Reads a kubeconfig: which server, which certificate authority, which credentials."""

import base64
import copy
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tools.plugins.kubernetes.errors import KubeconfigError


@dataclass(frozen=True, repr=False)
class Credentials:
    """Credentials of the provider. Its repr shows nothing."""

    token: str | None = None
    token_file: Path | None = None
    username: str | None = None
    password: str | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    execute: dict[str, Any] | None = None
    impersonate: str | None = None

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True)
class Connection:
    """One cluster as one kubeconfig context sees it.

    Attributes:
        server: the URL of the API server.
        source: where the kubeconfig came from, in words, for error messages.
        namespace: the context's namespace, `default` when it has none.
    """

    server: str
    source: str
    context: str
    namespace: str
    authority: bytes | None
    verify: bool
    server_name: str | None
    proxy: str | None
    credentials: Credentials = field(default_factory=Credentials)


def load(value: Any, *, context: str | None = None, cluster: str | None = None) -> Connection:
    """Read the kubeconfig given as content (YAML or JSON text, or an object), as a path, or by the environment.

    Args:
        value: content or path; None or empty means $KUBECONFIG, then `~/.kube/config`.
        context: the context to take instead of the current one.
        cluster: the cluster to take instead of the context's.

    Raises:
        KubeconfigError: it cannot be read, or names something that it does not hold.
    """
    document, source, folder = _document(value)
    contexts, clusters, users = (_by_name(document, kind) for kind in ("contexts", "clusters", "users"))
    chosen = context or document.get("current-context") or ""
    if not chosen and len(contexts) == 1:
        chosen = next(iter(contexts))
    if chosen not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        asked = f"has no context {chosen!r}" if chosen else "has no current context"
        raise KubeconfigError(f"the kubeconfig {source} {asked}; it has: {known}")
    entry = contexts[chosen].get("context") or {}
    cluster_name = cluster or entry.get("cluster", "")
    if cluster_name not in clusters:
        raise KubeconfigError(
            f"the kubeconfig {source} has no cluster {cluster_name!r} (context {chosen!r}); "
            f"it has: {', '.join(sorted(clusters)) or 'none'}"
        )
    target = clusters[cluster_name].get("cluster") or {}
    if not target.get("server"):
        raise KubeconfigError(f"the cluster {cluster_name!r} of the kubeconfig {source} names no server")
    user_name = entry.get("user", "")
    user = (users[user_name].get("user") or {}) if user_name in users else {}
    return Connection(
        server=str(target["server"]).rstrip("/"),
        source=source,
        context=chosen,
        namespace=entry.get("namespace") or "default",
        authority=_bytes(target, "certificate-authority", folder, source),
        verify=not target.get("insecure-skip-tls-verify", False),
        server_name=target.get("tls-server-name"),
        proxy=target.get("proxy-url"),
        credentials=Credentials(
            token=user.get("token"),
            token_file=folder / user["tokenFile"] if user.get("tokenFile") else None,
            username=user.get("username"),
            password=user.get("password"),
            certificate=_bytes(user, "client-certificate", folder, source),
            key=_bytes(user, "client-key", folder, source),
            execute=user.get("exec"),
            impersonate=user.get("as"),
        ),
    )


def standalone(value: Any, *, context: str | None = None, cluster: str | None = None) -> dict[str, Any]:
    """The same kubeconfig as one document without relative paths, for a program that reads only files.

    Raises:
        KubeconfigError: as `load`.
    """
    chosen = load(value, context=context, cluster=cluster)
    document, _, folder = _document(value)
    result = copy.deepcopy(document)
    result["current-context"] = chosen.context
    for entry in result.get("contexts") or []:
        if cluster and entry.get("name") == chosen.context:
            entry["context"]["cluster"] = cluster
    paths = {"clusters": ("certificate-authority",), "users": ("client-certificate", "client-key", "tokenFile")}
    for kind, names in paths.items():
        for entry in result.get(kind) or []:
            part = entry.get(kind.removesuffix("s")) or {}
            for name in names:
                if part.get(name):
                    part[name] = str((folder / part[name]).absolute())
    return result


def _document(value: Any) -> tuple[dict[str, Any], str, Path]:
    """The parsed kubeconfig, its source in words, and the folder that its relative paths mean."""
    if isinstance(value, dict):
        return value, "given to the provider", Path()
    text = str(value or "").strip()
    if not text:
        return _ambient()
    if "\n" not in text and not text.startswith("{") and len(text) < 4096:
        path = Path(text).expanduser()
        return _read(path), f"file {path}", path.parent
    return _parse(text, "given to the provider"), "given to the provider", Path()


def _ambient() -> tuple[dict[str, Any], str, Path]:
    named = os.environ.get("KUBECONFIG", "")
    paths = [Path(part) for part in named.split(os.pathsep) if part] or [Path.home() / ".kube" / "config"]
    existing = [path for path in paths if path.exists()]
    if not existing:
        raise KubeconfigError(
            f"no kubeconfig: {', '.join(map(str, paths))} does not exist; "
            "set `kubeconfig` of the Kubernetes provider, or $KUBECONFIG"
        )
    merged: dict[str, Any] = {}
    for path in existing:
        for key, part in _read(path).items():
            # The first file that sets a value wins; named lists are joined (client-go's rule).
            if isinstance(part, list):
                merged[key] = [*merged.get(key, []), *part]
            else:
                merged.setdefault(key, part)
    return merged, f"file {' + '.join(map(str, existing))}", existing[0].parent


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except FileNotFoundError:
        raise KubeconfigError(f"the kubeconfig file {path} does not exist") from None
    except OSError as error:
        raise KubeconfigError(f"the kubeconfig file {path} cannot be read: {error.strerror}") from None
    return _parse(text, f"file {path}")


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, json.JSONDecodeError):
        # The parser's own message would quote the text, which holds credentials.
        raise KubeconfigError(f"the kubeconfig {source} is neither YAML nor JSON") from None
    if not isinstance(document, dict):
        raise KubeconfigError(f"the kubeconfig {source} is not a mapping with clusters, users and contexts")
    return document


def _by_name(document: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    for entry in document.get(kind) or []:
        result.setdefault(entry.get("name", ""), entry)
    return result


def _bytes(holder: dict[str, Any], name: str, folder: Path, source: str) -> bytes | None:
    if data := holder.get(f"{name}-data"):
        try:
            return base64.b64decode("".join(str(data).split()), validate=True)
        except ValueError:
            raise KubeconfigError(f"{name}-data of the kubeconfig {source} is not base64") from None
    if path := holder.get(name):
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise KubeconfigError(
                f"{name} of the kubeconfig {source} points to {folder / path}: {error.strerror}"
            ) from None
    return None
