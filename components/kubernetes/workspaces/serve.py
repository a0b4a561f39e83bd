"""Serving of a model through an OpenAI-compatible endpoint: a preset, a folder, or the result of a fine-tune.

ServeWorkspace("prose-server", {
    "ownership": …, "namespace": team.namespace, "queue": team.queue,
    "image": "registry.example/modelyard-serve@sha256:…",
    "preset": "gpt2",
    "result": prose.result_uri,
    "claims": ["prose"],
    "api_key": config.require_secret("servingKey"),
    "replica": {"cpus": 4, "memory_gib": 16, "gpus": 1},
})
"""

from dataclasses import dataclass
from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests.network_policy import SERVE_PORT, ray_network
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import RayGroups
from modelyard.components.kubernetes.manifests.ray_pod import RayWorkload, SecretVariable
from modelyard.components.kubernetes.manifests.ray_service import ModelServer, ray_service, serve_service
from modelyard.components.kubernetes.manifests.secret import secret
from modelyard.components.kubernetes.manifests.service_account import service_account
from modelyard.components.kubernetes.operators import kube_ray
from modelyard.components.kubernetes.resources import PodResourcesArgs, validate_resources
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.components.kubernetes.workspaces.validation import (
    configuration_error,
    needs_internet,
    validate_workspace_name,
)
from modelyard.workloads.preprocess.location import BadLocationError, parse
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError
from typing_extensions import TypedDict

CONTROLLER_FIELDS = (
    "spec.rayClusterConfig.suspend",
    "spec.rayClusterConfig.headGroupSpec.template.spec.nodeSelector",
    "spec.rayClusterConfig.workerGroupSpecs[*].template.spec.nodeSelector",
)
"""Fields that Kueue writes later: it suspends and releases the cluster, and places pods on a flavor's nodes."""

HEAD = PodResources(cpu_millis=500, cpu_limit_millis=2000, memory_mib=2048)
"""Resources of a head that only coordinates."""

_PENDING = "/pending"
"""Folder in place of a result whose name is not known yet."""


class ServeWorkspaceArgs(TypedDict):
    """Model, place and compute of a server. Give at least one of `preset`, `model` and `result`."""

    ownership: OwnershipArgs
    """Ownership of all objects."""
    namespace: pulumi.Input[str]
    """The team's namespace."""
    queue: pulumi.Input[str]
    """Local queue in that namespace."""
    image: pulumi.Input[str]
    """Serving image, by digest or by a tag that never moves."""
    preset: NotRequired[str]
    """Preset to serve, or whose chat template and limits apply to `model` or `result`."""
    model: NotRequired[str]
    """Model to serve: `hf://…`, `pvc://…`. Not together with `result`."""
    result: NotRequired[pulumi.Input[str]]
    """Results folder of a fine-tune (`FineTuneWorkspace.result_uri`). The server waits for the run to succeed."""
    claims: NotRequired[list[str]]
    """Volume claims that contain `model` or `result`."""
    settings: NotRequired[dict[str, Any]]
    """Other fields of ServeConfig, e.g. `max_queue`."""
    api_key: NotRequired[pulumi.Input[str]]
    """Bearer token that clients must send; give it as a secret. Default: the endpoint is open within the namespace."""
    replicas: NotRequired[int]
    """Copies of the model, each in its own pod. 0 (the default): one copy in the head's pod, for small models."""
    replica: PodResourcesArgs
    """Resources of the pod that holds a copy."""
    priority: NotRequired[pulumi.Input[str]]
    """Workload priority class. Default `high`: people wait for a server."""
    identity: NotRequired[WorkspaceIdentityArgs]
    """Cloud identity of the pods. Default: none; they then reach no cloud storage."""


_ARGUMENTS = {
    **{key: key for key in ("preset", "replicas")},
    "cpus_per_replica": "replica.cpus",
    "gpus_per_replica": "replica.gpus",
}
"""Argument that each field of ServeConfig comes from, but for `model`; the others are `settings`."""


@dataclass(frozen=True, kw_only=True)
class ServeSpec:
    """Validated server."""

    config: dict[str, Any]
    """Fields of ServeConfig. A result that is not known yet has a placeholder as its folder."""
    groups: RayGroups
    needs_internet: bool
    """The weights come from outside the cluster."""


class ServeWorkspace(Component):
    """RayService in a team's queue, with all that it needs in the team's namespace."""

    service_name: pulumi.Output[str]
    """Kubernetes service in front of the healthy pods; it exists once the model is served."""
    endpoint: pulumi.Output[str]
    """Base URL of the OpenAI API, inside the cluster."""
    model_name: pulumi.Output[str]
    """Name of the model for clients."""

    def __init__(
        self,
        name: str,
        args: ServeWorkspaceArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: ServeSpec | None = None,
    ) -> None:
        spec = spec or validate_server(name, args)
        super().__init__("modelyard:index:ServeWorkspace", name, None, opts)
        ownership = parse_ownership(args["ownership"])
        namespace: Any = args["namespace"]  # an output fits wherever a builder only places a value
        identity, result = args.get("identity"), args.get("result")
        prerequisites: list[pulumi.Resource] = []
        key = None
        bodies = {
            "account": service_account(name, namespace, ownership, identity["annotations"] if identity else None),
            "network": ray_network(
                name,
                namespace,
                ownership,
                operator_namespace=kube_ray.NAMESPACE,
                serves=True,
                internet=spec.needs_internet or identity is not None,  # the cloud's token service is outside
            ),
        }
        if "api_key" in args:
            key = SecretVariable(variable="MODELYARD_API_KEY", secret=f"{name}-key", key="key")
            values = {"key": pulumi.Output.secret(args["api_key"])}
            bodies["key"] = secret(key.secret, namespace, ownership, values=values)
        for kind, body in bodies.items():
            prerequisites.append(Manifest(f"{name}-{kind}", body, child_options(self, opts), wait=no_wait()))

        queue: Any = args["queue"]
        image: Any = args["image"]
        priority: Any = args.get("priority", "high")
        workload = RayWorkload(
            name=name,
            namespace=namespace,
            workspace=name,
            image=image,
            queue=queue,
            priority=priority,
            service_account=name,
            ownership=ownership,
            claims=tuple(sorted(args.get("claims", []))),
            pod_labels=dict(identity.get("pod_labels", {})) if identity else {},
        )

        def build(config: dict[str, Any], folder: str | None) -> dict[str, Any]:
            wait = wait_command(name, folder) if folder else ()
            return ray_service(ModelServer(workload=workload, groups=spec.groups, config=config, key=key, wait=wait))

        def render_config(folder: str) -> str:
            model = spec.config["model"].replace(_PENDING, folder.rstrip("/"))
            return build({**spec.config, "model": model}, folder)["spec"]["serveConfigV2"]

        if result is None or isinstance(result, str):
            body = build(spec.config, result)
        else:
            # All but the two places that need the result's name stay plain, so that policies see them at preview.
            folder = pulumi.Output.from_input(result)
            body = build(spec.config, _PENDING)
            body["spec"]["serveConfigV2"] = folder.apply(render_config)
            head = body["spec"]["rayClusterConfig"]["headGroupSpec"]["template"]["spec"]
            head["initContainers"][0]["command"] = folder.apply(lambda path: list(wait_command(name, path)))
        self.server = Manifest(
            f"{name}-service",
            body,
            child_options(self, opts, depends_on=prerequisites),
            wait=no_wait(),  # it queues, and then waits for its model
            controller_fields=CONTROLLER_FIELDS,
            force=True,
        )
        self.service_name = pulumi.Output.from_input(serve_service(name))
        self.endpoint = pulumi.Output.format("http://{0}.{1}.svc:{2}/v1", self.service_name, namespace, SERVE_PORT)
        self.model_name = pulumi.Output.from_input(args.get("settings", {}).get("served_model_name", name))
        self.register_outputs({
            "service_name": self.service_name, "endpoint": self.endpoint, "model_name": self.model_name,
        })  # fmt: skip


def validate_server(name: str, args: ServeWorkspaceArgs) -> ServeSpec:
    """Validate the arguments of a server without creating anything.

    Raises:
        ArgumentError: the server, Ray or Kubernetes would refuse an argument; ArgumentsError for several.
    """
    validate_workspace_name(name, 47)  # KubeRay 1.6.2, MaxRayServiceNameLength
    if "model" in args and "result" in args:
        raise ArgumentError(name, "model", args["model"], "cannot be given together with result; give one of the two")
    if not {"model", "result", "preset"} & args.keys():
        raise ArgumentError(name, "preset", None, "is missing, and so are model and result; give one to serve")
    pod, replicas = validate_resources(name, "replica", args["replica"]), int(args.get("replicas", 0))
    if replicas < 0:
        raise ArgumentError(name, "replicas", replicas, "must be 0 or more")
    result = args.get("result")
    folder = result if result is None or isinstance(result, str) else _PENDING
    if folder is not None:
        wait_command(name, folder)
    try:
        config = _serve_config(name, args, folder)
    except ValidationError as error:
        model = next(key for key in ("result", "model", "preset") if key in args)
        raise configuration_error(name, error, ServeConfig.model_fields, {**_ARGUMENTS, "model": model}) from None
    if replicas == 0:
        groups = RayGroups(head=pod, head_computes=True, workers=0)
    else:
        groups = RayGroups(head=HEAD, workers=replicas, worker=pod)
    # Without model and result, a preset's weights come from the Hugging Face hub.
    outside = "result" not in args and ("model" not in args or needs_internet([args["model"]]))
    return ServeSpec(config=config, groups=groups, needs_internet=outside)


def _serve_config(name: str, args: ServeWorkspaceArgs, result: str | None) -> dict[str, Any]:
    """Build the server's configuration, and check it with the code that reads it.

    Raises:
        pydantic.ValidationError: the server would refuse the configuration.
        ArgumentError: the replica's amounts are impossible.
    """
    pod = validate_resources(name, "replica", args["replica"])
    fields: dict[str, Any] = {
        "model": f"{result.rstrip('/')}/model" if result else args.get("model", args.get("preset")),
        "served_model_name": name,
        "replicas": max(1, int(args.get("replicas", 0))),
        "cpus_per_replica": max(1, pod.cpu_millis // 1000),
        "gpus_per_replica": pod.gpus,
        **({"preset": args["preset"]} if "preset" in args else {}),
        **args.get("settings", {}),
    }
    return ServeConfig.model_validate(fields).model_dump(mode="json", exclude_none=True)


def wait_command(name: str, result: str) -> tuple[str, ...]:
    """Build the command that waits in the pod for the run in folder `result`.

    Raises:
        ArgumentError: no pod can read that folder.
    """
    try:
        path = parse(result).path
    except BadLocationError as error:
        raise ArgumentError(name, "result", None, str(error)) from error
    if path is None:
        raise ArgumentError(name, "result", result, "must be in a volume (pvc://<claim>/<path>)")
    return ("python", "-m", "modelyard.workloads.serve.wait_for_result", "--result", str(path))
