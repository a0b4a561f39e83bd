"""The rendered copy of an environment file: what is laid over it, what is kept, who may read it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from modelyard.stacks.environment.environment import KEY
from modelyard.stacks.validation.messages import EnvironmentFileError

from tools.up import workspace as module
from tools.up.workspace import Workspace, overlay

FILE = """\
config:
  modelyard:environment:
    cluster: {kind: local}
    teams: [{name: team-a}]
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    monkeypatch.setattr(module, "LOCAL", tmp_path / ".local")
    (tmp_path / "Pulumi.yaml").write_text(
        "name: modelyard\nruntime: {name: python, options: {virtualenv: .venv}}\nmain: stacks\n"
    )
    (tmp_path / "Pulumi.local.yaml").write_text(FILE)
    return Workspace("local")


def rendered(workspace: Workspace) -> dict[str, Any]:
    return yaml.safe_load(workspace.stack_file.read_text())


def test_machine_values_are_laid_over_and_the_source_stays(workspace: Workspace):
    workspace.prepare({"cluster": {"kubeconfig": "/k"}, "images": {"train": "t:1"}})

    assert rendered(workspace) == {
        "config": {
            KEY: {
                "cluster": {"kind": "local", "kubeconfig": "/k"},
                "teams": [{"name": "team-a"}],
                "images": {"train": "t:1"},
            }
        }
    }
    assert workspace.source.read_text() == FILE


def test_the_project_finds_the_program_from_its_folder_and_python_from_anywhere(workspace: Workspace, tmp_path: Path):
    workspace.prepare({})

    assert yaml.safe_load((workspace.folder / "Pulumi.yaml").read_text()) == {
        "name": "modelyard",
        "runtime": {"name": "python", "options": {"virtualenv": str(tmp_path / ".venv")}},
        "main": "../../stacks",
    }


def test_what_pulumi_wrote_survives_but_an_override_of_yesterday_does_not(workspace: Workspace):
    workspace.prepare({})
    written = rendered(workspace)
    written["encryptionsalt"] = "v1:salt"
    written["config"]["modelyard:servingKey"] = {"secure": "cipher"}
    written["config"][KEY]["teams"] = "overridden yesterday"
    workspace.stack_file.write_text(yaml.safe_dump(written))

    workspace.prepare({})

    assert rendered(workspace) == {
        "encryptionsalt": "v1:salt",
        "config": {
            "modelyard:servingKey": {"secure": "cipher"},
            KEY: {"cluster": {"kind": "local"}, "teams": [{"name": "team-a"}]},
        },
    }


def test_secrets_are_random_kept_and_private(workspace: Workspace, tmp_path: Path):
    workspace.prepare({})
    first = workspace.passphrase.read_text(), workspace.serving_key.read_text()
    workspace.prepare({})

    assert (workspace.passphrase.read_text(), workspace.serving_key.read_text()) == first
    assert first[0] != first[1]
    assert min(map(len, first)) >= 32
    for file in (workspace.passphrase, workspace.serving_key, workspace.stack_file):
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert workspace.folder.stat().st_mode & 0o777 == 0o700


def test_an_unknown_environment_names_those_there_are(workspace: Workspace):
    with pytest.raises(EnvironmentFileError, match=r"no Pulumi\.staging\.yaml in .*; environments here: local"):
        Workspace("staging").prepare({})


def test_a_stack_file_without_an_environment_is_refused(workspace: Workspace):
    workspace.source.write_text("config: {other:key: 1}\n")

    with pytest.raises(EnvironmentFileError, match=f"config.{KEY} is missing or not an object"):
        workspace.prepare({})


keys, leaves = st.sampled_from("abc"), st.integers(0, 3)
inner = st.dictionaries(keys, leaves, max_size=2)
objects = st.dictionaries(keys, leaves | inner | st.dictionaries(keys, inner, max_size=2), max_size=3)


@given(below=objects, above=objects)
def test_overlay_keeps_everything_of_the_upper_and_nothing_is_shared(below: dict[str, Any], above: dict[str, Any]):
    before = repr(below)
    merged = overlay(below, above)

    assert overlay(merged, above) == merged
    assert overlay(below, {}) == below
    assert set(merged) == set(below) | set(above)
    assert all(merged[key] == below[key] for key in below.keys() - above.keys())
    assert repr(below) == before


def test_an_environment_file_may_lie_anywhere_but_is_called_so(tmp_path):
    found = Workspace.named(str(tmp_path / "Pulumi.our-lab.yaml"))
    assert (found.environment, found.source) == ("our-lab", tmp_path / "Pulumi.our-lab.yaml")
    assert Workspace.named("local") == Workspace("local")
    with pytest.raises(EnvironmentFileError, match=r"an environment file is called Pulumi\.NAME\.yaml"):
        Workspace.named(str(tmp_path / "lab.yaml"))
