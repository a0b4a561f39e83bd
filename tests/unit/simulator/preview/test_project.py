"""The folder of a plan: what the program is kept from, and what it finds in place of a cloud."""

import json
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from modelyard.stacks.environment.environment import KEY

from simulator.preview import project
from simulator.preview.project import SimulatedStack, TemporaryWorkspace
from tools.setup.locations import CHECKOUT


@pytest.fixture
def workspace(tmp_path: Path) -> TemporaryWorkspace:
    root = tmp_path / "plan"
    root.mkdir()
    return TemporaryWorkspace("openshift-onprem", root=root)


def test_program_sees_no_credentials_and_our_plugins_first(workspace, monkeypatch):
    for name in (
        "AWS_PROFILE",
        "AZURE_CLIENT_SECRET",
        "ARM_CLIENT_ID",
        "KUBECONFIG",
        "RHCS_TOKEN",
        "PULUMI_ACCESS_TOKEN",
    ):
        monkeypatch.setenv(name, "real")
    monkeypatch.setenv("LANG", "C.UTF-8")
    (workspace.folder / "state").mkdir()

    variables = SimulatedStack(workspace).variables()

    assert "real" not in variables.values()
    assert variables["LANG"] == "C.UTF-8"
    assert variables["PATH"].split(":")[0] == str(workspace.plugins)
    assert variables["MODELYARD_SIMULATED_CLOUDS"] == str(workspace.folder / "clouds")
    assert variables["PULUMI_HOME"] == str(workspace.folder / "home")


def test_existing_cluster_is_replaced_by_an_unreachable_one(workspace):
    workspace.prepare(project._machine_values(workspace))

    written = yaml.safe_load(workspace.stack_file.read_text())["config"][KEY]["cluster"]
    kubeconfig = Path(written["kubeconfig"])
    assert kubeconfig == workspace.folder / "kubeconfig"
    assert yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"] == "https://planned.invalid"
    assert stat.S_IMODE(workspace.passphrase.stat().st_mode) == 0o600
    definition = yaml.safe_load((workspace.folder / "Pulumi.yaml").read_text())
    assert definition["runtime"]["options"]["virtualenv"] == str(CHECKOUT / ".venv")


@pytest.mark.parametrize(
    ("train", "added"),
    [("registry.example/train:1", ["registry.example"]), ("registry.example.com/train:1", []), (None, [])],
)
def test_only_example_registries_are_allowed(workspace, train, added):
    environment = SimpleNamespace(images=SimpleNamespace(train=train, serve=None))
    file = workspace.folder / "policies.json"
    file.write_text(json.dumps({"resources": {"capacity": {}}}))

    project._allow_placeholders(environment, file)  # type: ignore[arg-type]  # all that it reads

    for settings in json.loads(file.read_text()).values():
        assert [one for one in settings.get("registries", []) if one.startswith("registry.example")] == added


def test_provider_without_a_cluster_creates_nothing():
    from simulator.preview.planned_kubernetes import ONLY_PLANS, PlannedKubernetes  # noqa: PLC0415 - bare Pulumi modules
    from tools.plugins.protocol import provider_pb2  # noqa: PLC0415

    class RefusedError(Exception):
        pass

    class Context:
        def abort(self, _code: object, text: str) -> None:
            raise RefusedError(text)

    provider = PlannedKubernetes("")
    planned = provider.Create(provider_pb2.CreateRequest(preview=True), Context())  # type: ignore[arg-type]

    assert planned.id == ""
    with pytest.raises(RefusedError, match=ONLY_PLANS.split("`")[0]):
        provider.Create(provider_pb2.CreateRequest(), Context())  # type: ignore[arg-type]
