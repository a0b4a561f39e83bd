"""The command: help, usage errors, refusals in words and in JSON."""

import json

import pytest

import tools.cluster
from tools.cluster.__main__ import main


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert "python -m tools.cluster up --gpus 2" in shown
    assert "up again" in shown.replace("`", "")


@pytest.mark.parametrize(
    "arguments", [[], ["up", "--gpus", "-1"], ["up", "--gpus", "two"], ["up", "--kwok-nodes", "1001"]]
)
def test_usage_errors_end_with_2(arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


def test_bad_name_is_refused(capsys):
    assert main(["status", "--instance", "Not A Name"]) == 1
    assert "instance name 'Not A Name' is not allowed" in capsys.readouterr().err


def test_refusals_are_json_with_the_option(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MODELYARD_STATE", str(tmp_path))
    assert main(["status", "--instance", "nobody", "--json"]) == 1
    assert "no instance 'nobody'" in json.loads(capsys.readouterr().out)["error"]


def test_logs_of_an_unknown_component_name_the_known_ones(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MODELYARD_STATE", str(tmp_path))
    assert main(["logs", "kubelt"]) == 1
    assert "unknown component 'kubelt'; known: apiserver, containerd, controller-manager" in capsys.readouterr().err


def test_logs_prints_the_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MODELYARD_STATE", str(tmp_path))
    log = tmp_path / "local" / "logs" / "etcd.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"line {number}\n" for number in range(10)))
    assert main(["logs", "etcd", "--lines", "2"]) == 0
    assert capsys.readouterr().out == "line 8\nline 9\n"


def test_down_of_an_unknown_instance_succeeds(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MODELYARD_STATE", str(tmp_path / "none"))
    assert main(["down", "--instance", "nobody"]) == 0
    assert not (tmp_path / "none").exists()


def test_public_names_are_sorted_and_exist():
    assert tools.cluster.__all__ == sorted(tools.cluster.__all__)
    assert all(hasattr(tools.cluster, name) for name in tools.cluster.__all__)
