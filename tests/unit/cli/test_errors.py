"""Errors that are the user's: every name in the table exists, and a bug keeps its traceback."""

import importlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.cli import main as command
from modelyard.cli.errors import USER_ERRORS, describe_error
from modelyard.workloads.hardware.gpu import MigProfile
from pydantic import ValidationError


@pytest.mark.parametrize("name", sorted(USER_ERRORS))
def test_every_error_in_the_table_exists(name):
    module, _, kind = name.rpartition(".")
    error = getattr(importlib.import_module(module), kind)
    assert describe_error(error("what is wrong")) == "what is wrong"


def test_a_wrong_field_is_named():
    with pytest.raises(ValidationError) as caught:
        MigProfile(name="1g.5gb", memory_gib=-1, instances=7, compute_share=0.1)
    assert describe_error(caught.value) == "memory_gib = -1: must be greater than 0"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_operating_system_errors_are_one_sentence(unbuffered: str):
    command = [sys.executable, "-m", "modelyard.cli", "presets", "show", "gpt2"]
    variables = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=variables)
    assert process.returncode == 2
    assert process.stderr == "modelyard: the output: No space left on device\n"


def test_a_closed_pipe_is_no_error():
    command = [sys.executable, "-m", "modelyard.cli", "presets", "list"]
    variables = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables) as reading:
        assert reading.stdout
        assert reading.stderr
        reading.stdout.close()
        assert reading.stderr.read() == ""


def test_a_bug_keeps_its_traceback(monkeypatch):
    assert describe_error(KeyError("sku")) is None

    def broken():
        raise KeyError("sku")

    monkeypatch.setattr(command, "app", broken)
    with pytest.raises(KeyError):
        command.main()


def test_the_version_is_printed(modelyard):
    answer = modelyard("--version")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"modelyard {importlib.metadata.version('modelyard')}\n"
