"""Covered: programs (configuration, secret configuration, entry points, exit codes, tracebacks), the choice of the
interpreter, Ctrl-C, an engine that is killed, policy packs, component packages, `pulumi about`.
"""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import venv
from pathlib import Path

import pytest

from tests.engine.plugins.stack import Stack
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine


@pytest.fixture
def program(tmp_path):
    """A stack whose program a test writes: `program(code)`."""
    stack = Stack(tmp_path, {})

    def write(code, **runtime):
        (tmp_path / "__main__.py").write_text(textwrap.dedent(code))
        options = {"virtualenv": sys.prefix} | runtime.pop("options", {})
        project = {"name": "conformance", "runtime": {"name": "python", "options": options}, **runtime}
        (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
        return stack

    return write


def outputs(stack):
    return json.loads(stack.command("stack", "output", "--json", "--show-secrets").text)


def test_program_sees_its_stack_and_configuration(program):
    stack = program(
        """
        import os, pulumi
        config = pulumi.Config()
        pulumi.export("facts", {
            "plain": config.require("plain"),
            "object": config.require_object("object"),
            "secret": config.require_secret("hidden"),
            "project": pulumi.get_project(),
            "stack": pulumi.get_stack(),
            "dry": pulumi.runtime.is_dry_run(),
            "folder": os.getcwd(),
            "root": pulumi.get_root_directory() if hasattr(pulumi, "get_root_directory") else os.getcwd(),
        })
        """
    )
    stack.command("config", "set", "plain", "text with spaces and ünïcode")
    stack.command("config", "set", "--path", "object.list[0]", "5")
    stack.command("config", "set", "--secret", "hidden", "the-hidden-value")

    run = stack.command("up", "--yes", "--skip-preview")

    facts = outputs(stack)["facts"]
    assert facts == {
        "plain": "text with spaces and ünïcode",
        "object": {"list": [5]},
        "secret": "the-hidden-value",
        "project": "conformance",
        "stack": "test",
        "dry": False,
        "folder": str(stack.folder),
        "root": str(stack.folder),
    }
    assert "the-hidden-value" not in stack.state_text
    assert "the-hidden-value" not in run.text


def test_main_option_names_the_folder_of_the_program(program):
    stack = program("raise SystemExit('the wrong program ran')", main="inside")
    (stack.folder / "inside").mkdir()
    (stack.folder / "inside" / "beside.py").write_text("VALUE = 'imported'\n")
    (stack.folder / "inside" / "__main__.py").write_text(
        "import pulumi, beside\npulumi.export('value', beside.VALUE)\n"
    )

    stack.command("up", "--yes", "--skip-preview")

    assert outputs(stack) == {"value": "imported"}


def test_traceback_shows_only_the_lines_of_the_program(program):
    stack = program(
        """
        def broken():
            raise ValueError("this went wrong")
        broken()
        """
    )

    run = stack.command("preview", fails=True)

    assert "ValueError: this went wrong" in run.text
    assert "line 3, in broken" in run.text
    for internal in ("run_in_stack", "runpy", "pulumi-language-python-exec", "asyncio"):
        assert internal not in run.text


def test_run_error_is_shown_unchanged(program):
    run = program("import pulumi\nraise pulumi.RunError('nothing fits')").command("preview", fails=True)

    assert "nothing fits" in run.text
    assert "Traceback" not in run.text


def test_exit_code_of_the_program_is_reported(program):
    run = program("import sys\nsys.exit(7)").command("preview", fails=True)

    assert "non-zero exit code: 7" in run.text


def test_output_of_the_program_is_shown(program):
    run = program("import sys\nprint('to the output')\nprint('to the errors', file=sys.stderr)").command("preview")

    assert "to the output" in run.text
    assert "to the errors" in run.text


def test_missing_virtual_environment_is_named(program):
    run = program("", options={"virtualenv": "absent"}).command("preview", fails=True)

    assert "virtualenv" in run.text
    assert "absent" in run.text


def test_program_runs_in_the_named_environment(program):
    stack = program(
        "import pulumi, sys, os\npulumi.export('here', [sys.prefix, os.environ['VIRTUAL_ENV'], os.environ['PATH']])",
        options={"virtualenv": "mine"},
    )
    mine = stack.folder / "mine"
    venv.create(mine)
    # The packages of this environment, without installing them again.
    site = next(mine.glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")) + "\n")

    stack.command("up", "--yes", "--skip-preview")

    prefix, variable, path = outputs(stack)["here"]
    assert prefix == variable == str(mine)
    assert path.startswith(f"{mine}/bin:")


def test_interrupt_ends_the_program(program):
    stack = program(
        """
        import os, pathlib, time
        pathlib.Path("started").write_text(str(os.getpid()))
        time.sleep(600)
        """
    )
    started = time.monotonic()
    child = stack.start("preview")
    file = stack.folder / "started"
    while not (file.exists() and file.read_text()):
        assert time.monotonic() - started < 60
        time.sleep(0.1)
    number = int(file.read_text())

    os.kill(child.pid, signal.SIGINT)
    run = stack.finish(child, started, limit=30)

    assert run.code != 0
    assert _gone([number])


def test_plugins_leave_when_their_engine_is_killed(program):
    stack = program("import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(600)")
    child = stack.start("preview")
    limit = time.monotonic() + 60
    while not (stack.folder / "started").exists():
        assert time.monotonic() < limit
        time.sleep(0.1)
    family = [int(pid) for pid in _descendants(child.pid)]

    os.kill(child.pid, signal.SIGKILL)

    assert len(family) >= 2
    assert _gone(family)
    child.communicate()


def _gone(numbers):
    """Say if all processes end within a few seconds."""
    limit = time.monotonic() + 15
    while any(Path(f"/proc/{number}").exists() for number in numbers):
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True


def _descendants(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [number for child in found for number in [child, *_descendants(child)]]


def test_component_package_is_constructed_from_another_program(program, tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    options = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (package / "PulumiPlugin.yaml").write_text(json.dumps({"runtime": options}))
    (package / "__main__.py").write_text(
        textwrap.dedent(
            """
            from typing import TypedDict
            import pulumi
            from pulumi.provider.experimental import component_provider_host

            class GreetingArgs(TypedDict):
                who: pulumi.Input[str]

            class Greeting(pulumi.ComponentResource):
                text: pulumi.Output[str]
                def __init__(self, name: str, args: GreetingArgs, opts: pulumi.ResourceOptions | None = None):
                    super().__init__("demo:index:Greeting", name, {}, opts)
                    self.text = pulumi.Output.concat("hello ", args["who"])
                    self.register_outputs({"text": self.text})

            if __name__ == "__main__":
                component_provider_host(name="demo", components=[Greeting])
            """
        )
    )
    stack = program(
        """
        import pulumi
        class Greeting(pulumi.ComponentResource):
            text: pulumi.Output[str]
            def __init__(self, name, who):
                super().__init__("demo:index:Greeting", name, {"who": who, "text": None}, None, True)
        pulumi.export("text", Greeting("one", "world").text)
        """,
        plugins={"providers": [{"name": "demo", "path": str(package)}]},
    )

    schema = stack.command("package", "get-schema", str(package))
    stack.command("up", "--yes", "--skip-preview")

    assert '"demo:index:Greeting"' in schema.text
    assert outputs(stack) == {"text": "hello world"}


@pytest.mark.skipif(
    not (CHECKOUT / "policies" / ".venv" / "bin" / "python").exists(),
    reason="the environment of policies is not set up",
)
def test_policy_pack_runs_in_its_own_environment_and_refuses(program, tmp_path_factory):
    pack = tmp_path_factory.mktemp("pack")
    options = {"name": "python", "options": {"virtualenv": str(CHECKOUT / "policies" / ".venv")}}
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": options, "version": "0.0.1"}))
    (pack / "__main__.py").write_text(
        textwrap.dedent(
            """
            import sys
            from pulumi_policy import EnforcementLevel, PolicyPack, StackValidationPolicy

            def refuse(args, report):
                report(f"refused by {sys.prefix}")

            PolicyPack(
                name="demo",
                enforcement_level=EnforcementLevel.MANDATORY,
                policies=[StackValidationPolicy("no", "never", refuse)],
            )
            """
        )
    )
    stack = program("import pulumi\npulumi.export('a', 1)")

    run = stack.command("preview", "--policy-pack", str(pack), fails=True)

    assert f"refused by {CHECKOUT / 'policies' / '.venv'}" in run.text
    assert run.seconds < 60


def test_about_names_interpreter_and_stand_in(program):
    run = program("").command("about", "--json")

    facts = json.loads(run.text[run.text.index("{") :])
    runtime = next(value for key, value in facts.items() if key.lower() == "runtime")
    assert runtime["Executable" if "Executable" in runtime else "executable"].startswith(sys.prefix)
