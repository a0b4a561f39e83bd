"""Cache keys, and the choice between a machine's own executable and a compiled one."""

import dataclasses
import re
import stat
from pathlib import Path

import pytest

from tools.setup import binaries, toolchain
from tools.setup.binaries import BINARIES, GoBinary


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "go" / "hello"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module example.org/hello\n\ngo 1.20\n")
    (folder / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    monkeypatch.setattr(binaries, "GO_MODULES", tmp_path / "go")
    monkeypatch.setattr(toolchain, "GO_MODULES", tmp_path / "go")
    monkeypatch.setenv("MODELYARD_CACHE", str(tmp_path / "cache"))
    return folder


HELLO = GoBinary(name="hello", module="hello", package=".", seconds=1)


def test_key_depends_on_sources_flags_and_package_only(module: Path):
    before = HELLO.key()

    (module / "notes.txt").write_text("not a source")
    assert HELLO.key() == before
    assert dataclasses.replace(HELLO, seconds=99).key() == before

    assert dataclasses.replace(HELLO, flags="").key() != before
    assert dataclasses.replace(HELLO, package="./other").key() != before
    (module / "main.go").write_text("package main\n\nfunc main() {}\n")
    assert HELLO.key() != before


def test_binary_is_compiled_once_and_written_whole(module: Path, tmp_path: Path):
    log = tmp_path / "log"

    binary = toolchain.compile_binary(HELLO, log)
    first = binary.stat().st_mtime_ns

    assert toolchain.compile_binary(HELLO, log) == binary
    assert binary.stat().st_mtime_ns == first
    assert [file.name for file in binary.parent.iterdir()] == [binary.name]


def test_compiler_error_names_the_log_and_leaves_no_file(module: Path, tmp_path: Path):
    (module / "main.go").write_text("package main\n\nfunc main() { undefined() }\n")
    log = tmp_path / "log"

    with pytest.raises(RuntimeError, match=f"compiling hello failed with exit code 1; see {log}"):
        toolchain.compile_binary(HELLO, log)

    assert "undefined: undefined" in log.read_text()
    assert list(HELLO.cache_path().parent.iterdir()) == []


def executable(folder: Path, name: str, output: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{output}'\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.parametrize(
    ("output", "fits"),
    [
        ("v3.259.0", True),
        ("v3.272.1", True),
        ("v3.301.0", True),
        ("v3.100.0", False),
        ("v2.25.2", False),
        ("not a version", False),
    ],
)
def test_official_pulumi_is_used_when_its_version_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, *, fits: bool
):
    official = executable(tmp_path / "bin", "pulumi", output)
    monkeypatch.setenv("PATH", str(official.parent))
    pulumi = next(binary for binary in BINARIES if binary.name == "pulumi")

    assert pulumi.find_on_path() == (official if fits else None)


def test_executable_of_our_own_folder_is_not_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ours = executable(tmp_path / "bin", "pulumi", "v3.259.0")
    monkeypatch.setattr(binaries, "BIN", ours.parent)
    monkeypatch.setenv("PATH", str(ours.parent))

    assert dataclasses.replace(HELLO, name="pulumi", fits=re.compile("v3")).find_on_path() is None


@pytest.mark.parametrize("binary", BINARIES, ids=lambda binary: binary.name)
def test_every_module_pins_its_sums(binary: GoBinary):
    folder = binaries.GO_MODULES / binary.module

    assert (folder / "go.mod").is_file()
    if "require" in (folder / "go.mod").read_text():
        assert (folder / "go.sum").stat().st_size > 0
