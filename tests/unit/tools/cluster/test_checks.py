"""Refusals that come before anything is created, and the host's settings."""

import os
from pathlib import Path

import pytest

from tools.cluster import binaries, cgroups, checks, host_settings
from tools.cluster.errors import ClusterError
from tools.cluster.state import StateFolder


def test_missing_root_is_refused_with_an_alternative(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ClusterError, match=r"needs root .* `make up ENV=existing KUBECONFIG="):
        checks.check_machine(StateFolder(tmp_path, "trial"), kwok=False)


def test_missing_programs_are_named_with_their_packages(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("MODELYARD_BIN", str(tmp_path))
    monkeypatch.setattr(binaries, "SYSTEM", {"a-runtime-nobody-has": "containerd"})
    monkeypatch.setattr(binaries, "CNI_FOLDERS", (tmp_path,))
    with pytest.raises(ClusterError) as refusal:
        checks.check_machine(StateFolder(tmp_path, "trial"), kwok=True)
    text = str(refusal.value)
    assert "apt-get install --no-install-recommends containerd containernetworking-plugins" in text
    assert f"kubelet, kube-proxy, kwok not in {tmp_path}: run `python3 -m tools.setup up`" in text
    assert "make up ENV=existing" in text


def test_too_little_disk_is_refused_with_both_figures(tmp_path):
    with pytest.raises(ClusterError, match=r"has \d+\.\d GiB of disk free and the local cluster needs 1048576 GiB"):
        checks.check_disk(tmp_path / "not" / "there" / "yet", least_bytes=2**50)
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(("length", "fits"), [(104, True), (105, False)])
def test_too_long_socket_path_is_refused(length, fits, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(binaries, "missing", lambda **_: [])
    monkeypatch.setattr(checks, "check_disk", lambda _path: None)
    below = len("/trial/containerd/containerd.ttrpc.sock")
    root = Path("/" + "x" * (length - below - 1))
    if fits:
        checks.check_machine(StateFolder(root, "trial"), kwok=False)
    else:
        with pytest.raises(ClusterError, match="has 105 bytes and containerd takes 104 at most: set MODELYARD_STATE"):
            checks.check_machine(StateFolder(root, "trial"), kwok=False)


@pytest.mark.parametrize("folder", ["/run/yard", "/var/run/yard", "/var/log/yard"])
def test_hidden_state_folder_is_refused(folder, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(binaries, "missing", lambda **_: [])
    with pytest.raises(ClusterError, match="set MODELYARD_STATE to another folder"):
        checks.check_machine(StateFolder(Path(folder), "trial"), kwok=False)


def test_host_settings_are_restored_once(tmp_path):
    sysctl, root = tmp_path / "sys", tmp_path / "root"
    root.mkdir()
    for name, value in {"vm/overcommit_memory": "0", "kernel/panic": "1"}.items():
        (sysctl / name).parent.mkdir(parents=True, exist_ok=True)
        (sysctl / name).write_text(f"{value}\n")
    host_settings.remember(root, sysctl)
    (sysctl / "vm/overcommit_memory").write_text("1\n")
    host_settings.remember(root, sysctl)  # a second instance must not take the kubelet's value for the host's
    assert host_settings.restore(root, sysctl) == ["vm/overcommit_memory"]
    assert (sysctl / "vm/overcommit_memory").read_text().strip() == "0"
    assert host_settings.restore(root, sysctl) == []


def test_groups_are_made_in_every_hierarchy_of_version_1(tmp_path):
    for controller in ("cpu", "cpuset"):
        (tmp_path / controller).mkdir()
        (tmp_path / controller / "cgroup.procs").write_text("")
    assert not cgroups.is_version_2(tmp_path)
    cgroups.ensure("trial", tmp_path)
    assert (tmp_path / "cpu/modelyard/trial").is_dir()
    assert (tmp_path / "cpuset/modelyard/trial").is_dir()
    cgroups.remove("trial", tmp_path)
    assert sorted(path.name for path in (tmp_path / "cpu").iterdir()) == ["cgroup.procs"]


def test_groups_of_version_2_delegate_their_controllers(tmp_path):
    for name in ("", "modelyard", "modelyard/trial"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "cgroup.controllers").write_text("cpu memory")
        (tmp_path / name / "cgroup.subtree_control").write_text("")
    cgroups.ensure("trial", tmp_path)
    assert (tmp_path / "modelyard/trial/cgroup.subtree_control").read_text() in {"+cpu", "+memory"}
    assert (tmp_path / "cgroup.subtree_control").read_text() in {"+cpu", "+memory"}


def test_removing_one_instances_groups_leaves_anothers(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cgroup.procs").write_text("")
    cgroups.ensure("one", tmp_path)
    cgroups.ensure("two", tmp_path)
    cgroups.remove("one", tmp_path)
    assert (tmp_path / "cpu/modelyard/two").is_dir()
    assert not (tmp_path / "cpu/modelyard/one").exists()
