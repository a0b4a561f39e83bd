"""ExistingCluster: one provider per cluster; a broken kubeconfig is refused by name, without its secrets."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.existing_cluster import ExistingCluster
from modelyard.components.testing import Recorder


def test_a_path_keeps_credentials_out_of_the_state(engine: Recorder, kubeconfig: Path):
    ExistingCluster("local", {"kubeconfig": str(kubeconfig)})
    engine.finish()
    [provider] = [resource for resource in engine.registered if resource.type == "pulumi:providers:kubernetes"]
    assert provider.inputs["kubeconfig"] == str(kubeconfig)
    assert provider.inputs["context"] == "here"
    assert "very-secret" not in repr(engine.registered)


def test_a_document_is_kept_as_a_secret(engine: Recorder, kubeconfig: Path):
    ExistingCluster("local", {"kubeconfig": kubeconfig.read_text()})
    engine.finish()
    [provider] = [resource for resource in engine.registered if resource.type == "pulumi:providers:kubernetes"]
    assert provider.inputs["kubeconfig"] == "<secret>"


def test_a_renewed_kubeconfig_is_the_same_cluster(kubeconfig: Path, tmp_path: Path):
    other = tmp_path / "renewed"
    other.write_text(kubeconfig.read_text().replace("very-secret", "renewed"))
    assert _identity(kubeconfig) == _identity(other)


def _identity(file: Path) -> str:
    engine = Recorder.installed()
    ExistingCluster("local", {"kubeconfig": str(file)})
    engine.finish()
    return next(resource.inputs["clusterIdentifier"] for resource in engine.registered if "providers" in resource.type)


def change(**changes):
    def apply(document: dict) -> None:
        document.update(changes)

    return apply


def without_server(document: dict) -> None:
    del document["clusters"][0]["cluster"]["server"]


BROKEN = [
    pytest.param(change(clusters=None), "is not a kubeconfig (it has no list of clusters)", id="no clusters"),
    pytest.param(change(contexts=[]), "no context 'here'; it has none", id="no contexts"),
    pytest.param(
        change(**{"current-context": ""}),
        "no current-context; name one of here as context",
        id="no current context",
    ),
    pytest.param(
        change(clusters=[]),
        "context 'here' names cluster 'one', which the kubeconfig does not have",
        id="cluster missing",
    ),
    pytest.param(
        change(users=[]), "context 'here' names user 'me', which the kubeconfig does not have", id="user missing"
    ),
    pytest.param(without_server, "cluster 'one' has no server address (https://…)", id="server missing"),
]


@pytest.mark.parametrize(("break_it", "message"), BROKEN)
def test_a_broken_kubeconfig_is_refused_before_registration(
    engine: Recorder, kubeconfig: Path, break_it: Any, message: str
):
    document = yaml.safe_load(kubeconfig.read_text())
    break_it(document)
    kubeconfig.write_text(yaml.safe_dump(document))
    with pytest.raises(ArgumentError) as refusal:
        ExistingCluster("local", {"kubeconfig": str(kubeconfig)})
    assert str(refusal.value) == f"local: kubeconfig = '{kubeconfig}': {message}"
    assert engine.registered == []


def test_an_unknown_context_is_refused_with_those_there_are(engine: Recorder, kubeconfig: Path):
    with pytest.raises(ArgumentError) as refusal:
        ExistingCluster("local", {"kubeconfig": str(kubeconfig), "context": "there"})
    assert str(refusal.value) == "local: context: no context 'there'; it has here"
    assert engine.registered == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "no such file", id="no file"),
        pytest.param(b"\xff\xfe", "cannot be read: UnicodeDecodeError", id="not UTF-8"),
    ],
)
def test_an_unreadable_file_is_refused(tmp_path: Path, content: bytes | None, message: str):
    file = tmp_path / "nowhere"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ArgumentError) as refusal:
        ExistingCluster("local", {"kubeconfig": str(file)})
    assert str(refusal.value) == f"local: kubeconfig = '{file}': {message}"


def test_malformed_yaml_is_not_quoted():
    with pytest.raises(ArgumentError) as refusal:
        ExistingCluster("local", {"kubeconfig": "users: [{token: very-secret}\n - :"})
    assert str(refusal.value) == "local: kubeconfig: is not YAML"
    assert refusal.value.__cause__ is None
