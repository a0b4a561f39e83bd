"""The training text of the local environment, made from real Debian packages that the test builds."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import local_text

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on PATH")


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    return build_deb(tmp_path, "1.0", {f"doc{n}": f"Only in document {n}, and nowhere else." for n in range(40)})


def build_deb(folder: Path, version: str, documents: dict[str, str]) -> Path:
    root = folder / f"root-{version}"
    pods = root / "usr/share/perl/5/pod"
    pods.mkdir(parents=True)
    for name, text in documents.items():
        (pods / f"{name}.pod").write_text(f"=head1 NAME\n\n{text}\n\n    code\n\nThe same boilerplate everywhere.\n")
    (root / "usr/share/doc/perl-doc").mkdir(parents=True)
    (root / "usr/share/doc/perl-doc/copyright").write_text("GPL-1+ or Artistic\n")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        f"Package: perl-doc\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\n"
        "Description: x\n"
    )
    file = folder / f"perl-doc_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(root), str(file)], check=True, capture_output=True)
    return file


@needs_dpkg
def test_documents_and_paragraphs_are_in_one_text_only(tmp_path: Path, deb: Path):
    output = tmp_path / "text"
    assert local_text.main(["--output", str(output), "--deb", str(deb), "--quiet"]) == 0
    train, validation = ((output / f"{part}.txt").read_text() for part in ("train", "validation"))
    for number in range(40):
        line = f"Only in document {number}, and nowhere else."
        assert (line in train) != (line in validation)
    assert "code" not in train
    assert (train + validation).count("The same boilerplate everywhere.") == 1
    source = json.loads((output / "SOURCE.json").read_text())
    assert source["version"] == "1.0"
    assert 0 < source["documents_held_out"] < source["documents"] == 40
    assert (output / "LICENCE").read_text() == "GPL-1+ or Artistic\n"


@needs_dpkg
def test_text_is_built_once_and_repaired_when_damaged(tmp_path: Path, deb: Path):
    output = tmp_path / "text"
    local_text.prepare(output, deb=deb)
    first = (output / "train.txt").stat().st_mtime_ns
    local_text.prepare(output, deb=deb)
    assert (output / "train.txt").stat().st_mtime_ns == first
    whole = (output / "train.txt").read_bytes()
    (output / "train.txt").write_bytes(whole[:50])
    local_text.prepare(output, deb=deb)
    assert (output / "train.txt").read_bytes() == whole
    newer = build_deb(tmp_path, "2.0", {"only": "Something new in this version."})
    assert local_text.prepare(output, deb=newer)["version"] == "2.0"


def test_missing_apt_is_refused_with_a_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert local_text.main(["--output", str(tmp_path / "text")]) == 2
    assert "apt-cache and dpkg-deb are needed" in capsys.readouterr().err


@needs_dpkg
def test_file_that_is_no_package_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "x.deb").write_text("no package")
    assert local_text.main(["--output", str(tmp_path / "text"), "--deb", str(tmp_path / "x.deb")]) == 2
    assert "dpkg-deb -f" in capsys.readouterr().err
    assert local_text.main(["--output", str(tmp_path / "text"), "--deb", str(tmp_path / "gone.deb")]) == 2
    assert "no such file" in capsys.readouterr().err


@needs_dpkg
def test_unwritable_folder_is_named(tmp_path: Path, deb: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "file").write_text("")
    assert local_text.main(["--output", str(tmp_path / "file"), "--deb", str(deb)]) == 2
    assert f"{tmp_path / 'file'} cannot be written" in capsys.readouterr().err
