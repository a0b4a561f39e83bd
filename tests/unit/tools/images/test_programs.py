"""Images of single programs: static executables only, keyed by content, versions from go.mod."""

import struct

import pytest

from tools.images import build, programs
from tools.images.layout import ImageError
from tools.images.programs import PROGRAMS, Program


def elf(*kinds: int) -> bytes:
    """A 64-bit ELF header with program headers of the given kinds (System V ABI: 1 load, 3 interpreter)."""
    size, start = 56, 64
    identification = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = identification + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, start, 0, 0, 64, size, len(kinds), 0, 0, 0)
    return header + b"".join(struct.pack("<I", kind).ljust(size, b"\0") for kind in kinds)


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "BIN", tmp_path)
    (tmp_path / "pause").write_bytes(elf(1))
    return Program(name="pause", module="pause", requirement=None)


def test_static_executable_is_accepted(program, tmp_path):
    assert program.binary() == tmp_path / "pause"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (elf(1, 3), "dynamically linked; compile it with CGO_ENABLED=0"),
        (b"#!/bin/sh\n", "not a 64-bit Linux executable"),
        (None, r"no executable at .*; compile it: python -m tools\.setup"),
    ],
)
def test_dynamic_executable_is_refused(program, tmp_path, content, message):
    (tmp_path / "pause").unlink()
    if content is not None:
        (tmp_path / "pause").write_bytes(content)
    with pytest.raises(ImageError, match=message):
        program.binary()


def test_key_follows_the_executable(program, tmp_path):
    before = program.key()
    assert program.key() == before
    (tmp_path / "pause").write_bytes(elf(1, 1))
    assert program.key() != before


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_has_a_rootless_recipe_and_a_version(name):
    program = PROGRAMS[name]
    recipe = program.containerfile.read_text().splitlines()
    assert "FROM scratch" in recipe
    assert "USER 65532:65532" in recipe
    assert f"COPY --chmod=0755 {name} " in "\n".join(recipe)
    if program.requirement:
        assert program.labels()["org.opencontainers.image.version"].startswith("v")


def test_unknown_image_is_refused_with_the_known_ones():
    with pytest.raises(ImageError, match="unknown image 'paus'; known: pause, coredns, kueue, kuberay-operator, train"):
        build(["paus"])
