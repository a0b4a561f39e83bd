"""Chooses the Python of the program whose dynamic resources are served, and becomes it.

The classes of dynamic resources are pickled by the program and unpickled here, so both must be the same interpreter
with the same packages. The engine passes the options of the project's `runtime` as `PULUMI_RUNTIME_<OPTION>` and starts
the plugin in the program's folder (sdk/go/common/resource/plugin/provider_plugin.go of Pulumi 3.259).
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_SERVE = Path(__file__).with_name("serve.py")


class InterpreterError(Exception):
    """The virtual environment that the project names cannot be found."""


def interpreter(variables: Mapping[str, str], folder: Path) -> Path:
    """The Python executable of the program.

    `runtime.options.virtualenv` is relative to the project file, which lies in the program's folder or, where the
    project has a `main`, in a folder above it. (The official script looks only in the program's folder.)

    Args:
        variables: the environment of the plugin.
        folder: the folder that the engine started it in, the program's.

    Raises:
        InterpreterError: the option names a folder that holds no virtual environment.
    """
    named = variables.get("PULUMI_RUNTIME_VIRTUALENV")
    if not named:
        found = (place / ".venv" / "bin" / "python" for place in (folder, *folder.parents))
        return next((python for python in found if python.exists()), Path(sys.executable))
    places = [place / named / "bin" / "python" for place in (folder, *folder.parents)]
    for python in places:
        if python.exists():
            # Not resolved: a virtual environment is recognised by the place of its link.
            return Path(os.path.normpath(python.absolute()))
    raise InterpreterError(
        f"the option runtime.options.virtualenv of the project is {named!r}, but neither {folder} nor a folder above "
        "it holds that virtual environment (no bin/python): create it, or write its absolute path"
    )


def main(arguments: list[str]) -> None:
    """Replace this process by the program's Python, serving dynamic resources."""
    try:
        python = interpreter(os.environ, Path.cwd())
    except InterpreterError as error:
        sys.exit(f"pulumi-resource-pulumi-python: {error}")
    # An inherited home of another interpreter would load its standard library.
    os.environ.pop("PYTHONHOME", None)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execv(python, [str(python), "-u", str(_SERVE), *arguments])  # noqa: S606 - the plugin becomes that process
