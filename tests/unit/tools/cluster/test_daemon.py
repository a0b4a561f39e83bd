"""Background processes: real ones, since pids and start times are the point."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tools.cluster.daemon import Command, Daemon, identity


@pytest.fixture
def daemon(tmp_path):
    process = Daemon("sleeper", tmp_path / "sleeper.json", tmp_path / "sleeper.log")
    yield process
    process.stop(1)


SLEEP = Command("sleeper", ("/bin/sleep", "60"))


def test_starts_detached_and_is_found_again(daemon, tmp_path):
    started = daemon.start(SLEEP, list)
    again = Daemon("sleeper", tmp_path / "sleeper.json", tmp_path / "sleeper.log")
    assert again.running() == started
    assert os.getsid(started.pid) == started.pid
    assert again.up_to_date(SLEEP)


def test_stop_ends_the_process_and_its_record(daemon):
    started = daemon.start(SLEEP, list)
    daemon.stop(5)
    assert identity(started.pid) is None
    assert not daemon.pid_file.exists()
    daemon.stop(5)  # nothing to stop is no error


def test_process_that_ignores_sigterm_is_killed(daemon):
    deaf = Command("sleeper", ("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"))
    started = daemon.start(deaf, list)
    deadline = time.monotonic() + 5
    while "ready" not in daemon.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    daemon.stop(0.3)
    assert identity(started.pid) is None


def test_recycled_pid_is_neither_trusted_nor_killed(daemon):
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        try:
            real = identity(stranger.pid)
            assert real is not None
            for stale in ({"start_ticks": real.start_ticks - 1}, {"boot": "an earlier boot"}):
                record = {"pid": real.pid, "start_ticks": real.start_ticks, "boot": real.boot, "fingerprint": ""}
                daemon.pid_file.write_text(json.dumps(record | stale))
                assert daemon.running() is None
                daemon.stop(1)
                assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": null, "start_ticks": 1, "boot": "x"}'])
def test_damaged_pid_file_counts_as_none(daemon, content):
    daemon.pid_file.write_text(content)
    assert daemon.running() is None


def test_zombie_does_not_run(daemon):
    started = daemon.start(Command("sleeper", ("/bin/sleep", "0.3")), list)
    deadline = time.monotonic() + 5
    while daemon.running() is not None:
        assert time.monotonic() < deadline, started
        time.sleep(0.02)


def test_changed_arguments_or_inputs_restart_the_process(daemon, tmp_path):
    config = tmp_path / "config"
    config.write_text("one")
    command = Command("sleeper", ("/bin/sleep", "60"), (config,))
    daemon.start(command, list)
    assert daemon.up_to_date(command)
    assert not daemon.up_to_date(Command("sleeper", ("/bin/sleep", "61"), (config,)))
    config.write_text("two")
    assert not daemon.up_to_date(command)


def test_callers_environment_is_not_inherited(daemon, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "made-up passphrase")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    started = daemon.start(SLEEP, list)
    deadline = time.monotonic() + 5
    environment = Path(f"/proc/{started.pid}/environ")
    # Until the program is running, the file shows nothing, or this process's own environment.
    while Path(f"/proc/{started.pid}/cmdline").read_bytes() != b"/bin/sleep\x0060\0" or not environment.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    given = environment.read_text().rstrip("\0").split("\0")
    assert {each.partition("=")[0] for each in given} == {"PATH", "HOME", "LC_ALL"}


def test_last_words_are_the_end_of_the_log(daemon):
    daemon.log.write_text("one\ntwo\nthree\n")
    assert daemon.last_words(2) == "two | three"
    daemon.log.unlink()
    assert daemon.last_words() == "it has no log"
