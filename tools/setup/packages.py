"""What the machine itself must provide: Debian packages, by the executables we call."""

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

#: Debian's plug-in folder of containernetworking-plugins.
CNI_FOLDER = Path("/usr/lib/cni")


def _ensurepip() -> str:
    """Where this Python keeps the module that `python3 -m venv` needs."""
    return str(Path(sysconfig.get_path("stdlib")) / "ensurepip" / "__init__.py")


@dataclass(frozen=True, kw_only=True)
class SystemPackage:
    """A Debian package and the file that shows it is there."""

    name: str
    executable: str
    why: str

    def found(self) -> Path | None:
        """Where the executable is, or None; an executable from another source counts as well."""
        if self.executable.startswith("/"):
            return Path(self.executable) if Path(self.executable).exists() else None
        # Debian keeps network tools in sbin, which an ordinary user's PATH leaves out.
        path = os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/sbin"])
        found = shutil.which(self.executable, path=path)
        return Path(found) if found else None


#: Debian splits venv off its Python, and its base has no certificates; without these nothing can be downloaded.
PYTHON_PACKAGES: tuple[SystemPackage, ...] = (
    SystemPackage(name="python3-venv", executable=_ensurepip(), why="makes virtual environments"),
    SystemPackage(
        name="ca-certificates",
        executable="/etc/ssl/certs/ca-certificates.crt",
        why="tells which registries to trust",
    ),
)

#: Needed to run Kubernetes on this machine; ENV=existing needs none of them.
CLUSTER_PACKAGES: tuple[SystemPackage, ...] = (
    SystemPackage(name="containerd", executable="containerd", why="runs the containers"),
    SystemPackage(name="runc", executable="runc", why="runs the containers"),
    SystemPackage(name="containernetworking-plugins", executable=f"{CNI_FOLDER}/bridge", why="connects pods"),
    SystemPackage(name="iptables", executable="iptables", why="routes services, inside the cluster's own namespace"),
    SystemPackage(name="conntrack", executable="conntrack", why="kube-proxy drops stale connections with it"),
    SystemPackage(name="iproute2", executable="ip", why="makes the cluster's network namespace"),
    SystemPackage(name="util-linux", executable="nsenter", why="enters the cluster's network namespace"),
    SystemPackage(name="socat", executable="socat", why="kubectl port-forward"),
    SystemPackage(name="buildah", executable="buildah", why="builds the container images"),
    SystemPackage(name="debootstrap", executable="debootstrap", why="makes the images' base where none can be pulled"),
)


def missing(packages: tuple[SystemPackage, ...]) -> list[SystemPackage]:
    """The packages whose executable is not here."""
    return [package for package in packages if package.found() is None]


def install_command(packages: list[SystemPackage]) -> list[str]:
    """The command that installs them, without recommended extras (they would bring a second container stack)."""
    names = sorted({package.name for package in packages})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *names]


def install(packages: list[SystemPackage], log: Path) -> None:
    """Install them through apt.

    Raises:
        RuntimeError: not root, no apt, or apt failed; the message holds the command to run by hand.
    """
    by_hand = " ".join(install_command(packages))
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        names = ", ".join(f"{package.executable} ({package.why})" for package in packages)
        raise RuntimeError(
            f"missing: {names}. Run as root: apt-get update && {by_hand} — or use a cluster you have: "
            "make up ENV=existing KUBECONFIG=/path/to/kubeconfig"
        )
    # A package's own service must not start: the cluster brings its own containerd, and nothing of the host changes.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with log.open("ab") as out:
        for command in (["apt-get", "update"], install_command(packages)):
            done = subprocess.run(command, stdout=out, stderr=out, env=quiet, stdin=subprocess.DEVNULL, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"`{' '.join(command)}` failed with exit code {done.returncode}; see {log}")
