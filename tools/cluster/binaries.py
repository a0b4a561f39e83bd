"""Executables of the local cluster, compiled or from the distribution."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.cluster.command import SYSTEM_PATH

BUILT = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
"""Executables that the set-up compiles from pinned Go modules into .local/bin."""

KWOK = "kwok"
"""Executable that the set-up compiles too, needed only with simulated nodes."""

SYSTEM = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "ss": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "mount": "mount",
    "awk": "mawk",
}
"""Debian package of each executable."""

CNI_PACKAGE = "containernetworking-plugins"
CNI_PLUGINS = ("ptp", "host-local", "portmap", "loopback")
CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
"""Folders of CNI plugins: Debian's, and that of upstream's archives."""


def built_folder() -> Path:
    """Return the folder of built executables: .local/bin of the checkout, or `$MODELYARD_BIN`."""
    configured = os.environ.get("MODELYARD_BIN")
    return Path(configured) if configured else Path(__file__).resolve().parents[2] / ".local" / "bin"


def built(name: str) -> str:
    """Return the absolute path of a built executable, whether it exists or not."""
    return str(built_folder() / name)


def system(name: str) -> str | None:
    """Return the absolute path of an executable of the distribution, or None."""
    return shutil.which(name, path=SYSTEM_PATH)


def cni_folder() -> Path | None:
    """Return the folder that has every CNI plugin the cluster needs, or None."""
    return next((folder for folder in CNI_FOLDERS if all((folder / name).exists() for name in CNI_PLUGINS)), None)


def missing(*, kwok: bool) -> list[str]:
    """Describe the missing executables, each with the command that installs it; empty when all are installed."""
    sentences: list[str] = []
    absent = [name for name in (*BUILT, *([KWOK] if kwok else [])) if not os.access(built(name), os.X_OK)]
    if absent:
        sentences.append(f"{', '.join(absent)} not in {built_folder()}: run `python3 -m tools.setup up`")
    packages = {package for name, package in SYSTEM.items() if system(name) is None}
    if cni_folder() is None:
        packages.add(CNI_PACKAGE)
    if packages:
        names = " ".join(sorted(packages))
        sentences.append(f"missing system packages: run `apt-get install --no-install-recommends {names}`")
    return sentences
