"""Where Pulumi's own executor script is.

A program is not run inside the language host but by `pulumi-language-python-exec`, the script that the official host
runs as well: it sets up the SDK, trims tracebacks to the user's code and has exit codes the official host knows. It is
plain Python and comes with the Go module of the Pulumi SDK (Apache-2.0), which is served where the compiled host is
not. Running the real script gives true behaviour for free; writing another would only be a copy of it.
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
    """Places to look, best first: beside the plugin's link, on PATH, in the Go module cache (newest version first)."""
    places = [Path(sys.path[0]) / ".local" / "bin" / NAME]
    if found := shutil.which(NAME):
        places.append(Path(found))
    modules = sorted(_module_cache().joinpath(_MODULE).glob("v3@v*"), reverse=True)
    return places + [module / "python" / "cmd" / NAME for module in modules]


def find_executor() -> Path:
    """The path of the script.

    Raises:
        FileNotFoundError: it is nowhere; the text says how to get it.
    """
    places = candidates()
    for place in places:
        if place.is_file():
            return place.resolve()
    raise FileNotFoundError(
        f"{NAME} is in none of {', '.join(map(str, places))}: run `make up`, or `go mod download {_MODULE}/v3`"
    )
