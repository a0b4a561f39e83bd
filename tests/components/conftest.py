"""What tests of components share."""

from pathlib import Path

import pytest
import yaml
from modelyard.components.testing import Recorder

BUNDLES = Path(__file__).parent / "bundles"


@pytest.fixture
def engine() -> Recorder:
    """An engine that accepts everything."""
    return Recorder.installed()


@pytest.fixture
def kueue_bundle() -> str:
    return str(BUNDLES / "kueue.yaml")


@pytest.fixture
def kuberay_bundle() -> str:
    return str(BUNDLES / "kuberay.yaml")


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """A kubeconfig that leads somewhere, were anyone to dial."""
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
