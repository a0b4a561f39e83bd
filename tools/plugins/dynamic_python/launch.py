"""Launch of the dynamic resources' plugin with the Python of their program.

The program pickles the classes of dynamic resources and the plugin unpickles them, so both must be the same interpreter
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


def find_interpreter(variables: Mapping[str, str], folder: Path) -> Path:
    """Find the Python executable of the program.

    `runtime.options.virtualenv` is relative to the project file, which is in the program's folder or, where the project
    has a `main`, in a folder above it. (The official script looks only in the program's folder.)

    Args:
        variables: environment of the plugin.
        folder: folder of the program, in which the engine started the plugin.

    Raises:
        InterpreterError: the option names a folder that holds no virtual environment.
    """
    option = variables.get("PULUMI_RUNTIME_VIRTUALENV")
    for parent in (folder, *folder.parents):
        python = parent / (option or ".venv") / "bin" / "python"
        if python.exists():
            # Not resolved: Python recognises a virtual environment by the path of its link.
            return Path(os.path.normpath(python.absolute()))
    if not option:
        return Path(sys.executable)
    raise InterpreterError(
        f"the option runtime.options.virtualenv of the project is {option!r}, but neither {folder} nor a folder above "
        "it holds that virtual environment (no bin/python): create it, or write its absolute path"
    )


def main(arguments: list[str]) -> None:
    """Replace this process by the program's Python, serving dynamic resources."""
    try:
        python = find_interpreter(os.environ, Path.cwd())
    except InterpreterError as error:
        sys.exit(f"pulumi-resource-pulumi-python: {error}")
    # An inherited home of another interpreter would load its standard library.
    os.environ.pop("PYTHONHOME", None)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execv(python, [str(python), "-u", str(_SERVE), *arguments])  # noqa: S606 - the plugin becomes that process
