"""FineTuneWorkspace and ServeWorkspace: what they register, how runs are told apart, what is refused."""

import json
from typing import Any

import pulumi
import pytest
import yaml
from modelyard.components.kubernetes.volume import VolumeError
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace, ServeWorkspaceError
from modelyard.components.testing import Recorder
from pydantic import ValidationError

ADA = {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "test"}

FINE_TUNE: dict[str, Any] = {
    "ownership": ADA,
    "namespace": "team-a",
    "queue": "team-a",
    "image": "registry.example/train:1",
    "preset": "gpt2-tiny",
    "train_data": "pvc://corpus/prose",
    "results": "pvc://prose/results",
    "worker": {"cpus": 2.0, "memory_gib": 4.0, "gpus": 1.0},
}

SERVE: dict[str, Any] = {
    "ownership": ADA,
    "namespace": "team-a",
    "queue": "team-a",
    "image": "registry.example/serve:1",
    "replica": {"cpus": 1.0, "memory_gib": 4.0},
}


def fine_tune(**changes: Any) -> tuple[Recorder, dict[str, Any]]:
    engine = Recorder.installed()
    FineTuneWorkspace("prose", {**FINE_TUNE, **changes})  # type: ignore[typeddict-item]
    engine.finish()
    [job] = [one for one in engine.objects.values() if one["kind"] == "RayJob"]
    return engine, job


def settings(engine: Recorder) -> dict[str, Any]:
    [config] = [one for one in engine.objects.values() if one["kind"] == "ConfigMap"]
    return json.loads(config["data"]["fine-tune.json"])


def test_a_fine_tune_is_a_job_and_what_it_needs():
    engine, job = fine_tune()
    assert {one["kind"] for one in engine.objects.values()} == {
        "RayJob",
        "ConfigMap",
        "ServiceAccount",
        "NetworkPolicy",
    }
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-a"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/priority-class"] == "normal"
    assert job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["rayStartParams"] == {"num-cpus": "2", "num-gpus": "1"}
    mounts = {one["name"]: one["mountPath"] for one in _head(job, "rayClusterSpec")["containers"][0]["volumeMounts"]}
    assert {
        "claim-corpus": "/mnt/corpus",
        "claim-prose": "/mnt/prose",
        "files": "/etc/modelyard",
    }.items() <= mounts.items()


def test_the_job_reads_exactly_its_settings():
    engine, job = fine_tune(settings={"epochs": 2}, workers=3.0)
    config = settings(engine)
    assert (config["epochs"], config["workers"], config["cpus_per_worker"], config["gpus_per_worker"]) == (2, 3, 2, 1)
    assert config["results"] == f"pvc://prose/results/{config['name']}"
    assert config["learning_rate"] == 2e-3  # the preset's
    assert job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["replicas"] == 3


@pytest.mark.parametrize(
    ("changes", "new_run", "new_job"),
    [
        ({}, False, False),
        ({"image": "registry.example/train:2"}, False, False),
        ({"priority": "high"}, False, False),
        ({"head": {"cpus": 1, "memory_gib": 8}}, False, True),
        ({"retries": 0}, False, True),
        ({"settings": {"epochs": 9}}, True, True),
        ({"train_data": "pvc://corpus/other"}, True, True),
        ({"settings": {"epochs": 0.35}}, False, False),  # what the preset says anyway
    ],
    ids=str,
)
def test_what_makes_a_new_run(changes, new_run, new_job):
    before, job_before = fine_tune()
    after, job_after = fine_tune(**changes)
    assert (settings(before)["name"] != settings(after)["name"]) is new_run
    assert (job_before["metadata"]["name"] != job_after["metadata"]["name"]) is new_job


def test_outputs_name_the_run(engine: Recorder):
    seen: list[str] = []
    made = FineTuneWorkspace("prose", FINE_TUNE)  # type: ignore[arg-type]
    pulumi.Output.all(made.job_name, made.result_uri, made.model_uri).apply(seen.extend)
    engine.finish()
    job, result, model = seen
    assert f"RayJob/team-a/{job}" in engine.objects
    assert result.startswith("pvc://prose/results/prose-")
    assert model == f"{result}/model"


@pytest.mark.parametrize(
    ("name", "changes", "error", "message"),
    [
        ("prose", {"preset": "gpt-2"}, ValidationError, "no preset 'gpt-2'; did you mean gpt2"),
        ("prose", {"train_data": "somewhere"}, ValidationError, "'somewhere' is not a location"),
        ("prose", {"results": "s3://bucket/x"}, ValidationError, "not a folder to write to"),
        ("prose", {"settings": {"epoch": 1}}, ValidationError, "epoch"),
        ("Prose", {}, ValueError, "must start with a lower-case letter"),
        ("p" * 39, {}, ValueError, "has 39 characters; allowed are 38"),
    ],
)
def test_a_fine_tune_is_refused_before_anything_is_registered(engine: Recorder, name, changes, error, message):
    args: Any = {**FINE_TUNE, **changes}
    with pytest.raises(error, match=message):
        FineTuneWorkspace(name, args)
    assert engine.registered == []


def test_volumes_by_class_and_by_folder():
    volumes = [
        {"claim": "prose", "size_gib": 20.0, "storage_class": "fast"},
        {"claim": "corpus", "size_gib": 1.0, "host_folder": "/volumes/corpus"},
        {"claim": "old"},
    ]
    engine, job = fine_tune(volumes=volumes)
    assert {"PersistentVolumeClaim/team-a/prose", "PersistentVolumeClaim/team-a/corpus"} <= engine.objects.keys()
    assert engine.objects["PersistentVolume/team-a-corpus"]["spec"]["hostPath"]["path"] == "/volumes/corpus"
    assert not [name for name in engine.objects if name.endswith("/old")]
    names = [one["name"] for one in _head(job, "rayClusterSpec")["volumes"]]
    assert {"claim-prose", "claim-corpus", "claim-old"} <= set(names)


@pytest.mark.parametrize("volume", [{}, {"storage_class": "a", "host_folder": "/b"}])
def test_a_volume_of_nothing_or_of_both_is_refused(engine: Recorder, volume):
    args: Any = {**FINE_TUNE, "volumes": [{"claim": "prose", "size_gib": 1, **volume}]}
    with pytest.raises(VolumeError, match="needs either storage_class or host_folder"):
        FineTuneWorkspace("prose", args)
    assert engine.registered == []


def serve(**changes: Any) -> tuple[Recorder, dict[str, Any]]:
    engine = Recorder.installed()
    ServeWorkspace("prose-server", {**SERVE, **changes})  # type: ignore[typeddict-item]
    engine.finish()
    return engine, engine.objects["RayService/team-a/prose-server"]


@pytest.mark.parametrize("as_output", [False, True])
def test_a_server_waits_for_the_result_it_serves(as_output):
    engine = Recorder.installed()
    result = "pvc://prose/results/prose-1"
    given = pulumi.Output.from_input(result) if as_output else result
    args: Any = {**SERVE, "preset": "gpt2-tiny", "result": given, "claims": ["prose"]}
    ServeWorkspace("prose-server", args)
    engine.finish()
    server = engine.objects["RayService/team-a/prose-server"]
    [waiting] = _head(server, "rayClusterConfig")["initContainers"]
    assert waiting["command"][-2:] == ["--result", "/mnt/prose/results/prose-1"]
    [application] = yaml.safe_load(server["spec"]["serveConfigV2"])["applications"]
    assert application["args"]["model"] == "pvc://prose/results/prose-1/model"
    assert application["args"]["served_model_name"] == "prose-server"
    assert application["args"]["max_batch_tokens"] == 512  # the preset's


def test_the_key_is_a_secret_and_reaches_the_pod_by_reference():
    engine, server = serve(preset="gpt2", api_key="very-secret")
    assert (
        engine.objects["Secret/team-a/prose-server-key"]["stringData"] == "<secret>"
    )  # one secret makes the field one
    env = _head(server, "rayClusterConfig")["containers"][0]["env"]
    key = {"name": "MODELYARD_API_KEY", "valueFrom": {"secretKeyRef": {"name": "prose-server-key", "key": "key"}}}
    assert key in env
    assert "very-secret" not in repr(engine.registered)


def test_copies_get_pods_of_their_own():
    _, server = serve(preset="gpt2", replicas=2.0, replica={"cpus": 4, "memory_gib": 16, "gpus": 1})
    cluster = server["spec"]["rayClusterConfig"]
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert cluster["workerGroupSpecs"][0]["replicas"] == 2
    [application] = yaml.safe_load(server["spec"]["serveConfigV2"])["applications"]
    assert (application["args"]["replicas"], application["args"]["gpus_per_replica"]) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "open_to_the_internet"),
    [({"preset": "gpt2"}, True), ({"model": "hf://a/b"}, True), ({"model": "pvc://m/x"}, False)],
)
def test_the_network_opens_only_where_weights_come_from_outside(changes, open_to_the_internet):
    engine, _ = serve(**changes)
    egress = engine.objects["NetworkPolicy/team-a/prose-server"]["spec"]["egress"]
    assert any("ipBlock" in peer for rule in egress for peer in rule["to"]) is open_to_the_internet


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({}, ServeWorkspaceError, "has nothing to serve; give preset, model or result"),
        ({"model": "hf://a/b", "result": "pvc://a/b"}, ServeWorkspaceError, "has both model and result"),
        ({"preset": "gpt2-tiny"}, ValidationError, "has no published weights"),
        ({"preset": "gpt-2", "model": "hf://a/b"}, ValidationError, "did you mean gpt2"),
        ({"result": "s3://bucket/x"}, ServeWorkspaceError, "a result must be in a volume"),
    ],
)
def test_a_server_is_refused_before_anything_is_registered(engine: Recorder, changes, error, message):
    args: Any = {**SERVE, **changes}
    with pytest.raises(error, match=message):
        ServeWorkspace("prose-server", args)
    assert engine.registered == []


def _head(workload: dict[str, Any], cluster: str) -> dict[str, Any]:
    return workload["spec"][cluster]["headGroupSpec"]["template"]["spec"]
