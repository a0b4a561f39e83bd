"""The plan of each environment, as `make preview` shows it, against the file that was reviewed."""

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bundles.render import render_all
from tools.setup.locations import CHECKOUT

pytestmark = pytest.mark.engine

#: Set to 1, it makes the comparison write its file instead, as with all golden files here.
UPDATE = "MODELYARD_UPDATE_GOLDENS"

GOLDENS = Path(__file__).parent / "goldens"

#: Environments of a cloud, or of machines of one's own.
ENVIRONMENTS = ("aks-dev", "aks-prod", "openshift-onprem", "rosa-dev", "rosa-prod")


@pytest.fixture(scope="module", autouse=True)
def charts():
    """The operators' charts, which environment files name."""
    render_all()


def preview(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.preview", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=180, env=environment
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_plan_equals_the_reviewed_one(environment):
    done = preview("--env", environment, "--properties")

    assert done.returncode == 0, done.stderr
    golden = GOLDENS / f"{environment}.txt"
    if os.environ.get(UPDATE) == "1":
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(done.stdout)
    expected = golden.read_text() if golden.exists() else ""
    changed = difflib.unified_diff(expected.splitlines(), done.stdout.splitlines(), "reviewed", "planned", lineterm="")
    regenerate = f"{UPDATE}=1 .venv/bin/python -m pytest tests/engine/clouds/test_previews.py -k {environment}"
    assert expected == done.stdout, "\n".join(["read the change, then", f"  {regenerate}", *changed])


def test_preview_reads_no_credentials_and_writes_no_files(tmp_path):
    modules = os.environ.get("GOMODCACHE") or str(Path.home() / "go" / "pkg" / "mod")
    given = {
        "HOME": str(tmp_path),
        "GOMODCACHE": modules,  # the language host's script is taken from there
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "AZURE_CLIENT_SECRET": "of-a-real-account",
        "PULUMI_ACCESS_TOKEN": "pul-of-a-real-account",
        "PULUMI_BACKEND_URL": "https://backend.invalid",
    }

    done = preview("--env", "openshift-onprem", "--json", **given)

    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["simulated"] is True
    assert plan["estimate"]["usd_per_hour"] == {"min_nodes": 5.3, "max_nodes": 16.8}
    assert "of-a-real-account" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_policy_violation_stops_the_plan():
    done = preview("--env", "local", "--set", "operators.kueue.image=docker.io/somebody/kueue:1")

    assert done.returncode == 1
    assert "[allowed-registries, high] Deployment kueue-system/kueue-controller-manager" in done.stderr
    assert "Traceback" not in done.stderr


def test_overrides_are_validated_before_the_engine_starts():
    done = preview("--env", "aks-dev", "--set", "node_pools[0].max_nodes=many")

    assert done.returncode == 1
    assert "node_pools[0].max_nodes = 'many': expected a whole number, got text" in done.stderr
