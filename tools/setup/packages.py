"""Debian packages that the machine must have, by the executables that the tools call."""

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

#: Debian's plug-in folder of containernetworking-plugins.
CNI_FOLDER = Path("/usr/lib/cni")


def _ensurepip_path() -> str:
    """Return the path of the module that `python3 -m venv` needs."""
    return str(Path(sysconfig.get_path("stdlib")) / "ensurepip" / "__init__.py")


@dataclass(frozen=True, kw_only=True)
class SystemPackage:
    """Debian package, and the file that proves that it is installed."""

    name: str
    executable: str
    why: str

    def find(self) -> Path | None:
        """Find the executable, from Debian or another source; None without one."""
        if self.executable.startswith("/"):
            return Path(self.executable) if Path(self.executable).exists() else None
        # Debian keeps network tools in sbin, which an ordinary user's PATH leaves out.
        path = os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/sbin"])
        executable = shutil.which(self.executable, path=path)
        return Path(executable) if executable else None


#: Packages that downloads need: Debian splits venv off its Python, and its base system has no certificates.
PYTHON_PACKAGES: tuple[SystemPackage, ...] = (
    SystemPackage(name="python3-venv", executable=_ensurepip_path(), why="creates virtual environments"),
    SystemPackage(
        name="ca-certificates",
        executable="/etc/ssl/certs/ca-certificates.crt",
        why="lists the registries to trust",
    ),
)

#: Packages that run Kubernetes on this machine; ENV=existing needs none of them.
CLUSTER_PACKAGES: tuple[SystemPackage, ...] = (
    SystemPackage(name="containerd", executable="containerd", why="runs the containers"),
    SystemPackage(name="runc", executable="runc", why="runs the containers"),
    SystemPackage(name="containernetworking-plugins", executable=f"{CNI_FOLDER}/bridge", why="connects pods"),
    SystemPackage(name="iptables", executable="iptables", why="routes services, inside the cluster's own namespace"),
    SystemPackage(name="conntrack", executable="conntrack", why="drops stale connections for kube-proxy"),
    SystemPackage(name="iproute2", executable="ip", why="creates the cluster's network namespace"),
    SystemPackage(name="util-linux", executable="nsenter", why="enters the cluster's network namespace"),
    SystemPackage(name="socat", executable="socat", why="carries kubectl port-forward"),
    SystemPackage(name="buildah", executable="buildah", why="builds the container images"),
    SystemPackage(name="debootstrap", executable="debootstrap", why="builds the images' base where none can be pulled"),
)


def find_missing(packages: tuple[SystemPackage, ...]) -> list[SystemPackage]:
    """List the packages whose executable is not on the machine."""
    return [package for package in packages if package.find() is None]


def install_command(packages: list[SystemPackage]) -> list[str]:
    """Build the command that installs packages, without recommended ones: those bring a second container stack."""
    names = sorted({package.name for package in packages})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *names]


def install(packages: list[SystemPackage], log: Path) -> None:
    """Install packages through apt.

    Raises:
        RuntimeError: not root, no apt, or apt failed; the message holds the command to run by hand.
    """
    by_hand = " ".join(install_command(packages))
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        names = ", ".join(f"{package.executable} ({package.why})" for package in packages)
        raise RuntimeError(
            f"missing: {names}; run as root: apt-get update && {by_hand}, or use a cluster you have: "
            "make up ENV=existing KUBECONFIG=/path/to/kubeconfig"
        )
    # A package's own service must not start: the cluster has its own containerd, and the host stays unchanged.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with log.open("ab") as out:
        for command in (["apt-get", "update"], install_command(packages)):
            result = subprocess.run(command, stdout=out, stderr=out, env=quiet, stdin=subprocess.DEVNULL, check=False)
            if result.returncode != 0:
                raise RuntimeError(f"`{' '.join(command)}` failed with exit code {result.returncode}; see {log}")
