"""A real Kubernetes API without nodes: etcd, kube-apiserver and kube-controller-manager on 127.0.0.1.

It starts in a few seconds and is enough for everything that the API decides: admission, server-side apply, ownership,
finalizers, garbage collection. What a kubelet would report, a test writes into the status itself.
"""

import contextlib
import datetime
import ipaddress
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BIN = Path(__file__).resolve().parents[2] / ".local" / "bin"
_START_SECONDS = 60


class ApiServer:
    """One running API.

    Attributes:
        kubeconfig: a kubeconfig of its administrator.
        certificate: the file with its own certificate, which it is recognised by.
        client: an HTTP client with the administrator's rights; paths start with `/api` or `/apis`.
        url: its address.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._etcd_port, self._etcd_peer_port, self._port = _free_ports(3)
        self._token = secrets.token_urlsafe(24)
        self.url = f"https://127.0.0.1:{self._port}"
        self.kubeconfig = folder / "kubeconfig"
        self.certificate = folder / "server.crt"
        self._write_files()
        self.client = httpx.Client(
            base_url=self.url,
            verify=ssl.create_default_context(cafile=str(self.certificate)),
            headers={"Authorization": f"Bearer {self._token}"},
            trust_env=False,
            timeout=30,
        )

    def start(self) -> None:
        """Start the three processes and wait until the API is ready and namespaces get their service accounts."""
        folder = self._folder
        etcd = f"http://127.0.0.1:{self._etcd_port}"
        self._run(
            "etcd",
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{self._etcd_peer_port}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{self._etcd_peer_port}",
            f"--initial-cluster=default=http://127.0.0.1:{self._etcd_peer_port}",
            # The data lives only as long as the tests.
            "--unsafe-no-fsync",
        )
        self._run(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--tls-cert-file={folder / 'server.crt'}",
            f"--tls-private-key-file={folder / 'server.key'}",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder / 'accounts.key'}",
            f"--service-account-signing-key-file={folder / 'accounts.key'}",
            "--service-cluster-ip-range=10.0.0.0/24",
            # There is no address that pods could reach it at, and there are no pods.
            "--endpoint-reconciler-type=none",
            "--watch-cache=true",
        )
        self._await_ready()
        self._run(
            "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            f"--service-account-private-key-file={folder / 'accounts.key'}",
            "--leader-elect=false",
            "--secure-port=0",
        )
        self._await("/api/v1/namespaces/default/serviceaccounts/default")

    def stop(self) -> None:
        """Stop everything; the API server before etcd, because it lingers without it."""
        self.client.close()
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        """Return the output of a process."""
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def _run(self, name: str, *arguments: str) -> None:
        program = BIN / name
        if not program.exists():
            raise FileNotFoundError(f"{program} is missing: run `make test`")
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    # The kernel ends it with the test run, even one that is killed.
                    ["setpriv", "--pdeathsig", "KILL", "--", str(program), *arguments],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                )
            )

    def _await_ready(self) -> None:
        self._await("/readyz")

    def _await(self, path: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            for process in self._processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{process.args!r} ended:\n{self._tails()}")
            with contextlib.suppress(httpx.TransportError):
                if self.client.get(path).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"{self.url}{path} is not ready after {_START_SECONDS} s:\n{self._tails()}")

    def _tails(self) -> str:
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in self._folder.glob("*.log"))

    def _write_files(self) -> None:
        certificate, key = _self_signed()
        _private(self._folder / "server.crt", certificate)
        _private(self._folder / "server.key", key)
        _private(self._folder / "accounts.key", _pem(ec.generate_private_key(ec.SECP256R1())))
        _private(self._folder / "tokens.csv", f'{self._token},admin,admin,"system:masters"\n'.encode())
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [
                {
                    "name": "test",
                    "cluster": {"server": self.url, "certificate-authority": str(self._folder / "server.crt")},
                }
            ],
            "users": [{"name": "admin", "user": {"token": self._token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        }
        _private(self.kubeconfig, yaml.safe_dump(config).encode())


@contextlib.contextmanager
def running():
    """An API that runs for the time of a `with` block, its folder removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="modelyard-api-"))
    server = ApiServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test-api-server")])
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), _pem(key)
