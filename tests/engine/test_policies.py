"""The policy pack in the real engine: one rule broken on purpose per test, and the preview is refused.

The rules' own cases are in tests/policies, where they cost milliseconds. These previews show what those cannot: that
the engine loads the pack from its own environment, that it stops the deployment, and what a person then reads.
"""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from modelyard.policies.rules import RULES, Settings, pack_config

from tests.engine.api_server import ApiServer
from tests.policies import manifests as m
from tools.plugins import environment
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

UNKNOWN = {"known only after": "up"}
"""In an object: an output that the preview does not know yet."""

PROGRAM = f"""\
import json
from pathlib import Path

import pulumi
from modelyard.components.kubernetes.manifest import Manifest, no_wait

async def soon(value):
    return value

def filled(value):
    if value == {UNKNOWN!r}:
        return pulumi.Output(soon(set()), soon(None), soon(False))  # what an output is before its resource exists
    if isinstance(value, dict):
        return {{key: filled(inner) for key, inner in value.items()}}
    return [filled(inner) for inner in value] if isinstance(value, list) else value

for name, body in json.loads(Path("objects.json").read_text()).items():
    Manifest(name, filled(body), pulumi.ResourceOptions(), wait=no_wait())
"""

WORKER = "spec|rayClusterSpec|workerGroupSpecs|0|template|spec"
CONTAINER = f"{WORKER}|containers|0"


class Outcome:
    """One finished preview."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output

    @property
    def refused_by(self) -> set[str]:
        """Names of the rules whose violation is mandatory."""
        sections = self.output.split("[mandatory]")[1:]
        return {name for name in RULES for section in sections if f"[{name}, " in section.split("[advisory]")[0]}


Preview = Callable[..., Outcome]


@pytest.fixture(scope="module")
def preview(api_server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Preview:
    """Preview the small good stack with changes, with the policy pack: `preview({token: (path, value)})`."""
    folder = tmp_path_factory.mktemp("policies")
    for name in ("state", "project"):
        (folder / name).mkdir()
    project = folder / "project"
    (folder / "passphrase").write_text("of a stack that is never created")
    (project / "Pulumi.yaml").write_text(
        json.dumps(
            {"name": "broken", "runtime": {"name": "python", "options": {"virtualenv": str(CHECKOUT / ".venv")}}}
        )
    )
    (project / "__main__.py").write_text(PROGRAM)
    variables = environment(
        backend_url=f"file://{folder / 'state'}", passphrase_file=folder / "passphrase", home=folder / "home"
    )
    variables["KUBECONFIG"] = str(api_server.kubeconfig)
    output = folder / "output"

    def pulumi(*arguments: str) -> Outcome:
        # a file, not a pipe: a plugin that ends later than the engine would hold a pipe open
        with output.open("w") as stream:
            command = ["pulumi", *arguments, "--stack", "test", "--non-interactive", "--color", "never"]
            done = subprocess.run(
                command, cwd=project, env=variables, stdout=stream, stderr=subprocess.STDOUT, check=False, timeout=120
            )
        return Outcome(done.returncode, output.read_text())

    def run(change: dict[str, tuple[str, Any]] | None = None, config: dict[str, Any] | None = None) -> Outcome:
        bodies = {token: m.good(token) for token in m.STACK}
        for token, (path, value) in (change or {}).items():
            bodies[token] = m.changed(bodies.get(token) or m.good(token), path, value)
        named = {token.rsplit(":", 1)[1].lower(): body for token, body in bodies.items()}
        (project / "objects.json").write_text(json.dumps(named))
        settings = Settings(capacity={"nvidia.com/gpu": "1", "cpu": "2"})
        (project / "policies.json").write_text(json.dumps(config or pack_config(settings)))
        return pulumi(
            "preview",
            "--policy-pack",
            str(CHECKOUT / "policies"),
            "--policy-pack-config",
            str(project / "policies.json"),
        )

    created = pulumi("stack", "init")
    assert created.code == 0, created.output
    assert (CHECKOUT / "policies" / ".venv").exists(), "run: uv sync --frozen --project policies"
    return run


def test_a_stack_that_keeps_every_rule_passes(preview):
    outcome = preview()

    assert outcome.code == 0, outcome.output
    assert "modelyard@v" in outcome.output
    assert "[mandatory]" not in outcome.output
    assert "[advisory]" not in outcome.output


BROKEN = {
    "pod-resources": (m.RAY_JOB, f"{CONTAINER}|resources|limits|memory", m.GONE, "does not set limits.memory"),
    "gpu-requests": (m.RAY_JOB, f"{CONTAINER}|resources|limits|nvidia.com/gpu", "1.5", "requests 1 of nvidia.com/gpu"),
    "gpu-toleration": (m.RAY_JOB, f"{WORKER}|tolerations", [], "does not tolerate the taint `nvidia.com/gpu`"),
    "pinned-images": (m.RAY_JOB, f"{CONTAINER}|image", "quay.io/kuberay/ray:latest", "has the moving tag `latest`"),
    "allowed-registries": (m.RAY_JOB, f"{CONTAINER}|image", "ray:2.60.0", "comes from `docker.io/library/ray`"),
    "non-root": (m.RAY_JOB, f"{WORKER}|securityContext|runAsNonRoot", False, "may run as root"),
    "host-paths": (
        m.RAY_JOB,
        f"{WORKER}|volumes|0",
        {"name": "data", "hostPath": {"path": "/etc"}},
        "lies at `/etc` of the node",
    ),
    "no-plain-credentials": (
        m.RAY_JOB,
        f"{CONTAINER}|env",
        [{"name": "HF_TOKEN", "value": "hunter2"}],
        "`HF_TOKEN` has a literal value (not shown)",
    ),
    "no-public-service": (m.SERVICE, "spec|type", "NodePort", "the Service is of type NodePort"),
    "queue-label": (m.RAY_JOB, "metadata|labels", {}, "the RayJob names no queue"),
    "ray-job-shutdown": (
        m.RAY_JOB,
        "spec|shutdownAfterJobFinishes",
        False,
        "the cluster of the RayJob outlives the job",
    ),
    "namespace-labels": (m.NAMESPACE, "metadata|labels|cost-center", m.GONE, "missing: cost-center"),
    "quota-within-capacity": (
        m.CLUSTER_QUEUE,
        "spec|resourceGroups|0|flavors|0|resources|1|nominalQuota",
        "8",
        "promise 8 of nvidia.com/gpu in total (team-a 8), and the nodes have 1",
    ),
    "tenant-network-policy": (m.NETWORK_POLICY, "spec|policyTypes", ["Egress"], "not the one it needs"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_one_broken_rule_stops_the_stack_and_gives_the_fix(preview, rule):
    token, path, value, says = BROKEN[rule]

    outcome = preview({token: (path, value)})

    assert outcome.code != 0, outcome.output
    assert outcome.refused_by == {rule}, outcome.output
    assert says in outcome.output
    assert f"Fix: {RULES[rule].fix}" in outcome.output
    assert "hunter2" not in outcome.output


def test_an_unknown_value_is_an_advisory_at_preview(preview):
    outcome = preview({m.RAY_JOB: (f"{CONTAINER}|image", UNKNOWN)})

    assert outcome.code == 0, outcome.output
    path = "spec.rayClusterSpec.workerGroupSpecs[0].template.spec.containers[0].image"
    assert (
        f"not known before `pulumi up`: pinned-images needs {path}; allowed-registries needs {path}" in outcome.output
    )


def test_a_wrong_configuration_is_refused(preview):
    outcome = preview(config={"resources": {"registires": ["quay.io"]}})

    assert outcome.code != 0
    assert "registires: there is no such setting; did you mean 'registries'?" in outcome.output


def test_the_engine_itself_refuses_a_value_of_the_wrong_type(preview):
    outcome = preview(config={"resources": {"production": "yes"}})

    assert outcome.code != 0
    assert "production" in outcome.output
    assert "boolean" in outcome.output
