"""What `make up`, `make test` and `make existing` each need, as lanes of tasks.

The compiler's lane keeps both cores busy; packages, virtual environments and downloads wait for disks and networks and
run beside it. Container images come last in the second lane: they need binaries and the package cache.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools import plugins
from tools.setup import environments, packages, toolchain
from tools.setup.binaries import BINARIES, GoBinary
from tools.setup.locations import BIN, CHECKOUT
from tools.setup.tasks import Task

#: What a goal needs beyond the control plane's virtual environment.
GOALS = {
    "up": "the local platform: Kubernetes, operators, images, policies",
    "test": "everything the tests run",
    "existing": "pulumi against a cluster that you have",
    "unit": "tests and linters that need no cluster",
}

#: Executables that only a local cluster needs.
_CLIENTS = {"pulumi", "kubectl", "helm"}

#: Images by what they are built from: the first need our compiled binaries, the second the Python packages' cache.
SYSTEM_IMAGES = ("pause", "coredns", "kueue", "kuberay-operator")
WORKLOAD_IMAGES = ("train", "serve")

#: The task that downloads wait for.
PYTHON_PACKAGES = "Debian packages for Python"


def lanes(goal: str) -> list[list[Task]]:
    """The lanes for `goal`, one of `GOALS`."""
    basics = _packages(PYTHON_PACKAGES, packages.PYTHON_PACKAGES, seconds=20)
    python_lane = [basics, _uv(), _environment(environments.CONTROL)]
    if goal == "unit":
        return [python_lane]
    python_lane.append(_environment(environments.POLICIES))
    wanted = [b for b in BINARIES if goal != "existing" or b.name in _CLIENTS]
    compiler_lane = [_go(), *(_binary(b) for b in wanted), _plugins()]
    if goal == "existing":
        return [compiler_lane, python_lane]
    python_lane.insert(1, _packages("Debian packages", packages.CLUSTER_PACKAGES, seconds=60))
    if goal == "test":
        python_lane.append(_environment(environments.WORKLOADS))
    python_lane.append(_images("workload images", WORKLOAD_IMAGES, seconds=420))
    compiler_lane.append(_bundles())
    compiler_lane.append(_images("system images", SYSTEM_IMAGES, seconds=20))
    return [compiler_lane, python_lane]


def _packages(name: str, wanted: tuple[packages.SystemPackage, ...], *, seconds: float) -> Task:
    return Task(
        name=name,
        run=lambda log: packages.install(packages.missing(wanted), log),
        is_done=lambda: not packages.missing(wanted),
        seconds=seconds,
    )


def _uv() -> Task:
    return Task(name="uv", run=environments.install_uv, seconds=8, is_done=environments.uv_is_current)


def _environment(environment: environments.Environment) -> Task:
    return Task(
        name=f"Python: {environment.name}",
        run=lambda log: environments.synchronise(environment, log),
        is_done=environment.is_current,
        seconds=environment.seconds,
    )


def _go() -> Task:
    return Task(
        name="Go",
        run=toolchain.install_go,
        is_done=lambda: toolchain.find_go() is not None,
        seconds=30,
        after=(PYTHON_PACKAGES,),
    )


def _binary(binary: GoBinary) -> Task:
    link = BIN / binary.name

    def bring(log: Path) -> None:
        _link(link, binary.on_path() or toolchain.compile_binary(binary, log))

    def is_linked() -> bool:
        if not link.exists():
            return False
        target = link.resolve()
        return target == binary.cached().resolve() or target == (binary.on_path() or Path()).resolve()

    # The module proxy is reached over TLS: no certificates, no modules.
    after = (PYTHON_PACKAGES,)
    return Task(name=f"compile {binary.name}", run=bring, is_done=is_linked, seconds=binary.seconds, after=after)


def _plugins() -> Task:
    """Offline stand-ins for Pulumi's plugins, where the machine has no official ones."""

    def bring(_log: Path) -> None:
        plugins.install()

    return Task(name="Pulumi plugins", run=bring, seconds=1)


def _bundles() -> Task:
    return Task(
        name="operator manifests",
        run=lambda log: _in_control_plane(["-m", "tools.bundles"], log),
        seconds=15,
        after=(f"Python: {environments.CONTROL.name}",),
    )


def _images(name: str, images: tuple[str, ...], *, seconds: float) -> Task:
    needs = (f"Python: {environments.CONTROL.name}", "Debian packages")
    return Task(
        name=name,
        run=lambda log: _in_control_plane(["-m", "tools.images", "build", *images], log),
        seconds=seconds,
        after=needs,
    )


def _in_control_plane(arguments: list[str], log: Path) -> None:
    """Run a module of ours in the control plane's environment.

    Raises:
        RuntimeError: it failed; carries the end of what it printed.
    """
    command = [str(environments.CONTROL.python), *arguments]
    with log.open("ab") as out:
        start = out.tell()
        done = subprocess.run(
            command, cwd=CHECKOUT, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False, env=os.environ
        )
    if done.returncode != 0:
        said = log.read_bytes()[start:].decode(errors="replace").strip().splitlines()
        raise RuntimeError("\n    ".join([f"`{' '.join(arguments)}` failed:", *said[-8:], f"(all of it: {log})"]))


def _link(link: Path, target: Path) -> None:
    """Point `link` at `target`, replacing what was there in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    unfinished = link.with_name(f".{link.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(target)
    unfinished.replace(link)


if sys.version_info < (3, 11):  # noqa: UP036 - told here because this is the first module that make runs
    sys.exit(f"modelyard needs Python 3.11 or newer; this is {sys.version.split()[0]}. Set PYTHON=python3.11")
