"""Inputs that several tests of manifests share."""

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import RayGroups
from modelyard.components.kubernetes.manifests.ray_job import FineTuneJob
from modelyard.components.kubernetes.manifests.ray_pod import FileMount, RayWorkload, SecretVariable
from modelyard.components.kubernetes.manifests.ray_service import ModelServer

ADA = Ownership(team="team-a", owner="ml-platform", cost_center="42", environment="test")

LABELS = {
    "app.kubernetes.io/managed-by": "modelyard",
    "team": "team-a",
    "owner": "ml-platform",
    "cost-center": "42",
    "env": "test",
}

WORKLOAD = RayWorkload(
    name="prose-0a1b2c3d",
    namespace="team-a",
    workspace="prose",
    image="registry.example/train:1",
    queue="team-a",
    priority="normal",
    service_account="prose",
    ownership=ADA,
    claims=("corpus", "prose"),
)

HEAD = PodResources(cpu_millis=300, cpu_limit_millis=2000, memory_mib=1536)

ONE_GPU = FineTuneJob(
    workload=WORKLOAD,
    groups=RayGroups(head=HEAD, workers=2, worker=PodResources(cpu_millis=4000, memory_mib=16384, gpus=1)),
    entrypoint="python -m modelyard.workloads.fine_tune --config /etc/modelyard/fine-tune.json",
    files=FileMount(config_map="prose-0a1b2c3d", folder="/etc/modelyard"),
    deadline_seconds=3600,
    retries=3,
)

ON_CPU = FineTuneJob(
    workload=WORKLOAD,
    groups=RayGroups(head=HEAD, workers=1, worker=PodResources(cpu_millis=800, cpu_limit_millis=2000, memory_mib=2048)),
    entrypoint=ONE_GPU.entrypoint,
    files=ONE_GPU.files,
    deadline_seconds=3600,
    retries=0,
)

KEY = SecretVariable(variable="MODELYARD_API_KEY", secret="prose-server-key", key="key")

ON_THE_HEAD = ModelServer(
    workload=WORKLOAD,
    groups=RayGroups(head=PodResources(cpu_millis=400, memory_mib=2048), head_computes=True, workers=0),
    config={"model": "pvc://prose/results/prose-0a1b2c3d/model", "served_model_name": "prose-server"},
    key=KEY,
    wait=("python", "-m", "modelyard.workloads.serve.wait_for_result", "--result", "/mnt/prose/results/prose-0a1b2c3d"),
)

ON_GPUS = ModelServer(
    workload=WORKLOAD,
    groups=RayGroups(head=HEAD, workers=2, worker=PodResources(cpu_millis=4000, memory_mib=16384, gpus=1)),
    config={"model": "hf://openai-community/gpt2", "replicas": 2, "gpus_per_replica": 1},
    key=None,
)
