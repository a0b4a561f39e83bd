"""Fixtures of the tests of components."""

from pathlib import Path

import pytest
import yaml
from modelyard.components.testing import Recorder

BUNDLES = Path(__file__).parent / "bundles"


@pytest.fixture
def engine() -> Recorder:
    """Recorder in the engine's place."""
    return Recorder.installed()


@pytest.fixture
def kueue_bundle() -> str:
    return str(BUNDLES / "kueue.yaml")


@pytest.fixture
def kuberay_bundle() -> str:
    return str(BUNDLES / "kuberay.yaml")


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """Kubeconfig of a server that does not run."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "me", "user": {"token": "very-secret"}}],
        "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(document))
    return file
