"""Plugins written in Python: policy packs and component packages."""

import queue
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tools.plugins.language_python.interpreter import Interpreter
from tools.plugins.protocol import language_pb2


def plugin_command(request: language_pb2.RunPluginRequest, python: Interpreter) -> list[str]:
    """Build the command line of a plugin.

    - The SDK's `pulumi.policy` module runs a policy pack (kind `analyzer`).
    - Python runs a folder with `__main__.py`.
    - A package without one, but with a `[build-system]` in its pyproject.toml, is imported by name and its components
      are hosted (`pulumi.run.plugin`).
    """
    folder = Path(request.info.program_directory or request.program or request.pwd)
    base = [str(python.executable), "-u"]
    if request.kind == "analyzer":
        return [*base, "-m", "pulumi.policy", *request.args, str(folder)]
    entry = request.info.entry_point
    target = folder / entry if entry and entry != "." else folder
    if not (target / "__main__.py").is_file() and (name := _distribution(folder)):
        return [*base, "-m", "pulumi.run.plugin", name, *request.args]
    return [*base, str(target), *request.args]


def _distribution(folder: Path) -> str | None:
    """Return the name of the distribution that `folder` builds, or None when it builds none."""
    for candidate in (folder, folder.parent):
        file = candidate / "pyproject.toml"
        if file.is_file():
            settings = tomllib.loads(file.read_text())
            if "build-system" in settings:
                return settings.get("project", {}).get("name")
    return None


def stream(child: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    """Yield the output of `child` as it arrives, until both of its streams are closed."""
    messages: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

    def pump(source: IO[bytes], *, is_error: bool) -> None:
        # read1 returns at once: the first line holds the port and must not wait for a full buffer.
        while data := source.read1(65536):  # type: ignore[attr-defined] # Popen's pipes are buffered readers
            messages.put(
                language_pb2.RunPluginResponse(stderr=data) if is_error else language_pb2.RunPluginResponse(stdout=data)
            )
        messages.put(None)

    if child.stdout is None or child.stderr is None:
        raise ValueError("the child was started without pipes")
    threading.Thread(target=pump, args=(child.stdout,), kwargs={"is_error": False}, daemon=True).start()
    threading.Thread(target=pump, args=(child.stderr,), kwargs={"is_error": True}, daemon=True).start()
    open_streams = 2
    while open_streams:
        message = messages.get()
        if message is None:
            open_streams -= 1
        else:
            yield message
