"""Package registry settings of the host, passed to build steps as secrets so that no image keeps them."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: Variables of uv, pip and their HTTP clients, without folders of the host (PIP_FIND_LINKS), which a build cannot see.
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

#: Bundles of trusted certificates: of Debian, Ubuntu, Alpine and Arch; of Fedora and Red Hat.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def registry(environment: Mapping[str, str] = os.environ, *, uv_cache: str | None = None) -> str:
    """Return shell assignments for the `registry` secret of the workload images' Containerfile.

    Args:
        environment: the host's variables; without an index in them, pip's own configuration file is read.
        uv_cache: a folder, as the build step sees it, in which uv finds wheels of the host.
    """
    variables = {name: environment[name] for name in _VARIABLES if environment.get(name)}
    index = variables.get("PIP_INDEX_URL") or _read_pip_index()
    if index:
        variables.setdefault("PIP_INDEX_URL", index)
        if not variables.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"}:
            variables["UV_DEFAULT_INDEX"] = index
    if uv_cache:
        variables["UV_CACHE_DIR"] = uv_cache
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())


def certificates(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Find the bundle of certificates that the host trusts, or None without one."""
    configured = environment.get("SSL_CERT_FILE")
    return next((Path(path) for path in (configured, *_BUNDLES) if path and Path(path).is_file()), None)


def _read_pip_index() -> str | None:
    if shutil.which("pip") is None:
        return None
    result = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
    return result.stdout.strip() or None
