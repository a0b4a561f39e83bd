"""Covered: dynamic resources written in Python (create, update, replace, refresh, delete), secrets in them, errors,
the interpreter that serves them, an engine that is killed.
"""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.engine.plugins.stack import Stack

pytestmark = pytest.mark.engine

# A resource that is a file; `size` cannot be changed in place.
_PROGRAM = """
import json, os, pathlib, sys, time
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

class Files(ResourceProvider):
    def create(self, props):
        if props["text"] == "impossible":
            raise ValueError("nobody can write this")
        if props["text"] == "slow":
            pathlib.Path(props["path"] + ".pid").write_text(str(os.getpid()))
            time.sleep(600)
        pathlib.Path(props["path"]).write_text(props["text"])
        return CreateResult(props["path"], {**props, "prefix": sys.prefix, "length": len(props["text"])})

    def diff(self, id_, olds, news):
        replaces = ["path"] if olds["path"] != news["path"] else []
        changed = replaces or olds["text"] != news["text"]
        return DiffResult(bool(changed), replaces, delete_before_replace=True)

    def update(self, id_, olds, news):
        pathlib.Path(id_).write_text(news["text"])
        return UpdateResult({**news, "prefix": sys.prefix, "length": len(news["text"])})

    def read(self, id_, props):
        text = pathlib.Path(id_).read_text()
        return ReadResult(id_, {**props, "text": text, "length": len(text)})

    def delete(self, id_, props):
        pathlib.Path(id_).unlink()

class File(Resource):
    length: pulumi.Output[int]
    prefix: pulumi.Output[str]
    def __init__(self, name, props):
        super().__init__(Files(), name, {"length": None, "prefix": None, **props})

given = json.loads(pathlib.Path("given.json").read_text())
file = File("file", {"path": given["path"], "text": pulumi.Output.secret(given["text"])})
pulumi.export("length", file.length)
pulumi.export("prefix", file.prefix)
"""


class Program:
    """The stack and what its one resource is given."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, {})
        self.file = folder / "written"
        (folder / "inside").mkdir()
        (folder / "inside" / "__main__.py").write_text(textwrap.dedent(_PROGRAM))
        # Relative to the project file, whose program lies in a folder below.
        (folder / "environment").symlink_to(sys.prefix)
        project = {
            "name": "conformance",
            "main": "inside",
            "runtime": {"name": "python", "options": {"virtualenv": "environment"}},
        }
        (folder / "Pulumi.yaml").write_text(json.dumps(project))

    def give(self, text: str, path: Path | None = None) -> None:
        (self.stack.folder / "inside" / "given.json").write_text(
            json.dumps({"path": str(path or self.file), "text": text})
        )


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


def test_dynamic_resource_lives_and_dies(program):
    stack = program.stack
    program.give("hello")
    planned = stack.command("preview")
    absent = not program.file.exists()
    stack.command("up", "--yes", "--skip-preview")
    created = program.file.read_text()
    stored = stack.state_text
    outputs = json.loads(stack.command("stack", "output", "--json", "--show-secrets").text)
    program.give("hello, world")
    updated = stack.command("up", "--yes", "--skip-preview")
    text = program.file.read_text()
    unchanged = stack.command("up", "--yes", "--skip-preview")
    moved = program.file.with_name("moved")
    program.give("hello, world", moved)
    replaced = stack.command("up", "--yes", "--skip-preview")
    is_moved = moved.exists() and not program.file.exists()
    moved.write_text("drifted")
    refreshed = stack.refresh()
    stack.destroy()

    assert planned.operations("file") == ["create"]
    assert absent
    assert created == "hello"
    assert '"hello"' not in stored
    assert outputs == {"length": 5, "prefix": str(program.stack.folder / "environment")}
    assert updated.operations("file") == ["update"]
    assert text == "hello, world"
    assert unchanged.operations("file") == ["same"]
    assert "replace" in replaced.operations("file")
    assert is_moved
    assert refreshed.changes == {"update": 1}
    assert not moved.exists()


def test_error_of_a_dynamic_resource_is_shown(program):
    program.give("impossible")

    run = program.stack.command("up", "--yes", "--skip-preview", fails=True)

    assert "nobody can write this" in run.text
    assert "file" not in program.stack.state


def test_missing_environment_is_named(tmp_path):
    # The plugin itself: with the engine, the language host would already have refused.
    plugin = Path(__file__).parents[4] / "tools" / "plugins" / "bin" / "pulumi-resource-pulumi-python"
    variables = {**os.environ, "PULUMI_RUNTIME_VIRTUALENV": "absent"}

    done = subprocess.run([plugin, "127.0.0.1:1"], cwd=tmp_path, env=variables, capture_output=True, check=False)

    assert done.returncode != 0
    assert "'absent'" in done.stderr.decode()


def test_plugin_leaves_when_its_engine_is_killed(program):
    program.give("slow")
    started = time.monotonic()
    child = program.stack.start("up", "--yes", "--skip-preview")
    note = program.file.with_name("written.pid")
    while not (note.exists() and note.read_text()):
        assert time.monotonic() - started < 60
        time.sleep(0.1)

    os.kill(child.pid, signal.SIGKILL)

    limit = time.monotonic() + 15
    while Path(f"/proc/{note.read_text()}").exists():
        assert time.monotonic() < limit
        time.sleep(0.1)
    child.communicate()
