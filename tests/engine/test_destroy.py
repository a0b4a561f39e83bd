"""`make down` of a stack that holds something protected: refused as a whole, and nothing is lost."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.api_server import ApiServer
from tools.setup.locations import CHECKOUT
from tools.up.stack import Event, PulumiFailedError, Stack
from tools.up.workspace import Workspace

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi

class Object(pulumi.CustomResource):
    pass

def settings(name, **options):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}
    return Object("kubernetes:core/v1:ConfigMap", name, body, pulumi.ResourceOptions(provider=provider, **options))

config = pulumi.Config()
provider = pulumi.ProviderResource("kubernetes", "cluster", {"kubeconfig": config.require("kubeconfig")})
kept = settings("destroy-kept", protect=config.require_bool("protect"))
settings("destroy-inside", deleted_with=kept)
settings("destroy-beside")
"""
NAMES = {"destroy-kept", "destroy-inside", "destroy-beside"}


@dataclass(frozen=True)
class Elsewhere(Workspace):
    """A project in a folder of the test."""

    root: Path = Path()

    @property
    def folder(self) -> Path:
        return self.root


@pytest.fixture
def stack(tmp_path: Path, api_server: ApiServer) -> Stack:
    workspace = Elsewhere("test", root=tmp_path)
    workspace.state.mkdir()
    workspace.passphrase.write_text("of a stack that lives as long as a test")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    project = {"name": "going", "runtime": {"name": "python", "options": {"virtualenv": str(CHECKOUT / ".venv")}}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    workspace.policy_configuration.write_text("{}")
    stack = Stack(workspace)
    stack.select()
    stack.set_path("going:kubeconfig", str(api_server.kubeconfig))
    return stack


def ignored(event: Event) -> None:
    """Drop an event."""


def remaining(api_server: ApiServer) -> set[str]:
    listing: dict[str, Any] = api_server.client.get("/api/v1/namespaces/default/configmaps").raise_for_status().json()
    return {item["metadata"]["name"] for item in listing["items"]} & NAMES


def test_a_protected_resource_stops_a_destroy_at_once(stack: Stack, api_server: ApiServer):
    stack.set_path("going:protect", "true")
    stack.up(ignored)
    state = stack.workspace.state.joinpath(".pulumi/stacks/going/test.json")
    before = state.read_text()

    with pytest.raises(PulumiFailedError, match="destroy-kept"):
        stack.destroy(ignored)

    assert remaining(api_server) == NAMES
    assert state.read_text() == before

    stack.set_path("going:protect", "false")
    stack.up(ignored)
    assert stack.destroy(ignored).changes["delete"] >= 2
    assert not remaining(api_server) & {"destroy-kept", "destroy-beside"}
