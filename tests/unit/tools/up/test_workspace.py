"""Rendered copy of an environment file: values laid over it, values kept in it, access to it."""

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


def test_machine_values_are_laid_over_a_copy(workspace: Workspace):
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


def test_project_names_program_and_python(workspace: Workspace, tmp_path: Path):
    workspace.prepare({})

    assert yaml.safe_load((workspace.folder / "Pulumi.yaml").read_text()) == {
        "name": "modelyard",
        "runtime": {"name": "python", "options": {"virtualenv": str(tmp_path / ".venv")}},
        "main": "../../stacks",
    }


def test_secrets_of_pulumi_survive_and_overrides_do_not(workspace: Workspace):
    workspace.prepare({})
    content = rendered(workspace)
    content["encryptionsalt"] = "v1:salt"
    content["config"]["modelyard:servingKey"] = {"secure": "cipher"}
    content["config"][KEY]["teams"] = "overridden yesterday"
    workspace.stack_file.write_text(yaml.safe_dump(content))

    workspace.prepare({})

    assert rendered(workspace) == {
        "encryptionsalt": "v1:salt",
        "config": {
            "modelyard:servingKey": {"secure": "cipher"},
            KEY: {"cluster": {"kind": "local"}, "teams": [{"name": "team-a"}]},
        },
    }


def test_generated_secrets_are_random_stable_and_private(workspace: Workspace, tmp_path: Path):
    workspace.prepare({})
    first = workspace.passphrase.read_text(), workspace.serving_key.read_text()
    workspace.prepare({})

    assert (workspace.passphrase.read_text(), workspace.serving_key.read_text()) == first
    assert first[0] != first[1]
    assert min(map(len, first)) >= 32
    for file in (workspace.passphrase, workspace.serving_key, workspace.stack_file):
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert workspace.folder.stat().st_mode & 0o777 == 0o700


def test_unknown_environment_is_refused_with_the_known_ones(workspace: Workspace):
    message = r"Pulumi\.staging\.yaml: no such file; environments of this checkout: local"
    with pytest.raises(EnvironmentFileError, match=message):
        Workspace("staging").prepare({})


def test_stack_file_without_an_environment_is_refused(workspace: Workspace):
    workspace.source.write_text("config: {other:key: 1}\n")

    with pytest.raises(EnvironmentFileError, match=f"config.{KEY}: expected an object"):
        workspace.prepare({})


keys, leaves = st.sampled_from("abc"), st.integers(0, 3)
inner = st.dictionaries(keys, leaves, max_size=2)
objects = st.dictionaries(keys, leaves | inner | st.dictionaries(keys, inner, max_size=2), max_size=3)


@given(below=objects, above=objects)
def test_overlay_keeps_all_keys_and_shares_no_object(below: dict[str, Any], above: dict[str, Any]):
    before = repr(below)
    merged = overlay(below, above)

    assert overlay(merged, above) == merged
    assert overlay(below, {}) == below
    assert set(merged) == set(below) | set(above)
    assert all(merged[key] == below[key] for key in below.keys() - above.keys())
    assert repr(below) == before


def test_environment_file_outside_the_checkout_needs_its_name(tmp_path):
    workspace = Workspace.from_name(str(tmp_path / "Pulumi.our-lab.yaml"))
    assert (workspace.environment, workspace.source) == ("our-lab", tmp_path / "Pulumi.our-lab.yaml")
    assert Workspace.from_name("local") == Workspace("local")
    with pytest.raises(EnvironmentFileError, match=r"lab\.yaml: expected a file called Pulumi\.NAME\.yaml"):
        Workspace.from_name(str(tmp_path / "lab.yaml"))
