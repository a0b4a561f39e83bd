import os
import stat
from pathlib import Path

import pytest

from tools.plugins import PLUGINS, environment, find_official_plugin, install
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


def test_links_to_ours_without_official_plugins(elsewhere, tmp_path):
    executables = install(tmp_path / "bin")

    assert executables == {name: tmp_path / "bin" / name for name in PLUGINS}
    folders = {name: path.resolve().parent.relative_to(CHECKOUT) for name, path in executables.items()}
    assert folders == {
        "pulumi-language-python": Path("tools/plugins/bin"),
        "pulumi-resource-kubernetes": Path("tools/plugins/bin"),
        "pulumi-resource-pulumi-python": Path("tools/plugins/bin"),
        "pulumi-resource-azure-native": Path("simulator/bin"),
        "pulumi-resource-aws": Path("simulator/bin"),
    }
    assert all(path.resolve().stat().st_mode & stat.S_IXUSR for path in executables.values())


def test_stale_link_is_replaced(elsewhere, tmp_path):
    link = tmp_path / "bin" / "pulumi-resource-aws"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "gone")

    install(tmp_path / "bin")

    assert link.resolve() == CHECKOUT / "simulator" / "bin" / "pulumi-resource-aws"


def test_official_plugin_replaces_our_link(elsewhere, tmp_path):
    install(tmp_path / "bin")
    official = executable(elsewhere / "pulumi-language-python")

    executables = install(tmp_path / "bin")

    assert executables["pulumi-language-python"] == official
    assert not (tmp_path / "bin" / "pulumi-language-python").is_symlink()
    assert (tmp_path / "bin" / "pulumi-resource-kubernetes").is_symlink()


def test_official_plugin_in_pulumis_folder_is_found(elsewhere, tmp_path):
    name = "pulumi-resource-kubernetes"
    official = executable(tmp_path / "home" / "plugins" / "resource-kubernetes-v4.34.2" / name)

    assert find_official_plugin(name) == official


def test_our_own_links_are_not_taken_for_official_ones(elsewhere, monkeypatch):
    monkeypatch.setenv("PATH", str(CHECKOUT / "tools" / "plugins" / "bin"))

    assert find_official_plugin("pulumi-language-python") is None


def test_environment_is_offline_and_without_passphrase(tmp_path):
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
