import os
import stat
from pathlib import Path

import pytest

from tools.plugins import PLUGINS, environment, install, official
from tools.setup.locations import CHECKOUT


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A PATH and a Pulumi home without any plugin."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    return folder


def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_without_official_plugins_links_to_ours_are_made(elsewhere, tmp_path):
    chosen = install(tmp_path / "bin")

    for name in PLUGINS:
        assert chosen[name] == tmp_path / "bin" / name
        target = chosen[name].resolve()
        assert target == CHECKOUT / "tools" / "plugins" / "bin" / name
        assert target.stat().st_mode & stat.S_IXUSR


def test_official_plugin_on_the_path_is_preferred_and_our_link_goes(elsewhere, tmp_path):
    install(tmp_path / "bin")
    theirs = executable(elsewhere / "pulumi-language-python")

    chosen = install(tmp_path / "bin")

    assert chosen["pulumi-language-python"] == theirs
    assert not (tmp_path / "bin" / "pulumi-language-python").is_symlink()
    assert (tmp_path / "bin" / "pulumi-resource-kubernetes").is_symlink()


def test_official_plugin_in_pulumis_folder_is_found(elsewhere, tmp_path):
    name = "pulumi-resource-kubernetes"
    theirs = executable(tmp_path / "home" / "plugins" / "resource-kubernetes-v4.34.2" / name)

    assert official(name) == theirs


def test_our_own_links_are_not_taken_for_official_ones(elsewhere, monkeypatch):
    monkeypatch.setenv("PATH", str(CHECKOUT / "tools" / "plugins" / "bin"))

    assert official("pulumi-language-python") is None


def test_environment_runs_offline_and_never_holds_the_passphrase(tmp_path):
    base = {"PATH": "/usr/bin", "PULUMI_CONFIG_PASSPHRASE": "hidden", "KEPT": "1"}

    variables = environment(
        backend_url="file:///state", passphrase_file=tmp_path / "pass", home=tmp_path / "home", base=base
    )

    assert "hidden" not in variables.values()
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(tmp_path / "pass")
    assert variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert variables["PATH"].split(os.pathsep) == [str(CHECKOUT / ".local" / "bin"), "/usr/bin"]
    assert variables["KEPT"] == "1"
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_engine_writes_no_log_of_its_own(tmp_path):
    old = tmp_path / "home" / "logs"
    old.mkdir(parents=True)
    (old / "one.log").write_text("all inputs")

    for _ in range(2):
        environment(backend_url="file:///state", home=tmp_path / "home", base={})
        assert old.is_file()
        assert old.read_text() == ""
