"""Fine-tuning a preset in a team's queue.

FineTuneWorkspace("prose", {
    "ownership": {"team": "team-a", "owner": "ml-platform", "cost_center": "42", "environment": "prod"},
    "namespace": team.namespace,
    "queue": team.queue,
    "image": "registry.example/modelyard-train@sha256:…",
    "preset": "gpt2",
    "train_data": "pvc://prose/data/train.txt",
    "results": "pvc://prose/results",
    "volumes": [{"claim": "prose", "size_gib": 20, "storage_class": "managed-premium"}],
    "worker": {"cpus": 4, "memory_gib": 16, "gpus": 1},
})
"""

import hashlib
import json
from dataclasses import asdict
from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes import volume
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests import network_policy
from modelyard.components.kubernetes.manifests.config_map import config_map
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import Groups
from modelyard.components.kubernetes.manifests.ray_job import FineTuneJob, ray_job
from modelyard.components.kubernetes.manifests.ray_pod import FileMount, RayWorkload
from modelyard.components.kubernetes.manifests.service_account import service_account
from modelyard.components.kubernetes.operators import kube_ray
from modelyard.components.kubernetes.resources import PodResourcesArgs, shape
from modelyard.components.kubernetes.volume import VolumeArgs
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.components.kubernetes.workspaces.names import checked, claims_of, needs_internet
from modelyard.workloads.fine_tune.config import FineTuneConfig
from typing_extensions import TypedDict

#: A run is started once. Settings that make it another run are in its name; what else would change in place, an image
#: or a label of its pods, counts from the next run on: Kueue would suspend a running job whose containers change, and
#: drop its record of a finished one (Kueue 0.19.2, ensureOneWorkload).
CONTROLLER_FIELDS = ("spec",)

FOLDER = "/etc/modelyard"
FILE = "fine-tune.json"

#: The head runs Ray's own services and the driver. Measured while it trained gpt2-tiny: 2.0 GiB resident, 2.4 at most
#: (Ray 2.60, torch 2.13, train image of 2026-11); Ray kills the driver at 95 % of the limit.
HEAD = PodResources(cpu_millis=300, cpu_limit_millis=2000, memory_mib=3072)


class FineTuneWorkspaceArgs(TypedDict):
    """What to fine-tune, on what, where, and with how much."""

    ownership: OwnershipArgs
    """Whose it is."""
    namespace: pulumi.Input[str]
    """The team's namespace."""
    queue: pulumi.Input[str]
    """Local queue in that namespace."""
    image: pulumi.Input[str]
    """Training image, by digest or by a tag that never moves. A new one counts for new runs: a run keeps its own."""
    preset: str
    """Model family and size."""
    model: NotRequired[str]
    """Weights to start from: `hf://…`, `pvc://…`. Default: the preset's architecture with random weights."""
    tokenizer: NotRequired[str]
    """Default: that of `model`, or one trained on the data."""
    train_data: str
    """Training text: `pvc://claim/path` or `s3://bucket/prefix`."""
    validation_data: NotRequired[str]
    """Held-out text. Default: the last tenth of the training text."""
    results: str
    """Folder, as `pvc://claim/path`, under which each run gets its own folder."""
    settings: NotRequired[dict[str, Any]]
    """Other fields of FineTuneConfig, e.g. `epochs`. Default: the preset's."""
    volumes: NotRequired[list[VolumeArgs]]
    """Claims that the URIs name."""
    workers: NotRequired[int]
    """Ray workers. Default 1."""
    worker: PodResourcesArgs
    """Each worker's pod."""
    head: NotRequired[PodResourcesArgs]
    """The head's pod. Default 0.3 cores, 3 GiB."""
    priority: NotRequired[pulumi.Input[str]]
    """Workload priority class. Default `normal`."""
    deadline_seconds: NotRequired[int]
    """The job fails when it runs longer. Default one day."""
    retries: NotRequired[int]
    """New clusters after a failed one; each resumes from the last checkpoint. Default 3."""
    identity: NotRequired[WorkspaceIdentityArgs]
    """What the pods are in the cloud. Default: nobody."""


class FineTuneWorkspace(Component):
    """A RayJob that fine-tunes a preset once Kueue admits it, and all that it needs in the team's namespace.

    A run is identified by its configuration: change the data or a setting, and a new run starts in a new folder, while
    the old folder stays. A job is identified by its run, its pods and its limits: give it more memory, and a new job
    takes the old one's place and goes on with the same run. A new image alone repeats nothing that is finished.
    """

    job_name: pulumi.Output[str]
    """Name of the RayJob."""
    result_uri: pulumi.Output[str]
    """Folder with metrics, checkpoints and the marker of this run."""
    model_uri: pulumi.Output[str]
    """Folder with the fine-tuned model."""

    def __init__(self, name: str, args: FineTuneWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        config = run_config(name, args)
        uris = [args["train_data"], args.get("validation_data"), args.get("model"), args.get("tokenizer")]
        made = [volume.checked(one) for one in args.get("volumes", [])]
        claims = claims_of([*uris, args["results"]], made)
        super().__init__("modelyard:index:FineTuneWorkspace", name, None, opts)
        whose = parse_ownership(args["ownership"])
        namespace: Any = args["namespace"]  # an output fits wherever a builder only places a value
        run, groups = config["name"], _groups(args)
        deadline, retries = int(args.get("deadline_seconds", 86400)), int(args.get("retries", 3))
        identity: Any = args.get("identity", {})
        labels = dict(identity.get("pod_labels", {}))
        # Labels are part of the pods and so of the job; without any, jobs keep the names that they always had.
        job_name = f"{name}-{_digest([config, asdict(groups), deadline, retries, *([labels] if labels else [])])}"

        before: list[pulumi.Resource] = []
        for one in made:
            before += volume.register(self, one, namespace, whose, opts)
        policy = network_policy.ray_workspace(
            name,
            namespace,
            whose,
            operator_namespace=kube_ray.NAMESPACE,
            internet=needs_internet(uris) or bool(identity),  # the cloud's token service is outside
        )
        settings = config_map(run, namespace, whose, file=FILE, content=config)
        for kind, body in {
            "account": service_account(name, namespace, whose, identity.get("annotations")),
            "network": policy,
            "settings": settings,
        }.items():
            before.append(Manifest(f"{name}-{kind}", body, child_options(self, opts), wait=no_wait()))

        queue: Any = args["queue"]
        image: Any = args["image"]
        priority: Any = args.get("priority", "normal")
        job = FineTuneJob(
            workload=RayWorkload(
                name=job_name,
                namespace=namespace,
                workspace=name,
                image=image,
                queue=queue,
                priority=priority,
                service_account=name,
                ownership=whose,
                claims=claims,
                pod_labels=labels,
            ),
            groups=groups,
            entrypoint=f"python -m modelyard.workloads.fine_tune --config {FOLDER}/{FILE}",
            files=FileMount(config_map=run, folder=FOLDER),
            deadline_seconds=deadline,
            retries=retries,
        )
        self.job = Manifest(
            f"{name}-job",
            ray_job(job),
            child_options(self, opts, depends_on=before),
            wait=no_wait(),  # it may queue for hours
            controller_fields=CONTROLLER_FIELDS,
            force=True,
        )
        self.job_name = pulumi.Output.from_input(job_name)
        self.result_uri = pulumi.Output.from_input(config["results"])
        self.model_uri = pulumi.Output.from_input(f"{config['results']}/model")
        self.register_outputs({
            "job_name": self.job_name, "result_uri": self.result_uri, "model_uri": self.model_uri,
        })  # fmt: skip


def run_config(name: str, args: FineTuneWorkspaceArgs) -> dict[str, Any]:
    """The configuration of the run, checked by the code that will read it in the job.

    Its name is the workspace's plus a hash of everything else, so that equal settings are the same run.

    Raises:
        pydantic.ValidationError: a setting is wrong.
        ValueError: `name` cannot be part of a RayJob's name.
    """
    checked(name, 38)  # KubeRay allows 47 characters (1.6.2, MaxRayJobNameLength); 9 are the hash
    workers, worker = int(args.get("workers", 1)), shape(args["worker"])
    given: dict[str, Any] = {
        "name": name,
        "preset": args["preset"],
        "train_data": args["train_data"],
        "results": args["results"].rstrip("/"),
        "workers": workers,
        "cpus_per_worker": max(1, worker.cpu_millis // 1000),
        "gpus_per_worker": worker.gpus,
        "model": args.get("model"),
        "tokenizer": args.get("tokenizer"),
        "validation_data": args.get("validation_data"),
        **args.get("settings", {}),
    }
    complete = FineTuneConfig.model_validate(given).model_dump(mode="json")
    run = f"{name}-{_digest(complete)}"
    return {**complete, "name": run, "results": f"{complete['results']}/{run}"}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def _groups(args: FineTuneWorkspaceArgs) -> Groups:
    return Groups(
        head=shape(args["head"]) if "head" in args else HEAD,
        workers=int(args.get("workers", 1)),
        worker=shape(args["worker"]),
    )
