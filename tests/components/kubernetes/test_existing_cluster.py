"""ExistingCluster: a kubeconfig that leads nowhere is refused by name, at once, without its secrets."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.components.kubernetes.existing_cluster import ExistingCluster
from modelyard.components.kubernetes.kubeconfig import KubeconfigError
from modelyard.components.testing import Recorder


def test_one_provider_by_path_keeps_no_credentials_in_state(engine: Recorder, kubeconfig: Path):
    ExistingCluster("local", {"kubeconfig": str(kubeconfig)})
    engine.finish()
    [provider] = [one for one in engine.registered if one.type == "pulumi:providers:kubernetes"]
    assert provider.inputs["kubeconfig"] == str(kubeconfig)
    assert provider.inputs["context"] == "here"
    assert "very-secret" not in repr(engine.registered)


def test_a_document_is_kept_as_a_secret(engine: Recorder, kubeconfig: Path):
    ExistingCluster("local", {"kubeconfig": kubeconfig.read_text()})
    engine.finish()
    [provider] = [one for one in engine.registered if one.type == "pulumi:providers:kubernetes"]
    assert provider.inputs["kubeconfig"] == "<secret>"


def test_a_renewed_kubeconfig_is_the_same_cluster(kubeconfig: Path, tmp_path: Path):
    other = tmp_path / "renewed"
    other.write_text(kubeconfig.read_text().replace("very-secret", "renewed"))
    assert _identity(kubeconfig) == _identity(other)


def _identity(file: Path) -> str:
    engine = Recorder.installed()
    ExistingCluster("local", {"kubeconfig": str(file)})
    engine.finish()
    return next(one.inputs["clusterIdentifier"] for one in engine.registered if "providers" in one.type)


def change(**changes):
    def apply(document: dict) -> None:
        document.update(changes)

    return apply


def without_server(document: dict) -> None:
    del document["clusters"][0]["cluster"]["server"]


BROKEN = [
    (change(clusters=None), None, "is not a kubeconfig (it has no list of clusters)"),
    (change(contexts=[]), None, "no context 'here'; it has none"),
    (change(**{"current-context": ""}), None, "no current-context; name one of here"),
    (change(clusters=[]), None, "context 'here' names cluster 'one', which is not there"),
    (change(users=[]), None, "context 'here' names user 'me', which is not there"),
    (without_server, None, "cluster 'one' has no server address (https://…)"),
    (change(), "there", "no context 'there'; it has here"),
]


@pytest.mark.parametrize(("break_it", "context", "message"), BROKEN, ids=[case[2] for case in BROKEN])
def test_a_broken_kubeconfig_is_refused_before_anything_is_registered(
    engine: Recorder, kubeconfig: Path, break_it, context, message
):
    document = yaml.safe_load(kubeconfig.read_text())
    break_it(document)
    kubeconfig.write_text(yaml.safe_dump(document))
    args: Any = {"kubeconfig": str(kubeconfig)} | ({"context": context} if context else {})
    with pytest.raises(KubeconfigError) as refused:
        ExistingCluster("local", args)
    assert str(refused.value) == f"kubeconfig {kubeconfig}: {message}"
    assert engine.registered == []


@pytest.mark.parametrize(
    ("content", "message"), [(None, "no such file"), (b"\xff\xfe", "cannot be read: UnicodeDecodeError")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content, message):
    file = tmp_path / "nowhere"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KubeconfigError) as refused:
        ExistingCluster("local", {"kubeconfig": str(file)})
    assert str(refused.value) == f"kubeconfig {file}: {message}"


def test_yaml_that_does_not_parse_is_not_quoted():
    with pytest.raises(KubeconfigError) as refused:
        ExistingCluster("local", {"kubeconfig": "users: [{token: very-secret}\n - :"})
    assert str(refused.value) == "kubeconfig: is not YAML"
    assert refused.value.__cause__ is None
