"""Python interpreter of a program, a policy pack or a component package, and its environment."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from tools.plugins.protocol import language_pb2


class InterpreterError(Exception):
    """The virtual environment that a project file names cannot be used."""


@dataclass(frozen=True)
class Interpreter:
    """Python executable, and its virtual environment, if any."""

    executable: Path
    virtual_environment: Path | None

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """Build the environment of a child process: an activated virtual environment, plus `extra`."""
        variables = dict(os.environ)
        if self.virtual_environment is not None:
            variables["VIRTUAL_ENV"] = str(self.virtual_environment)
            variables["PATH"] = f"{self.virtual_environment / 'bin'}{os.pathsep}{variables.get('PATH', '')}"
            # An inherited home of another interpreter would load its standard library.
            variables.pop("PYTHONHOME", None)
        variables.update(extra or {})
        return variables


def options_of(info: language_pb2.ProgramInfo) -> dict[str, Any]:
    """Return the `runtime.options` of Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml."""
    return MessageToDict(info.options) if info.HasField("options") else {}


def interpreter_of(info: language_pb2.ProgramInfo) -> Interpreter:
    """Choose the Python of a program.

    The choice is, in this order: the option `virtualenv` (relative to the folder of the project file, as the official
    host reads it), a `.venv` beside the program or beside the project file, the Python of this process.

    Raises:
        InterpreterError: the option names a folder that holds no virtual environment.
    """
    root = Path(info.root_directory or ".")
    program = Path(info.program_directory or root)
    option = options_of(info).get("virtualenv")
    if option:
        folder = (root / str(option)).absolute()
        python = folder / "bin" / "python"
        if not python.exists():
            raise InterpreterError(
                f"the option runtime.options.virtualenv of the project in {root} is {str(option)!r}, "
                f"but {folder} holds no virtual environment (no bin/python): create it, or change the option"
            )
        return Interpreter(python, folder)
    for folder in (program / ".venv", root / ".venv"):
        if (folder / "bin" / "python").exists():
            return Interpreter((folder / "bin" / "python").absolute(), folder.absolute())
    own = Path(sys.prefix) if sys.prefix != sys.base_prefix else None
    return Interpreter(Path(sys.executable), own)
