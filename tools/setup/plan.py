"""Tasks that each goal needs (`make up`, `make test`, an existing cluster, unit tests, linters), in lanes.

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

#: Goals, and the purpose of each beyond the control plane's virtual environment.
GOALS = {
    "up": "the local platform: Kubernetes, operators, images, policies",
    "test": "everything the tests run",
    "existing": "pulumi against a cluster that you have",
    "unit": "tests that need no cluster",
    "lint": "rules and types of all code, of the workloads and the policies too",
}

#: Executables that also an existing cluster needs.
_CLIENTS = {"pulumi", "kubectl", "helm"}

#: Images built from our compiled binaries.
SYSTEM_IMAGES = ("pause", "coredns", "kueue", "kuberay-operator")
#: Images built from Python packages.
WORKLOAD_IMAGES = ("train", "serve")

#: Name of the task that downloads wait for.
PYTHON_PACKAGES = "Debian packages for Python"


def lanes(goal: str) -> list[list[Task]]:
    """Build the lanes of a goal, a key of `GOALS`."""
    basics = _packages(PYTHON_PACKAGES, packages.PYTHON_PACKAGES, seconds=20)
    python_lane = [basics, _uv(), _environment(environments.CONTROL)]
    if goal == "unit":
        return [python_lane]
    python_lane.append(_environment(environments.POLICIES))
    if goal == "lint":
        return [[*python_lane, _environment(environments.WORKLOADS)]]
    binaries = [binary for binary in BINARIES if goal != "existing" or binary.name in _CLIENTS]
    compiler_lane = [_go(), *(_binary(binary) for binary in binaries), _plugins()]
    if goal == "existing":
        return [compiler_lane, python_lane]
    python_lane.insert(1, _packages("Debian packages", packages.CLUSTER_PACKAGES, seconds=60))
    if goal == "test":
        python_lane.append(_environment(environments.WORKLOADS))
    python_lane.append(_images("workload images", WORKLOAD_IMAGES, seconds=420))
    compiler_lane.append(_bundles())
    compiler_lane.append(_images("system images", SYSTEM_IMAGES, seconds=20))
    return [compiler_lane, python_lane]


def _packages(name: str, required: tuple[packages.SystemPackage, ...], *, seconds: float) -> Task:
    return Task(
        name=name,
        run=lambda log: packages.install(packages.find_missing(required), log),
        is_done=lambda: not packages.find_missing(required),
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

    def install(log: Path) -> None:
        _link(link, binary.find_on_path() or toolchain.compile_binary(binary, log))

    def is_linked() -> bool:
        if not link.exists():
            return False
        target = link.resolve()
        return target == binary.cache_path().resolve() or target == (binary.find_on_path() or Path()).resolve()

    # The module proxy is reached over TLS, which needs certificates.
    after = (PYTHON_PACKAGES,)
    return Task(name=f"compile {binary.name}", run=install, is_done=is_linked, seconds=binary.seconds, after=after)


def _plugins() -> Task:
    """Link the offline stand-ins of Pulumi's plugins, where the machine has no official ones."""

    def install(_log: Path) -> None:
        plugins.install()

    return Task(name="Pulumi plugins", run=install, seconds=1)


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
    """Run a module of the tools in the control plane's environment.

    Raises:
        RuntimeError: the module failed; the text has the end of its output.
    """
    command = [str(environments.CONTROL.python), *arguments]
    with log.open("ab") as out:
        start = out.tell()
        result = subprocess.run(
            command, cwd=CHECKOUT, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False, env=os.environ
        )
    if result.returncode != 0:
        output = log.read_bytes()[start:].decode(errors="replace").strip().splitlines()
        raise RuntimeError("\n    ".join([f"`{' '.join(arguments)}` failed:", *output[-8:], f"(all of it: {log})"]))


def _link(link: Path, target: Path) -> None:
    """Point `link` at `target`, replacing an earlier link in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    unfinished = link.with_name(f".{link.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(target)
    unfinished.replace(link)


if sys.version_info < (3, 11):  # noqa: UP036 - checked in the first module that make runs
    sys.exit(f"Python {sys.version.split()[0]}: modelyard needs 3.11 or newer; run make PYTHON=python3.11")
