"""Both type checkers, strict, over a program of somebody who imports the components."""

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import modelyard.components as yard
import pytest
from modelyard.components.package import COMPONENTS

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM, MISUSE = (Path(__file__).with_name(name) for name in ("program.py", "misuse.py"))

MYPY = """\
[mypy]
strict = True
namespace_packages = True
explicit_package_bases = True
# Show only findings in the consumer: mypy finds the packages by their sources, not as installed ones.
[mypy-modelyard.*]
follow_imports = silent
# Hundreds of megabytes, which mypy would read whole.
[mypy-pulumi_azure_native.*]
follow_imports = skip
[mypy-pulumi_aws.*]
follow_imports = skip
"""


Findings = dict[str, dict[int, set[str]]]
"""Rules that a type checker finds broken, by file and line."""


def pyright_report(folder: Path) -> dict[str, Any]:
    settings = {
        "extraPaths": [str(CHECKOUT / "typings")],
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return json.loads(run(["pyright", "--outputjson", "-p", str(folder)], folder))


def pyright(folder: Path) -> Findings:
    report = pyright_report(folder)
    assert report["summary"]["filesAnalyzed"] == 2
    findings: Findings = {}
    for finding in report["generalDiagnostics"]:
        lines = findings.setdefault(Path(finding["file"]).name, {})
        lines.setdefault(finding["range"]["start"]["line"] + 1, set()).add(finding.get("rule", finding["message"]))
    return findings


def mypy(folder: Path) -> Findings:
    (folder / "mypy.ini").write_text(MYPY)
    command = ["mypy", "--config-file", "mypy.ini", "--no-error-summary", "--python-executable", sys.executable]
    findings: Findings = {}
    for line in run([*command, PROGRAM.name, MISUSE.name], folder).splitlines():
        finding = re.fullmatch(r"(\w+\.py):(\d+): error: .*\[([a-z-]+)\]", line)
        if finding:
            findings.setdefault(finding[1], {}).setdefault(int(finding[2]), set()).add(finding[3])
        else:
            assert ": note: " in line, line
    return findings


def public_attributes(component: type) -> list[str]:
    """Return the names that the class declares or assigns to itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(component)))
    assigned = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
    }
    names = assigned | set(inspect.get_annotations(component))
    return sorted(name for name in names if not name.startswith("_"))


def run(command: list[str], folder: Path) -> str:
    executable = Path(sys.prefix) / "bin" / command[0]
    if not executable.exists():
        pytest.skip(f"{command[0]} is not installed: set up the development environment again")
    done = subprocess.run(
        [str(executable), *command[1:]],
        cwd=folder,
        env=os.environ | {"MYPYPATH": str(CHECKOUT / "typings")},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done.stdout or done.stderr


@pytest.fixture(scope="module", params=[pyright, mypy], ids=["pyright", "mypy"])
def findings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    folder = tmp_path_factory.mktemp("consumer")
    for program in (PROGRAM, MISUSE):
        shutil.copy(program, folder)
    return request.param(folder)


def test_a_program_that_uses_every_component_is_well_typed(findings: Findings):
    assert findings.get(PROGRAM.name) is None


def test_a_mistake_is_found_before_the_program_runs(findings: Findings):
    marked = {number for number, line in enumerate(MISUSE.read_text().splitlines(), 1) if "# error" in line}
    assert findings[MISUSE.name].keys() == marked


def test_no_public_attribute_of_a_component_is_untyped(tmp_path: Path):
    program = ["import modelyard.components as yard"]
    for component in COMPONENTS:
        program.append(f"def of_{component.__name__}(component: yard.{component.__name__}) -> None:")
        program += [f"    reveal_type(component.{name})" for name in ("urn", *public_attributes(component))]
    (tmp_path / "attributes.py").write_text("\n".join(program))
    report = pyright_report(tmp_path)
    types = [finding["message"] for finding in report["generalDiagnostics"]]
    assert len(types) > 60
    assert [text for text in types if re.search(r"\b(Any|Unknown)\b", text) or not text.startswith("Type of")] == []


def test_the_program_uses_every_component_and_only_exported_names():
    text = PROGRAM.read_text()
    assert [component.__name__ for component in COMPONENTS if f"yard.{component.__name__}(" not in text] == []
    assert set(re.findall(r"\byard\.(\w+)", text)) <= set(yard.__all__)
