"""Components from a program that knows them by their published schema only, as a program in TypeScript or YAML does."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.engine.plugins.stack import Run, Stack
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

PROGRAM = """
import json
import pulumi

given = json.load(open("given.json"))

class Remote(pulumi.ComponentResource):
    def __init__(self):
        outputs = dict.fromkeys(given["outputs"])
        super().__init__(f"modelyard:index:{given['component']}", "it", given["inputs"] | outputs, None, True)
        for name in outputs:
            pulumi.export(name, getattr(self, name))

Remote()
"""

OWNERSHIP = {"team": "team-a", "owner": "ml-platform", "costCenter": "42", "environment": "test"}
POOL: dict[str, Any] = {
    "kind": "openshift",
    "openshift": {"template": {}},
    "ownership": OWNERSHIP,
    "instanceType": "g6.4xlarge",
    "maxNodes": 4,
}
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: one, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
contexts: [{name: here, context: {cluster: one, user: me}}]
"""


class Case(NamedTuple):
    inputs: dict[str, Any]
    messages: list[str]


class Consumer:
    """A stack with one component of the package."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, {})
        project = {
            "name": "conformance",
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
            "plugins": {"providers": [{"name": "modelyard", "path": str(CHECKOUT / "components")}]},
        }
        (folder / "Pulumi.yaml").write_text(json.dumps(project))
        (folder / "__main__.py").write_text(PROGRAM)

    def preview(self, component: str, inputs: dict[str, Any], *, outputs: tuple[str, ...] = (), fails: bool) -> Run:
        given = {"component": component, "inputs": inputs, "outputs": outputs}
        (self.stack.folder / "given.json").write_text(json.dumps(given))
        return self.stack.command("preview", fails=fails)


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    return Consumer(tmp_path)


def test_a_component_is_previewed(consumer: Consumer):
    run = consumer.preview("ExistingCluster", {"kubeconfig": KUBECONFIG}, outputs=("server",), fails=False)

    assert "https://127.0.0.1:1" in run.text
    assert run.operations("it") == ["create", "create"]


REFUSED = {
    "unknown key": Case({"sopt": True}, ["sopt with value '{true}' has a problem: is unknown; did you mean 'spot'?"]),
    "unknown nested key": Case(
        {"ownership": OWNERSHIP | {"teem": "b"}},
        ["ownership.teem with value '{b}' has a problem: is unknown; did you mean 'team'?"],
    ),
    "two values of other types": Case(
        {"spot": "yes", "zones": "us-east-1a"},
        [
            "spot with value '{yes}' has a problem: must be true or false, got text",
            "zones with value '{us-east-1a}' has a problem: must be a list, got text",
        ],
    ),
    "a rule of the component": Case(
        {"minNodes": 5, "kind": "karpenter", "openshift": None, "karpenter": {"cloud": "aws"}},
        [
            "minNodes with value '{5}' has a problem: karpenter cannot have nodes that always run (min_nodes above 0): "
            "Karpenter starts nodes for pods that wait; aks, rosa, openshift can (karpenter.sh/v1, NodePool)"
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_argument_names_property_and_rule(consumer: Consumer, case: Case):
    run = consumer.preview("GpuNodePool", POOL | case.inputs, fails=True)

    # The consumer's own SDK may add that its engine went away; the first error is the component's.
    title, *properties = run.messages("error")[0].splitlines()
    assert title.strip() == "modelyard:index:GpuNodePool resource 'it' has a problem:"
    assert [line.strip() for line in properties] == [f"- property {message}" for message in case.messages]
    assert run.operations("it") == []
