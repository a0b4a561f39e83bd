"""Executables compiled from Go modules, and the versions of installed ones that are used instead.

Each is built from a module under `tools/go` whose `go.sum` pins every source. The cache key is the hash of those files,
of our own sources beside them, and of the build line: a change of any compiles the executable again, once per user.
"""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.setup.locations import BIN, GO_MODULES, cache

KUBERNETES = "v1.36.3"
PULUMI = "v3.259.0"

_SMALL = "-s -w"  # no symbol table: the five Kubernetes binaries shrink by a third, and images with them
_VERSION = "k8s.io/component-base/version."
#: Version of the server, which Kueue parses: without these flags it reads "v0.0.0-master" and stops.
_KUBERNETES_FLAGS = f"{_SMALL} -X {_VERSION}gitVersion={KUBERNETES} -X {_VERSION}gitMajor=1 -X {_VERSION}gitMinor=36"
_PULUMI_FLAGS = f"{_SMALL} -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}"

#: Kubernetes version of Helm's own Makefile: without it `helm template` renders for Kubernetes 1.20, and charts refuse.
_HELM_FLAGS = " ".join(
    [
        _SMALL,
        "-X helm.sh/helm/v3/internal/version.version=v3.19.0",
        *(
            f"-X helm.sh/helm/v3/pkg/{package}.k8sVersion{part}"
            for package in ("chartutil", "lint/rules")
            for part in ("Major=1", "Minor=34")
        ),
    ]
)


@dataclass(frozen=True, kw_only=True)
class GoBinary:
    """Executable of a Go module."""

    name: str
    module: str
    """Folder under tools/go."""
    package: str
    flags: str = _SMALL
    """Value of -ldflags."""
    seconds: int
    """Duration of a cold compilation on 2 cores, measured on Debian 12; only for estimates."""
    fits: re.Pattern[str] | None = None
    """Pattern in the output of `<name> <version_argument>` of an executable on PATH that is used instead."""
    version_arguments: tuple[str, ...] = ("version",)

    def key(self) -> str:
        """Compute the hash of everything that decides the binary's content."""
        digest = hashlib.sha256(f"{self.package}\n{self.flags}\n".encode())
        folder = GO_MODULES / self.module
        for file in sorted(p for p in folder.rglob("*") if p.suffix in {".go", ".mod", ".sum"}):
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def cache_path(self) -> Path:
        """Return the path of this build in the cache, whether it exists or not."""
        return cache() / "bin" / f"{self.name}-{self.key()}"

    def find_on_path(self) -> Path | None:
        """Find an executable of the machine, outside our own folder, whose version fits."""
        if self.fits is None:
            return None
        path = os.pathsep.join(folder for folder in os.get_exec_path() if Path(folder) != BIN)
        executable = shutil.which(self.name, path=path)
        if executable is None:
            return None
        try:
            result = subprocess.run(
                [executable, *self.version_arguments], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return Path(executable) if self.fits.search(result.stdout + result.stderr) else None


#: In the order in which `make up` needs them, the largest first: the cluster starts while the operators compile.
BINARIES: tuple[GoBinary, ...] = (
    GoBinary(
        name="kube-apiserver",
        module="kube",
        package="k8s.io/kubernetes/cmd/kube-apiserver",
        flags=_KUBERNETES_FLAGS,
        seconds=205,
    ),
    GoBinary(
        name="kube-controller-manager",
        module="kube",
        package="k8s.io/kubernetes/cmd/kube-controller-manager",
        flags=_KUBERNETES_FLAGS,
        seconds=44,
    ),
    GoBinary(
        name="kube-scheduler",
        module="kube",
        package="k8s.io/kubernetes/cmd/kube-scheduler",
        flags=_KUBERNETES_FLAGS,
        seconds=10,
    ),
    GoBinary(
        name="kubelet",
        module="kube",
        package="k8s.io/kubernetes/cmd/kubelet",
        flags=_KUBERNETES_FLAGS,
        seconds=24,
    ),
    GoBinary(
        name="kube-proxy",
        module="kube",
        package="k8s.io/kubernetes/cmd/kube-proxy",
        flags=_KUBERNETES_FLAGS,
        seconds=14,
    ),
    GoBinary(
        name="kubectl",
        module="kube",
        package="k8s.io/kubernetes/cmd/kubectl",
        flags=_KUBERNETES_FLAGS,
        seconds=21,
        # kubectl supports one minor version of skew either way (kubernetes.io, version skew policy).
        fits=re.compile(r"v1\.3[567]\."),
        version_arguments=("version", "--client"),
    ),
    GoBinary(name="etcd", module="etcd", package="go.etcd.io/etcd/server/v3", seconds=29),
    GoBinary(name="coredns", module="coredns", package=".", seconds=40),
    GoBinary(name="pause", module="pause", package=".", seconds=3),
    GoBinary(
        name="pulumi",
        module="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        flags=_PULUMI_FLAGS,
        seconds=234,
        fits=re.compile(r"v3\.(259|2[6-9]\d|[3-9]\d\d)\."),
    ),
    GoBinary(name="kueue", module="kube", package="sigs.k8s.io/kueue/cmd/kueue", seconds=75),
    GoBinary(
        name="kuberay-operator",
        module="kuberay",
        package="github.com/ray-project/kuberay/ray-operator",
        seconds=91,
    ),
    GoBinary(
        name="helm",
        module="helm",
        package="helm.sh/helm/v3/cmd/helm",
        flags=_HELM_FLAGS,
        seconds=79,
        fits=re.compile(r"v3\.(1[4-9]|[2-9]\d)\."),
    ),
    GoBinary(name="kwok", module="kube", package="sigs.k8s.io/kwok/cmd/kwok", seconds=16),
)
