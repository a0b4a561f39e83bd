"""Search for Pulumi's own executor script.

The language host does not run a program itself but through `pulumi-language-python-exec`, as the official host does:
the script sets up the SDK, trims tracebacks to the user's code, and has the exit codes of the official host. It is
plain Python and comes with the Go module of the Pulumi SDK (Apache-2.0), which can be downloaded where the compiled
host cannot. So the behaviour is the real one, without a copy of the script.
"""

import os
import shutil
import sys
from pathlib import Path

NAME = "pulumi-language-python-exec"

# The module is pinned by tools/go/pulumi.
_MODULE = "github.com/pulumi/pulumi/sdk"


def _module_cache() -> Path:
    if cache := os.environ.get("GOMODCACHE"):
        return Path(cache)
    return Path(os.environ.get("GOPATH", "") or Path.home() / "go") / "pkg" / "mod"


def candidates() -> list[Path]:
    """List the paths to try: beside the plugin's link, on PATH, in the Go module cache (newest version first)."""
    paths = [Path(sys.path[0]) / ".local" / "bin" / NAME]
    if executable := shutil.which(NAME):
        paths.append(Path(executable))
    modules = sorted(_module_cache().joinpath(_MODULE).glob("v3@v*"), reverse=True)
    return paths + [module / "python" / "cmd" / NAME for module in modules]


def find_executor() -> Path:
    """Find the script.

    Raises:
        FileNotFoundError: no path has it; the text names the command that downloads it.
    """
    paths = candidates()
    for path in paths:
        if path.is_file():
            return path.resolve()
    raise FileNotFoundError(
        f"{NAME} is in none of {', '.join(map(str, paths))}: run `make up`, or `go mod download {_MODULE}/v3`"
    )
