"""Turns a kubeconfig's credentials into request headers and a TLS context."""

import contextlib
import datetime
import json
import os
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from tools.plugins.kubernetes.errors import KubeconfigError
from tools.plugins.kubernetes.kubeconfig import Connection

# A command that asks a person, or a dead network, must not hang the engine.
_EXEC_TIMEOUT_SECONDS = 60


def tls_context(connection: Connection, certificate: bytes | None, key: bytes | None) -> ssl.SSLContext:
    """A TLS context that trusts the cluster's authority and shows the client certificate, if there is one."""
    try:
        context = ssl.create_default_context(cadata=connection.authority.decode() if connection.authority else None)
    except (ssl.SSLError, ValueError):
        raise KubeconfigError(
            f"certificate-authority of the kubeconfig {connection.source} is no PEM certificate"
        ) from None
    if not connection.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate and key:
        # OpenSSL reads key pairs only from files: one that only this user can read, and only for a moment.
        descriptor, name = tempfile.mkstemp(prefix="modelyard-", suffix=".pem")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(certificate + b"\n" + key)
            context.load_cert_chain(name)
        except ssl.SSLError:
            raise KubeconfigError(
                f"the client certificate and key of the kubeconfig {connection.source} do not fit together"
            ) from None
        finally:
            Path(name).unlink()
    return context


class TokenSource:
    """Bearer tokens: fixed, from a file that is renewed, or from a command that is run again when one expires."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._executed: dict[str, Any] | None = None

    def certificate(self) -> tuple[bytes | None, bytes | None]:
        """The client certificate and key, in PEM."""
        given = self._connection.credentials
        if given.certificate or not given.execute:
            return given.certificate, given.key
        status = self._execute()
        return (
            status["clientCertificateData"].encode() if status.get("clientCertificateData") else None,
            status["clientKeyData"].encode() if status.get("clientKeyData") else None,
        )

    def headers(self) -> dict[str, str]:
        """The headers of the next request."""
        given = self._connection.credentials
        headers: dict[str, str] = {}
        if given.impersonate:
            headers["Impersonate-User"] = given.impersonate
        token = given.token
        if given.token_file:
            try:
                token = given.token_file.read_text().strip()
            except OSError as error:
                raise KubeconfigError(
                    f"tokenFile {given.token_file} of the kubeconfig {self._connection.source}: {error.strerror}"
                ) from None
        elif not token and given.execute:
            token = self._execute().get("token")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def forget(self) -> None:
        """The last token was refused: ask the command again next time."""
        with self._lock:
            self._executed = None

    def _execute(self) -> dict[str, Any]:
        with self._lock:
            if self._executed is not None and not _expired(self._executed):
                return self._executed
            self._executed = _run_credential_command(self._connection)
            return self._executed


def _expired(status: dict[str, Any]) -> bool:
    stamp = status.get("expirationTimestamp")
    if not stamp:
        return False
    with contextlib.suppress(ValueError):
        until = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        return until <= datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=10)
    return True


def _run_credential_command(connection: Connection) -> dict[str, Any]:
    """Run the `exec` plugin of the kubeconfig and return the status of its ExecCredential.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """
    command = connection.credentials.execute or {}
    name = str(command.get("command", ""))
    environment = dict(os.environ)
    for entry in command.get("env") or []:
        environment[entry["name"]] = entry["value"]
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(
        {"apiVersion": command.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    )
    place = f"the credential command {name!r} of the kubeconfig {connection.source}"
    try:
        done = subprocess.run(
            [name, *(command.get("args") or [])],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_EXEC_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        hint = command.get("installHint")
        raise KubeconfigError(f"{place} is not installed" + (f": {hint}" if hint else "")) from None
    except subprocess.TimeoutExpired:
        raise KubeconfigError(f"{place} gave no answer within {_EXEC_TIMEOUT_SECONDS} s") from None
    if done.returncode != 0:
        raise KubeconfigError(f"{place} failed with code {done.returncode}: {done.stderr.strip()[:500]}")
    try:
        return json.loads(done.stdout)["status"]
    except (ValueError, KeyError, TypeError):
        raise KubeconfigError(f"{place} did not print an ExecCredential") from None
