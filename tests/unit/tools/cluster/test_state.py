"""The state folder: numbers, modes, locks."""

import stat

import pytest

from tools.cluster.errors import ClusterError
from tools.cluster.state import StateFolder, allocate_number, lock_root, write_private
from tools.setup.locations import state


def folder(root, name, number=None):
    state = StateFolder(root, name)
    state.create()
    if number is not None:
        state.write(number=number)
    return state


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_first_instance_gets_number_0(tmp_path):
    assert allocate_number(StateFolder(tmp_path, "local")) == 0


def test_others_get_the_lowest_free_number_but_0(tmp_path):
    folder(tmp_path, "one", 1)
    folder(tmp_path, "three", 3)
    assert allocate_number(StateFolder(tmp_path, "new")) == 2


def test_allocated_number_stays(tmp_path):
    state = folder(tmp_path, "one", 7)
    assert allocate_number(state, is_free=lambda _number: False) == 7


def test_number_in_use_by_the_host_is_skipped(tmp_path):
    assert allocate_number(StateFolder(tmp_path, "new"), is_free=lambda number: number > 4) == 5


def test_without_a_usable_number_the_first_is_returned(tmp_path):
    assert allocate_number(StateFolder(tmp_path, "new"), is_free=lambda _number: False) == 1


def test_all_numbers_taken_is_refused(tmp_path):
    for number in range(1, 255):
        (tmp_path / f"i{number}").mkdir()
        StateFolder(tmp_path, f"i{number}").write(number=number)
    with pytest.raises(ClusterError, match="all 254 instance numbers are taken"):
        allocate_number(StateFolder(tmp_path, "new"))


def test_unreadable_record_counts_as_none(tmp_path):
    state = folder(tmp_path, "one")
    state.record.write_text('{"number":')
    assert state.read() == {}
    assert allocate_number(state) == 1


def test_folders_are_private_and_regain_their_mode(tmp_path):
    state = folder(tmp_path / "root", "one")
    state.folder("pki").chmod(0o777)
    state.create()
    assert {mode(state.root), mode(state.path), mode(state.folder("pki")), mode(state.folder("etcd"))} == {0o700}
    assert mode(state.volumes) == 0o755


def test_private_file_is_replaced_only_when_it_differs(tmp_path):
    path = tmp_path / "key"
    assert write_private(path, "one")
    first = path.stat().st_ino
    assert not write_private(path, b"one")
    assert path.stat().st_ino == first
    assert write_private(path, "two")
    assert path.read_text() == "two"
    assert mode(path) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_remains_of_an_interrupted_write_are_ignored(tmp_path):
    (tmp_path / ".key.part").write_text("half")
    assert write_private(tmp_path / "key", "whole")
    assert (tmp_path / "key").read_text() == "whole"


def test_second_up_of_one_instance_is_refused_at_once(tmp_path):
    with (
        StateFolder(tmp_path, "one").lock(),
        pytest.raises(ClusterError, match="'one' is being brought up or down by another process"),
        StateFolder(tmp_path, "one").lock(),
    ):
        pass
    with StateFolder(tmp_path, "one").lock(), StateFolder(tmp_path, "two").lock(), lock_root(tmp_path):
        pass


def test_state_root_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELYARD_STATE", str(tmp_path))
    assert state() == tmp_path
    monkeypatch.setenv("MODELYARD_STATE", "")
    assert str(state()) == "/var/lib/modelyard"
