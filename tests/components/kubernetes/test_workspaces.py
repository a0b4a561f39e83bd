"""FineTuneWorkspace and ServeWorkspace: registered objects, identity of runs, refusals."""

import json
from typing import Any

import pulumi
import pytest
import yaml
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneWorkspace
from modelyard.components.kubernetes.workspaces.serve import ServeWorkspace
from modelyard.components.testing import Recorder

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
    [job] = [body for body in engine.objects.values() if body["kind"] == "RayJob"]
    return engine, job


def settings(engine: Recorder) -> dict[str, Any]:
    [config] = [body for body in engine.objects.values() if body["kind"] == "ConfigMap"]
    return json.loads(config["data"]["fine-tune.json"])


def test_a_fine_tune_is_a_job_with_the_objects_it_needs():
    engine, job = fine_tune()
    assert {body["kind"] for body in engine.objects.values()} == {
        "RayJob",
        "ConfigMap",
        "ServiceAccount",
        "NetworkPolicy",
    }
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-a"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/priority-class"] == "normal"
    assert job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["rayStartParams"] == {"num-cpus": "2", "num-gpus": "1"}
    container = _head(job, "rayClusterSpec")["containers"][0]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {
        "claim-corpus": "/mnt/corpus",
        "claim-prose": "/mnt/prose",
        "files": "/etc/modelyard",
    }.items() <= mounts.items()


def test_the_config_map_has_the_jobs_settings():
    engine, job = fine_tune(settings={"epochs": 2}, workers=3.0)
    config = settings(engine)
    assert (config["epochs"], config["workers"], config["cpus_per_worker"], config["gpus_per_worker"]) == (2, 3, 2, 1)
    assert config["results"] == f"pvc://prose/results/{config['name']}"
    assert config["learning_rate"] == 2e-3  # the preset's
    assert job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["replicas"] == 3


@pytest.mark.parametrize(
    ("changes", "new_run", "new_job"),
    [
        pytest.param({}, False, False, id="no change"),
        pytest.param({"image": "registry.example/train:2"}, False, False, id="image"),
        pytest.param({"priority": "high"}, False, False, id="priority"),
        pytest.param({"head": {"cpus": 1, "memory_gib": 8}}, False, True, id="resources of the head"),
        pytest.param({"retries": 0}, False, True, id="retries"),
        pytest.param({"settings": {"epochs": 9}}, True, True, id="setting"),
        pytest.param({"train_data": "pvc://corpus/other"}, True, True, id="data"),
        pytest.param({"settings": {"epochs": 0.35}}, False, False, id="setting that equals the preset's"),
    ],
)
def test_only_other_results_make_a_new_run(changes, new_run, new_job):
    before, job_before = fine_tune()
    after, job_after = fine_tune(**changes)
    assert (settings(before)["name"] != settings(after)["name"]) is new_run
    assert (job_before["metadata"]["name"] != job_after["metadata"]["name"]) is new_job


def test_outputs_name_the_run(engine: Recorder):
    outputs: list[str] = []
    workspace = FineTuneWorkspace("prose", FINE_TUNE)  # type: ignore[arg-type]
    pulumi.Output.all(workspace.job_name, workspace.result_uri, workspace.model_uri).apply(outputs.extend)
    engine.finish()
    job, result, model = outputs
    assert f"RayJob/team-a/{job}" in engine.objects
    assert result.startswith("pvc://prose/results/prose-")
    assert model == f"{result}/model"


REFUSED_FINE_TUNES = [
    pytest.param({"preset": "gpt-2"}, "preset = 'gpt-2': no preset 'gpt-2'; did you mean gpt2", id="unknown preset"),
    pytest.param(
        {"train_data": "somewhere"}, "train_data = 'somewhere': 'somewhere' is not a location", id="malformed location"
    ),
    pytest.param(
        {"results": "s3://bucket/x"},
        "results = 's3://bucket/x': 's3://bucket/x' is not a folder to write to",
        id="results outside a volume",
    ),
    pytest.param(
        {"settings": {"epoch": 1}}, "settings.epoch = 1: is unknown; did you mean 'epochs'?", id="misspelt setting"
    ),
    pytest.param({"settings": {"epochs": 0}}, "settings.epochs = 0: must be greater than 0", id="setting out of range"),
    pytest.param(
        {"worker": {"cpus": 2.0, "memory_gib": 4.0, "gpus": -1}},
        "worker.gpus = -1: must be a whole number, 0 or more",
        id="negative GPUs",
    ),
    pytest.param({"retries": -1}, "retries = -1: must be 0 or more", id="negative retries"),
    pytest.param({"deadline_seconds": 0}, "deadline_seconds = 0: must be 1 or more", id="no time"),
    pytest.param(
        {"volumes": [{"claim": "prose", "size_gib": 1}]},
        "volumes[0].storage_class: needs either storage_class or host_folder to create claim 'prose' from",
        id="volume of no source",
    ),
    pytest.param(
        {"volumes": [{"claim": "prose", "size_gib": 1, "storage_class": "a", "host_folder": "/b"}]},
        "volumes[0].storage_class = 'a': needs either storage_class or host_folder",
        id="volume of two sources",
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED_FINE_TUNES)
def test_a_fine_tune_is_refused_before_registration(engine: Recorder, changes: Any, message: str):
    args: Any = {**FINE_TUNE, **changes}
    with pytest.raises(ArgumentError) as refusal:
        FineTuneWorkspace("prose", args)
    assert str(refusal.value).startswith(f"prose: {message}")
    assert engine.registered == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("Prose", "Prose: name = 'Prose': must start with a lower-case letter", id="capital letter"),
        pytest.param("p" * 39, "has 39 characters; allowed are 38", id="too long"),
    ],
)
def test_a_name_that_kuberay_refuses_is_refused(engine: Recorder, name: str, message: str):
    with pytest.raises(ArgumentError, match=message):
        FineTuneWorkspace(name, FINE_TUNE)  # type: ignore[arg-type]
    assert engine.registered == []


def test_all_faults_of_a_configuration_are_reported():
    with pytest.raises(ArgumentError) as refusal:
        fine_tune(preset="gpt-2", train_data="somewhere", settings={"epoch": 1})
    assert {fault.argument for fault in refusal.value.faults} == {"preset", "train_data", "settings.epoch"}


def test_volumes_from_a_class_a_folder_or_existing():
    volumes = [
        {"claim": "prose", "size_gib": 20.0, "storage_class": "fast"},
        {"claim": "corpus", "size_gib": 1.0, "host_folder": "/volumes/corpus"},
        {"claim": "old"},
    ]
    engine, job = fine_tune(volumes=volumes)
    assert {"PersistentVolumeClaim/team-a/prose", "PersistentVolumeClaim/team-a/corpus"} <= engine.objects.keys()
    assert engine.objects["PersistentVolume/team-a-corpus"]["spec"]["hostPath"]["path"] == "/volumes/corpus"
    assert not [name for name in engine.objects if name.endswith("/old")]
    names = [volume["name"] for volume in _head(job, "rayClusterSpec")["volumes"]]
    assert {"claim-prose", "claim-corpus", "claim-old"} <= set(names)


def serve(**changes: Any) -> tuple[Recorder, dict[str, Any]]:
    engine = Recorder.installed()
    ServeWorkspace("prose-server", {**SERVE, **changes})  # type: ignore[typeddict-item]
    engine.finish()
    return engine, engine.objects["RayService/team-a/prose-server"]


@pytest.mark.parametrize("as_output", [False, True])
def test_a_server_waits_for_the_result_it_serves(as_output):
    engine = Recorder.installed()
    result = "pvc://prose/results/prose-1"
    source = pulumi.Output.from_input(result) if as_output else result
    args: Any = {**SERVE, "preset": "gpt2-tiny", "result": source, "claims": ["prose"]}
    ServeWorkspace("prose-server", args)
    engine.finish()
    server = engine.objects["RayService/team-a/prose-server"]
    [container] = _head(server, "rayClusterConfig")["initContainers"]
    assert container["command"][-2:] == ["--result", "/mnt/prose/results/prose-1"]
    [application] = yaml.safe_load(server["spec"]["serveConfigV2"])["applications"]
    assert application["args"]["model"] == "pvc://prose/results/prose-1/model"
    assert application["args"]["served_model_name"] == "prose-server"
    assert application["args"]["max_batch_tokens"] == 512  # the preset's


def test_the_key_reaches_the_pod_by_reference():
    engine, server = serve(preset="gpt2", api_key="very-secret")
    # One secret value makes the whole field a secret.
    assert engine.objects["Secret/team-a/prose-server-key"]["stringData"] == "<secret>"
    env = _head(server, "rayClusterConfig")["containers"][0]["env"]
    key = {"name": "MODELYARD_API_KEY", "valueFrom": {"secretKeyRef": {"name": "prose-server-key", "key": "key"}}}
    assert key in env
    assert "very-secret" not in repr(engine.registered)


def test_each_copy_has_its_own_pod():
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
def test_the_network_opens_only_for_weights_from_outside(changes, open_to_the_internet):
    engine, _ = serve(**changes)
    egress = engine.objects["NetworkPolicy/team-a/prose-server"]["spec"]["egress"]
    assert any("ipBlock" in peer for rule in egress for peer in rule["to"]) is open_to_the_internet


REFUSED_SERVERS = [
    pytest.param({}, "preset: is missing, and so are model and result; give one to serve", id="no model"),
    pytest.param(
        {"model": "hf://a/b", "result": "pvc://a/b"},
        "model = 'hf://a/b': cannot be given together with result; give one of the two",
        id="two models",
    ),
    pytest.param(
        {"preset": "gpt2-tiny"},
        "preset gpt2-tiny has no published weights; give the folder of a fine-tuned model",
        id="preset without weights",
    ),
    pytest.param(
        {"preset": "gpt-2", "model": "hf://a/b"},
        "preset = 'gpt-2': no preset 'gpt-2'; did you mean gpt2",
        id="unknown preset",
    ),
    pytest.param(
        {"result": "s3://bucket/x"},
        "result = 's3://bucket/x': must be in a volume (pvc://<claim>/<path>)",
        id="result outside a volume",
    ),
    pytest.param({"preset": "gpt2", "replicas": -1}, "replicas = -1: must be 0 or more", id="negative replicas"),
    pytest.param(
        {"preset": "gpt2", "settings": {"max_queue": 0}},
        "settings.max_queue = 0: must be greater than 0",
        id="setting out of range",
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED_SERVERS)
def test_a_server_is_refused_before_registration(engine: Recorder, changes: Any, message: str):
    args: Any = {**SERVE, **changes}
    with pytest.raises(ArgumentError) as refusal:
        ServeWorkspace("prose-server", args)
    assert str(refusal.value).startswith(f"prose-server: {message}")
    assert engine.registered == []


def _head(workload: dict[str, Any], cluster: str) -> dict[str, Any]:
    return workload["spec"][cluster]["headGroupSpec"]["template"]["spec"]
