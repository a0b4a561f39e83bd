"""`make up` as a person runs it, on a cluster of its own: the main job on real input, twice, and through faults.

Costs minutes, and covers what nothing cheaper can: that engine, operators, queue, pods, training and serving work
together.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.cluster import machine
from tools.cluster import Instance
from tools.setup.locations import BIN, CHECKOUT
from tools.up.objects import Cluster
from tools.up.watch import JobFailedError, follow
from tools.up.workspace import Workspace

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

NAME = "test-up"
WORKSPACE = Workspace("local", NAME)
# A seventh of the steps of a person's run are enough to see perplexity fall and to resume in the middle.
SETTINGS = "teams[0].workspaces[0].settings"
SHORT = ["--set", f"{SETTINGS}.max_steps=60", "--set", f"{SETTINGS}.checkpoint_every_steps=15"]
UP = [sys.executable, "-m", "tools.up", "--env", "local", "--instance", NAME, *SHORT]


def run_up(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*UP, *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == expect, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done


def kubectl(*arguments: str, given: str | None = None) -> str:
    command = [str(BIN / "kubectl"), "--kubeconfig", str(Instance.from_name(NAME).kubeconfig), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kill_in_stage(marker: str, after: float, number: int) -> None:
    """Start `make up`, and end it with a signal some seconds after it has said `marker`."""
    # A shell that runs the tests in the background ignores Ctrl-C for all of them; a person's terminal does not.
    command = ["env", "--default-signal=INT", *UP]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    for line in process.stdout or ():
        if marker in line:
            break
    time.sleep(after)
    if number == signal.SIGKILL:
        os.killpg(process.pid, number)  # the group is ours: nothing else is in that session
    else:
        process.send_signal(number)
    process.wait(timeout=120)
    if process.stdout:
        process.stdout.close()


@pytest.fixture(scope="module")
def platform() -> Iterator[dict[str, Any]]:
    run_up("--down")
    before = machine.snapshot(without=machine.strangers(NAME))
    instance = Instance.from_name(NAME)
    try:
        # Ended in every stage that changes something, by a person and by the kernel, then once more to the end.
        kill_in_stage("cluster:", 2, signal.SIGINT)
        kill_in_stage("load images:", 0, signal.SIGKILL)
        kill_in_stage("volumes and data:", 0, signal.SIGKILL)
        kill_in_stage("platform:", 2, signal.SIGKILL)
        kill_in_stage("platform:", 12, signal.SIGINT)
        kill_in_stage("fine-tune prose:", 5, signal.SIGINT)
        kill_in_stage("serve prose-server:", 1, signal.SIGKILL)
        yield json.loads(run_up("--json").stdout)
        assert machine.processes_of(instance.state)  # the comparison below can see something
    finally:
        run_up("--down")
    assert not WORKSPACE.folder.exists()
    assert machine.new(before, machine.snapshot(without=machine.strangers(NAME))) == {}
    assert machine.processes_of(instance.state) == []


def test_report_has_every_fact(platform: dict[str, Any]):
    assert {
        "stack", "resources", "changed", "kubeconfig", "perplexity_before", "perplexity_after", "checkpoint",
        "endpoint", "answer", "seconds",
    } <= platform.keys()  # fmt: skip
    assert platform["perplexity_after"] < platform["perplexity_before"] / 2
    assert platform["answer"].strip()
    assert json.loads(WORKSPACE.facts.read_text()) == platform


def test_job_passed_the_queue_and_succeeded(platform: dict[str, Any]):
    job = json.loads(kubectl("get", "rayjob", "-n", "team-a", "-o", "json"))["items"][0]
    assert job["status"]["jobStatus"] == "SUCCEEDED"
    workloads = json.loads(kubectl("get", "workload", "-n", "team-a", "-o", "json"))["items"]
    of_job = [w for w in workloads if w["metadata"]["ownerReferences"][0]["kind"] == "RayJob"]
    assert of_job, workloads
    conditions = {c["type"]: c["status"] for c in of_job[0]["status"]["conditions"]}
    assert conditions["Finished"] == "True"
    assert of_job[0]["status"]["admission"]["clusterQueue"]


def test_transformers_loads_the_checkpoint(platform: dict[str, Any]):
    program = (
        "import sys; from transformers import AutoModelForCausalLM as M, AutoTokenizer as T;"
        "m = M.from_pretrained(sys.argv[1]); t = T.from_pretrained(sys.argv[1]);"
        "print(t.decode(m.generate(**t('The function', return_tensors='pt'), max_new_tokens=8, do_sample=False)[0]))"
    )
    python = CHECKOUT / ".venv-workloads" / "bin" / "python"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    said = subprocess.run(
        [python, "-c", program, platform["checkpoint"]], capture_output=True, text=True, check=False, env=environment
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("The function")


def test_openai_client_streams_from_the_endpoint(platform: dict[str, Any]):
    client = openai.OpenAI(base_url=f"{platform['endpoint']}/v1", api_key=WORKSPACE.serving_key.read_text())
    chunks = client.completions.create(model=platform["model"], prompt="The", max_tokens=12, stream=True, temperature=0)
    pieces = [chunk.choices[0].text for chunk in chunks if chunk.choices]
    assert len(pieces) > 3
    whole = client.completions.create(model=platform["model"], prompt="The", max_tokens=12, temperature=0)
    assert "".join(pieces) == whole.choices[0].text


def test_endpoint_needs_the_key(platform: dict[str, Any]):
    refused = httpx.get(f"{platform['endpoint']}/v1/models", timeout=30)
    assert refused.status_code == 401
    assert refused.json()["error"]["message"]


def test_second_up_changes_nothing(platform: dict[str, Any]):
    facts = json.loads(run_up("--json").stdout)
    assert facts["changed"] == 0
    assert facts["resources"] == platform["resources"]
    assert facts["perplexity_after"] == platform["perplexity_after"]


def test_no_secret_is_in_state_logs_or_process_list(platform: dict[str, Any]):
    secrets = [WORKSPACE.serving_key.read_text(), WORKSPACE.passphrase.read_text()]
    processes = [p.read_bytes().decode(errors="replace") for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    readable = [
        f for f in WORKSPACE.folder.rglob("*") if f.is_file() and f not in (WORKSPACE.serving_key, WORKSPACE.passphrase)
    ]
    for secret in secrets:
        assert not [command for command in processes if secret in command]
        assert not [file for file in readable if secret in file.read_text(errors="replace")]


def test_killed_worker_resumes_from_its_checkpoint(platform: dict[str, Any]):
    """The same job under another name; its worker pod is killed in mid-training and no step is lost but those since."""
    original = json.loads(kubectl("get", "rayjob", "-n", "team-a", "-o", "json"))["items"][0]
    name = "resumed"
    volume = Instance.from_name(NAME).volumes / "team-a" / "prose"
    results = volume / "results" / name
    configuration = json.loads(
        kubectl("get", "configmap", "-n", "team-a", config_map_of(original), "-o", "jsonpath={.data.fine-tune\\.json}")
    )
    configuration |= {"name": name, "results": f"pvc://prose/results/{name}"}
    for map_or_job in (
        {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "team-a"},
            "data": {"fine-tune.json": json.dumps(configuration)},
        },
        renamed(original, name),
    ):  # fmt: skip
        kubectl("apply", "--server-side", "-f", "-", given=json.dumps(map_or_job))
    cluster = Cluster(Instance.from_name(NAME).kubeconfig, is_local=True)
    every = configuration["checkpoint_every_steps"]
    wait_for(lambda: progress(results) > 2 * every, 400)
    worker = json.loads(kubectl("get", "pod", "-n", "team-a", "-l", "ray.io/node-type=worker", "-o", "json"))["items"][
        0
    ]
    killed_at = progress(results)
    kubectl("delete", "pod", "-n", "team-a", worker["metadata"]["name"], "--grace-period=0", "--force")

    seen: list[int] = []
    follow(
        cluster, "team-a", name, results=results, patience=600,
        observe=lambda moment: seen.append(moment.step) if moment.step else None,
    )  # fmt: skip

    metrics = json.loads((results / "metrics.json").read_text())
    assert (results / "SUCCEEDED").exists()
    assert metrics["perplexity_after"] < metrics["perplexity_before"] / 2
    assert metrics["resumed_from_step"] >= killed_at - every
    shutil.rmtree(results)
    kubectl("delete", "rayjob", "-n", "team-a", name)


def test_job_without_quota_names_the_quota(platform: dict[str, Any]):
    original = json.loads(kubectl("get", "rayjob", "-n", "team-a", "-o", "json"))["items"][0]
    greedy = renamed(original, "greedy")
    container = greedy["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0]
    container["resources"] = {
        kind: {**amounts, "nvidia.com/gpu": "9"} for kind, amounts in container["resources"].items()
    }
    kubectl("apply", "--server-side", "-f", "-", given=json.dumps(greedy))
    cluster = Cluster(Instance.from_name(NAME).kubeconfig, is_local=True)
    said: list[str] = []

    with pytest.raises(JobFailedError, match="not ended after 10 s"):
        follow(cluster, "team-a", "greedy", results=None, patience=10, observe=lambda moment: said.append(moment.phase))

    assert any("nvidia.com/gpu" in phase and "insufficient" in phase for phase in said), said
    kubectl("delete", "rayjob", "-n", "team-a", "greedy")


def test_full_disk_is_reported_in_a_sentence():
    """Room for the cluster, none for its images: everything is told, and `make down` clears it away."""
    command = [sys.executable, "-m", "tools.up", "--env", "local", "--instance", "test-full"]
    disk = Path(tempfile.mkdtemp(prefix="yard-"))  # short: containerd's sockets lie below, and theirs are limited
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=2200m", "none", str(disk)])
    variables = {**os.environ, "MODELYARD_STATE": str(disk)}
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=variables, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"{disk}: the disk has " in done.stdout
        assert "Traceback" not in done.stdout + done.stderr
    finally:
        subprocess.run([*command, "--down"], cwd=CHECKOUT, env=variables, check=True, timeout=120)
        subprocess.check_call(["umount", str(disk)])
        disk.rmdir()


def config_map_of(job: dict[str, Any]) -> str:
    volumes = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["volumes"]
    return next(volume["configMap"]["name"] for volume in volumes if "configMap" in volume)


def renamed(job: dict[str, Any], name: str) -> dict[str, Any]:
    """A copy of `job` called `name`, reading the ConfigMap of that name, as a person would write it."""
    text = json.dumps(job["spec"]).replace(f'"{config_map_of(job)}"', f'"{name}"')
    spec = without_the_queues_marks(json.loads(text))
    for field in ("jobId", "rayClusterName"):
        spec.pop(field, None)
    return {
        "apiVersion": job["apiVersion"],
        "kind": job["kind"],
        "metadata": {"name": name, "namespace": job["metadata"]["namespace"], "labels": job["metadata"]["labels"]},
        "spec": {**spec, "suspend": True},
    }


def without_the_queues_marks(value: Any) -> Any:
    """`value` without what Kueue wrote into the pod templates when it admitted the job."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if not key.startswith("kueue.x-k8s.io/")}
        return {key: without_the_queues_marks(one) for key, one in kept.items()}
    return [without_the_queues_marks(one) for one in value] if isinstance(value, list) else value


def progress(results: Path) -> int:
    try:
        return int(json.loads((results / "progress.json").read_text())["step"])
    except (OSError, ValueError, KeyError):
        return 0


def wait_for(condition: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(1)
