"""Fine-tuning of a preset in a team's queue.

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
from dataclasses import asdict, dataclass
from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.config_map import config_map
from modelyard.components.kubernetes.manifests.network_policy import ray_network
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import RayGroups
from modelyard.components.kubernetes.manifests.ray_job import FineTuneJob, ray_job
from modelyard.components.kubernetes.manifests.ray_pod import FileMount, RayWorkload
from modelyard.components.kubernetes.manifests.service_account import service_account
from modelyard.components.kubernetes.operators import kube_ray
from modelyard.components.kubernetes.resources import PodResourcesArgs, validate_resources
from modelyard.components.kubernetes.volume import VolumeArgs, create_volume, validate_volumes
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.components.kubernetes.workspaces.validation import (
    configuration_error,
    list_claims,
    needs_internet,
    validate_workspace_name,
)
from modelyard.workloads.fine_tune.config import FineTuneConfig
from pydantic import ValidationError
from typing_extensions import TypedDict

CONTROLLER_FIELDS = ("spec",)
"""A run is started once. Settings that make it another run are in its name; other changes, such as an image or a label
of its pods, apply from the next run on: Kueue would suspend a running job whose containers change, and drop its record
of a finished one (Kueue 0.19.2, ensureOneWorkload)."""

FOLDER = "/etc/modelyard"
FILE = "fine-tune.json"

HEAD = PodResources(cpu_millis=300, cpu_limit_millis=2000, memory_mib=3072)
"""Resources of the head, which runs Ray's own services and the driver. Measured while it trained gpt2-tiny: 2.0 GiB
resident, 2.4 at most (Ray 2.60, torch 2.13, train image of 2026-11); Ray kills the driver at 95 % of the limit."""


class FineTuneWorkspaceArgs(TypedDict):
    """Model, data, place and compute of a fine-tune."""

    ownership: OwnershipArgs
    """Ownership of all objects."""
    namespace: pulumi.Input[str]
    """The team's namespace."""
    queue: pulumi.Input[str]
    """Local queue in that namespace."""
    image: pulumi.Input[str]
    """Training image, by digest or by a tag that never moves. A new one applies to new runs: a run keeps its own."""
    preset: str
    """Preset, which sets model family and size."""
    model: NotRequired[str]
    """Weights to start from: `hf://…`, `pvc://…`. Default: the preset's architecture with random weights."""
    tokenizer: NotRequired[str]
    """Tokenizer: `hf://…`, `pvc://…`. Default: that of `model`, or one trained on the data."""
    train_data: str
    """Training text: `pvc://claim/path` or `s3://bucket/prefix`."""
    validation_data: NotRequired[str]
    """Held-out text. Default: the last tenth of the training text."""
    results: str
    """Folder, as `pvc://claim/path`, that receives a folder for each run."""
    settings: NotRequired[dict[str, Any]]
    """Other fields of FineTuneConfig, e.g. `epochs`. Default: the preset's."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volume claims that the locations above name."""
    workers: NotRequired[int]
    """Number of Ray workers. Default 1."""
    worker: PodResourcesArgs
    """Resources of each worker's pod."""
    head: NotRequired[PodResourcesArgs]
    """Resources of the head's pod. Default 0.3 cores, 3 GiB."""
    priority: NotRequired[pulumi.Input[str]]
    """Workload priority class. Default `normal`."""
    deadline_seconds: NotRequired[int]
    """Longest run of the job; then it fails. Default one day."""
    retries: NotRequired[int]
    """New clusters after a failed one; each resumes from the last checkpoint. Default 3."""
    identity: NotRequired[WorkspaceIdentityArgs]
    """Cloud identity of the pods. Default: none; they then reach no cloud storage."""


_ARGUMENTS = {
    **{key: key for key in ("name", "preset", "model", "tokenizer", "train_data", "validation_data")},
    **{key: key for key in ("results", "workers")},
    "cpus_per_worker": "worker.cpus",
    "gpus_per_worker": "worker.gpus",
}
"""Argument that each field of FineTuneConfig comes from; the others are `settings`."""


@dataclass(frozen=True, kw_only=True)
class FineTuneSpec:
    """Validated fine-tune."""

    config: dict[str, Any]
    """Fields of FineTuneConfig, with the name and the folder of this run."""
    groups: RayGroups
    claims: tuple[str, ...]
    """Volume claims that the pods mount."""
    needs_internet: bool
    """Data or model are read from outside the cluster."""
    deadline_seconds: int
    retries: int


class FineTuneWorkspace(Component):
    """RayJob that fine-tunes a preset once Kueue admits it, with all that it needs in the team's namespace.

    A run is identified by its configuration: changed data or settings start a new run in a new folder, while the old
    folder stays. A job is identified by its run, its pods and its limits: with more memory, a new job replaces the old
    one and resumes the same run. A new image alone repeats nothing that is finished.
    """

    job_name: pulumi.Output[str]
    """Name of the RayJob."""
    result_uri: pulumi.Output[str]
    """Folder with metrics, checkpoints and the marker of this run."""
    model_uri: pulumi.Output[str]
    """Folder with the fine-tuned model."""

    def __init__(
        self,
        name: str,
        args: FineTuneWorkspaceArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: FineTuneSpec | None = None,
    ) -> None:
        spec = spec or validate_fine_tune(name, args)
        super().__init__("modelyard:index:FineTuneWorkspace", name, None, opts)
        ownership = parse_ownership(args["ownership"])
        namespace: Any = args["namespace"]  # an output fits wherever a builder only places a value
        run, identity = spec.config["name"], args.get("identity")
        labels = dict(identity.get("pod_labels", {})) if identity else {}
        # Labels are part of the pods and so of the job; without any, jobs keep the names that they always had.
        limits = [spec.deadline_seconds, spec.retries, *([labels] if labels else [])]
        job_name = f"{name}-{_digest([spec.config, asdict(spec.groups), *limits])}"

        prerequisites: list[pulumi.Resource] = []
        for volume in args.get("volumes", []):
            prerequisites += create_volume(self, volume, namespace, ownership, opts)
        network = ray_network(
            name,
            namespace,
            ownership,
            operator_namespace=kube_ray.NAMESPACE,
            internet=spec.needs_internet or identity is not None,  # the cloud's token service is outside
        )
        for kind, body in {
            "account": service_account(name, namespace, ownership, identity["annotations"] if identity else None),
            "network": network,
            "settings": config_map(run, namespace, ownership, file=FILE, content=spec.config),
        }.items():
            prerequisites.append(Manifest(f"{name}-{kind}", body, child_options(self, opts), wait=no_wait()))

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
                ownership=ownership,
                claims=spec.claims,
                pod_labels=labels,
            ),
            groups=spec.groups,
            entrypoint=f"python -m modelyard.workloads.fine_tune --config {FOLDER}/{FILE}",
            files=FileMount(config_map=run, folder=FOLDER),
            deadline_seconds=spec.deadline_seconds,
            retries=spec.retries,
        )
        self.job = Manifest(
            f"{name}-job",
            ray_job(job),
            child_options(self, opts, depends_on=prerequisites),
            wait=no_wait(),  # it may queue for hours
            controller_fields=CONTROLLER_FIELDS,
            force=True,
        )
        self.job_name = pulumi.Output.from_input(job_name)
        self.result_uri = pulumi.Output.from_input(spec.config["results"])
        self.model_uri = pulumi.Output.from_input(f"{spec.config['results']}/model")
        self.register_outputs({
            "job_name": self.job_name, "result_uri": self.result_uri, "model_uri": self.model_uri,
        })  # fmt: skip


def validate_fine_tune(name: str, args: FineTuneWorkspaceArgs) -> FineTuneSpec:
    """Validate the arguments of a fine-tune without creating anything.

    Raises:
        ArgumentError: the trainer, Ray or Kubernetes would refuse an argument; ArgumentsError for several.
    """
    validate_volumes(name, args.get("volumes", []))
    groups = RayGroups(
        head=validate_resources(name, "head", args["head"]) if "head" in args else HEAD,
        workers=int(args.get("workers", 1)),
        worker=validate_resources(name, "worker", args["worker"]),
    )
    deadline, retries = int(args.get("deadline_seconds", 86400)), int(args.get("retries", 3))
    if deadline < 1:
        raise ArgumentError(name, "deadline_seconds", deadline, "must be 1 or more")
    if retries < 0:
        raise ArgumentError(name, "retries", retries, "must be 0 or more")
    try:
        config = _run_config(name, args)
    except ValidationError as error:
        raise configuration_error(name, error, FineTuneConfig.model_fields, _ARGUMENTS) from None
    inputs = [args["train_data"], args.get("validation_data"), args.get("model"), args.get("tokenizer")]
    return FineTuneSpec(
        config=config,
        groups=groups,
        claims=list_claims([*inputs, args["results"]], args.get("volumes", [])),
        needs_internet=needs_internet(inputs),
        deadline_seconds=deadline,
        retries=retries,
    )


def _run_config(name: str, args: FineTuneWorkspaceArgs) -> dict[str, Any]:
    """Build the configuration of the run, and check it with the code that reads it in the job.

    The run's name is the workspace's plus a hash of everything else, so that equal settings are the same run.

    Raises:
        pydantic.ValidationError: the job would refuse the configuration.
        ArgumentError: `name` cannot be part of a RayJob's name, or the worker's amounts are impossible.
    """
    validate_workspace_name(name, 38)  # KubeRay allows 47 characters (1.6.2, MaxRayJobNameLength); the hash takes 9
    worker = validate_resources(name, "worker", args["worker"])
    fields: dict[str, Any] = {
        "name": name,
        "preset": args["preset"],
        "train_data": args["train_data"],
        "results": args["results"].rstrip("/"),
        "workers": int(args.get("workers", 1)),
        "cpus_per_worker": max(1, worker.cpu_millis // 1000),
        "gpus_per_worker": worker.gpus,
        "model": args.get("model"),
        "tokenizer": args.get("tokenizer"),
        "validation_data": args.get("validation_data"),
        **args.get("settings", {}),
    }
    config = FineTuneConfig.model_validate(fields).model_dump(mode="json")
    run = f"{name}-{_digest(config)}"
    return {**config, "name": run, "results": f"{config['results']}/{run}"}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
