"""`python -m tools.images`: help with examples, answers as lines or JSON, errors on standard error."""

import json

import pytest

from tools.images.__main__ import main


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["load", "--help"], ["list", "--help"]])
def test_help_has_examples(arguments, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert "examples:\n  python -m tools.images build" in capsys.readouterr().out


def test_list_as_json(make_layout, capsys):
    image = make_layout("train", "0123456789ab", [b"layer"], runtime="localhost/modelyard/runtime:x")
    assert main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "name": "train",
            "ref": "localhost/modelyard/train:0123456789ab",
            "bytes": image.size(),
            "manifest": image.manifest_digest,
            "runtime": "localhost/modelyard/runtime:x",
            "build_seconds": 0.0,
        }
    ]


def test_empty_cache_names_the_command(capsys):
    assert main(["list"]) == 0
    assert "build them: python -m tools.images build" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "nonsense"], "unknown image 'nonsense'"),
        (["load", "--socket", "/nowhere", "x:y"], "'x:y' is not in"),
    ],
)
def test_errors_go_to_standard_error(arguments, message, capsys, tmp_path, monkeypatch):
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err or "no containerd listens" in said.err
