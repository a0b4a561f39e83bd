"""Serving a model, from a preset, a folder, or a fine-tune's result, through an OpenAI-compatible endpoint.

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

from typing import Any, NotRequired

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from modelyard.components.kubernetes.manifest import Manifest, child_options, no_wait
from modelyard.components.kubernetes.manifests import network_policy
from modelyard.components.kubernetes.manifests.network_policy import SERVE_PORT
from modelyard.components.kubernetes.manifests.pod_resources import PodResources
from modelyard.components.kubernetes.manifests.ray_cluster import Groups
from modelyard.components.kubernetes.manifests.ray_pod import RayWorkload, SecretVariable
from modelyard.components.kubernetes.manifests.ray_service import Server, ray_service, serve_service
from modelyard.components.kubernetes.manifests.secret import secret
from modelyard.components.kubernetes.manifests.service_account import service_account
from modelyard.components.kubernetes.operators import kube_ray
from modelyard.components.kubernetes.resources import PodResourcesArgs, shape
from modelyard.components.kubernetes.workspaces.identity import WorkspaceIdentityArgs
from modelyard.components.kubernetes.workspaces.names import checked, needs_internet
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.serve.config import ServeConfig
from typing_extensions import TypedDict

#: Fields that controllers write after us: Kueue suspends and releases, and places pods on a flavor's nodes.
CONTROLLER_FIELDS = (
    "spec.rayClusterConfig.suspend",
    "spec.rayClusterConfig.headGroupSpec.template.spec.nodeSelector",
    "spec.rayClusterConfig.workerGroupSpecs[*].template.spec.nodeSelector",
)

#: A head that only coordinates.
HEAD = PodResources(cpu_millis=500, cpu_limit_millis=2000, memory_mib=2048)


class ServeWorkspaceError(ValueError):
    """A server is described in a way that cannot be made; the message says why."""


class ServeWorkspaceArgs(TypedDict):
    """What to serve, where, and with how much."""

    ownership: OwnershipArgs
    """Whose it is."""
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
    """Volume claims that `model` or `result` lies in."""
    settings: NotRequired[dict[str, Any]]
    """Other fields of ServeConfig, e.g. `max_queue`."""
    api_key: NotRequired[pulumi.Input[str]]
    """Bearer token that clients must send; give it as a secret. Default: the endpoint is open within the namespace."""
    replicas: NotRequired[int]
    """Copies of the model, each in its own pod. 0 (the default): one copy in the head's pod, for small models."""
    replica: PodResourcesArgs
    """The pod that holds a copy."""
    priority: NotRequired[pulumi.Input[str]]
    """Workload priority class. Default `high`: people wait for a server."""
    identity: NotRequired[WorkspaceIdentityArgs]
    """What the pods are in the cloud. Default: nobody."""


class ServeWorkspace(Component):
    """A RayService in a team's queue, and all that it needs in the team's namespace."""

    service_name: pulumi.Output[str]
    """Kubernetes service in front of the healthy pods; it exists once the model is served."""
    endpoint: pulumi.Output[str]
    """Base URL of the OpenAI API, inside the cluster."""
    model_name: pulumi.Output[str]
    """The name that clients ask for."""

    def __init__(self, name: str, args: ServeWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        checked(name, 47)  # KubeRay 1.6.2, MaxRayServiceNameLength
        if "model" in args and "result" in args:
            raise ServeWorkspaceError(f"server {name!r} has both model and result; give one")
        if not {"model", "result", "preset"} & args.keys():
            raise ServeWorkspaceError(f"server {name!r} has nothing to serve; give preset, model or result")
        result = args.get("result")
        if result is None or isinstance(result, str):
            serve_config(name, args, result)  # refused here, before anything is registered
        super().__init__("modelyard:index:ServeWorkspace", name, None, opts)
        whose = parse_ownership(args["ownership"])
        namespace: Any = args["namespace"]

        identity: Any = args.get("identity", {})
        before: list[pulumi.Resource] = []
        key = None
        bodies = {
            "account": service_account(name, namespace, whose, identity.get("annotations")),
            "network": network_policy.ray_workspace(
                name,
                namespace,
                whose,
                operator_namespace=kube_ray.NAMESPACE,
                serves=True,
                internet=_from_outside(args) or bool(identity),  # the cloud's token service is outside
            ),
        }
        if "api_key" in args:
            key = SecretVariable(variable="MODELYARD_API_KEY", secret=f"{name}-key", key="key")
            values = {"key": pulumi.Output.secret(args["api_key"])}
            bodies["key"] = secret(key.secret, namespace, whose, values=values)
        for kind, body in bodies.items():
            before.append(Manifest(f"{name}-{kind}", body, child_options(self, opts), wait=no_wait()))

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
            ownership=whose,
            claims=tuple(sorted(args.get("claims", []))),
            pod_labels=dict(identity.get("pod_labels", {})),
        )
        groups = _groups(args)

        def spec(folder: str | None) -> dict[str, Any]:
            server = Server(
                workload=workload,
                groups=groups,
                config=serve_config(name, args, folder),
                key=key,
                wait=wait_command(folder) if folder else (),
            )
            return ray_service(server)

        if result is None or isinstance(result, str):
            body = spec(result)
        else:
            # All but the two places that need the result's name stays plain, so that policies see it at preview.
            known = pulumi.Output.from_input(result)
            body = spec("/pending")
            body["spec"]["serveConfigV2"] = known.apply(lambda folder: spec(folder)["spec"]["serveConfigV2"])
            head = body["spec"]["rayClusterConfig"]["headGroupSpec"]["template"]["spec"]
            head["initContainers"][0]["command"] = known.apply(lambda folder: list(wait_command(folder)))
        self.server = Manifest(
            f"{name}-service",
            body,
            child_options(self, opts, depends_on=before),
            wait=no_wait(),  # it queues, and then waits for its model
            controller_fields=CONTROLLER_FIELDS,
            force=True,
        )
        self.service_name = pulumi.Output.from_input(serve_service(name))
        self.endpoint = pulumi.Output.format("http://{0}.{1}.svc:{2}/v1", self.service_name, namespace, SERVE_PORT)
        public = args.get("settings", {}).get("served_model_name", name)
        self.model_name = pulumi.Output.from_input(public)
        self.register_outputs({
            "service_name": self.service_name, "endpoint": self.endpoint, "model_name": self.model_name,
        })  # fmt: skip


def serve_config(name: str, args: ServeWorkspaceArgs, result: str | None) -> dict[str, Any]:
    """The server's configuration, checked by the code that will read it.

    Raises:
        pydantic.ValidationError: a setting is wrong.
    """
    model = f"{result.rstrip('/')}/model" if result else args.get("model", args.get("preset"))
    pod = shape(args["replica"])
    given: dict[str, Any] = {
        "model": model,
        "served_model_name": name,
        "replicas": max(1, int(args.get("replicas", 0))),
        "cpus_per_replica": max(1, pod.cpu_millis // 1000),
        "gpus_per_replica": pod.gpus,
        **({"preset": args["preset"]} if "preset" in args else {}),
        **args.get("settings", {}),
    }
    return ServeConfig.model_validate(given).model_dump(mode="json", exclude_none=True)


def wait_command(result: str) -> tuple[str, ...]:
    """The command that waits in the pod for the run in folder `result`.

    Raises:
        ServeWorkspaceError: no pod can see that folder.
    """
    path = parse(result).path
    if path is None:
        raise ServeWorkspaceError(f"a result must be in a volume (pvc://<claim>/<path>), not {result!r}")
    return ("python", "-m", "modelyard.workloads.serve.wait_for_result", "--result", str(path))


def _groups(args: ServeWorkspaceArgs) -> Groups:
    replicas, pod = int(args.get("replicas", 0)), shape(args["replica"])
    if replicas == 0:
        return Groups(head=pod, head_computes=True, workers=0)
    return Groups(head=HEAD, workers=replicas, worker=pod)


def _from_outside(args: ServeWorkspaceArgs) -> bool:
    if "result" in args:
        return False
    if "model" in args:
        return needs_internet([args["model"]])
    return True  # a preset's weights come from the Hugging Face hub
