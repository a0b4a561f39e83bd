"""The host's package registry settings, handed to build steps as secrets so that no image keeps them."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: Variables that uv, pip and their HTTP clients read. Folders of the host (PIP_FIND_LINKS) mean nothing in a build.
_VARIABLES = (
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_INSECURE_HOST",
    "UV_HTTP_TIMEOUT",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    *(name for upper in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY") for name in (upper, upper.lower())),
)

#: Where Debian, Ubuntu, Alpine and Arch keep the bundle of trusted certificates; then Fedora and Red Hat.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def registry(environment: Mapping[str, str] = os.environ, *, uv_cache: str | None = None) -> str:
    """Shell assignments for the `registry` secret of the workload images' Containerfile.

    Args:
        environment: the host's variables; pip's own configuration file is asked for its index if they name none.
        uv_cache: a folder, as the build step sees it, in which uv finds wheels that the host already has.
    """
    kept = {name: environment[name] for name in _VARIABLES if environment.get(name)}
    index = kept.get("PIP_INDEX_URL") or _pip_index()
    if index:
        kept.setdefault("PIP_INDEX_URL", index)
        if not kept.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"}:
            kept["UV_DEFAULT_INDEX"] = index
    if uv_cache:
        kept["UV_CACHE_DIR"] = uv_cache
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in kept.items())


def certificates(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The bundle of certificates that the host trusts, or None if it has none."""
    named = environment.get("SSL_CERT_FILE")
    return next((Path(path) for path in (named, *_BUNDLES) if path and Path(path).is_file()), None)


def _pip_index() -> str | None:
    if shutil.which("pip") is None:
        return None
    asked = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None
