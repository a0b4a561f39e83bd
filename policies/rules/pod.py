"""Pods in each kind of resource, and the amounts that their containers request.

Sources of the paths: Kubernetes 1.36 (`core`, `apps`, `batch`), KubeRay 1.6 (`ray.io/v1`), JobSet 0.12, LeaderWorkerSet
0.9 and AppWrapper 1.2, whose components are whole objects of any of these kinds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .field import Field
from .quantity import parse_quantity
from .resource import Kind, Resource

APP_WRAPPER: Kind = ("workload.codeflare.dev", "AppWrapper")
RAY_KINDS: frozenset[Kind] = frozenset(
    {("ray.io", kind) for kind in ("RayCluster", "RayJob", "RayService", "RayCronJob")}
)

_TEMPLATES: dict[Kind, tuple[tuple[str, ...], ...]] = {
    ("core", "Pod"): ((),),
    ("core", "ReplicationController"): (("spec", "template"),),
    ("apps", "Deployment"): (("spec", "template"),),
    ("apps", "StatefulSet"): (("spec", "template"),),
    ("apps", "DaemonSet"): (("spec", "template"),),
    ("apps", "ReplicaSet"): (("spec", "template"),),
    ("batch", "Job"): (("spec", "template"),),
    ("batch", "CronJob"): (("spec", "jobTemplate", "spec", "template"),),
    ("ray.io", "RayCluster"): (),
    ("ray.io", "RayJob"): (("spec", "submitterPodTemplate"),),
    ("ray.io", "RayService"): (),
    ("ray.io", "RayCronJob"): (("spec", "jobTemplate", "submitterPodTemplate"),),
    ("jobset.x-k8s.io", "JobSet"): (),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (
        ("spec", "leaderWorkerTemplate", "leaderTemplate"),
        ("spec", "leaderWorkerTemplate", "workerTemplate"),
    ),
    APP_WRAPPER: (),
}
_RAY_CLUSTERS: dict[Kind, tuple[str, ...]] = {
    ("ray.io", "RayCluster"): ("spec",),
    ("ray.io", "RayJob"): ("spec", "rayClusterSpec"),
    ("ray.io", "RayService"): ("spec", "rayClusterConfig"),
    ("ray.io", "RayCronJob"): ("spec", "jobTemplate", "rayClusterSpec"),
}

POD_KINDS: frozenset[Kind] = frozenset(_TEMPLATES)
"""Every kind that makes pods."""

# Device names: NVIDIA and AMD device plugins, MIG slices (mixed strategy), Intel GPU plugin, Gaudi.
_GPU = re.compile(r"nvidia\.com/(gpu(\.shared)?|mig-.+)|amd\.com/gpu|gpu\.intel\.com/.+|habana\.ai/gaudi")


def is_gpu(resource: str) -> bool:
    """Say if the extended resource `resource` is an accelerator."""
    return _GPU.fullmatch(resource) is not None


@dataclass(frozen=True, slots=True)
class Container:
    """One container and the pod spec around it."""

    field: Field
    pod: Field

    @property
    def name(self) -> str:
        """The container's name, for messages."""
        name = self.field.at("name").value
        return name if isinstance(name, str) else "without a name"

    def amount(self, side: str, resource: str) -> Fraction | None:
        """Read the amount of `resource` under `side`, `requests` or `limits`. None if there is none.

        Raises:
            UndecidedError: the amount is not known yet.
            ValueError: it is no quantity.
        """
        value = self.field.at("resources", side, resource).read()
        return None if value is None else parse_quantity(value)

    def gpu_resources(self) -> list[str]:
        """Names of the accelerators that the container names in its requests or limits, sorted.

        Raises:
            UndecidedError: requests or limits are not known yet.
        """
        sides = (self.field.at("resources", side) for side in ("requests", "limits"))
        return sorted({name for side in sides for name, _ in side.members() if is_gpu(name)})

    def wants_gpu(self) -> bool:
        """Say if the container asks for at least one accelerator.

        Raises:
            UndecidedError: requests or limits are not known yet.
        """
        return any(
            self.field.at("resources", side, name).read() not in (None, 0, "0")
            for name in self.gpu_resources()
            for side in ("requests", "limits")
        )

    def security(self, key: str) -> Field:
        """The security setting `key` that holds for this container: its own, else that of its pod."""
        own = self.field.at("securityContext", key)
        return own if own.value is not None else Field(own.path, self.pod.at("securityContext", key).value)


def pods(resource: Resource) -> Iterator[Field]:
    """The spec of every pod that `resource` makes."""
    if resource.kind is not None:
        yield from _pods(resource.kind, resource.body)


def containers(resource: Resource) -> Iterator[Container]:
    """Every init container and container of every pod that `resource` makes."""
    for pod in pods(resource):
        yield from containers_of(pod)


def containers_of(pod: Field) -> Iterator[Container]:
    """Init containers and containers of one pod spec."""
    for list_name in ("initContainers", "containers"):
        for container in pod.at(list_name).items():
            yield Container(container, pod)


def gpu_containers(pod: Field) -> list[Container]:
    """Those containers of a pod spec that ask for an accelerator.

    Raises:
        UndecidedError: some container's resources are not known yet.
    """
    return [container for container in containers_of(pod) if container.wants_gpu()]


def _pods(kind: Kind, body: Field) -> Iterator[Field]:
    for path in _TEMPLATES.get(kind, ()):
        template = body.at(*path)
        if template.value is not None:
            yield template.at("spec")
    if kind in _RAY_CLUSTERS:
        yield from _ray_pods(body.at(*_RAY_CLUSTERS[kind]))
    elif kind == ("jobset.x-k8s.io", "JobSet"):
        for job in body.at("spec", "replicatedJobs").items():
            yield job.at("template", "spec", "template", "spec")
    elif kind == APP_WRAPPER:
        for component in body.at("spec", "components").items():
            template = component.at("template")
            inner = kind_of_object(template)
            if inner is not None:
                yield from _pods(inner, template)


def _ray_pods(cluster: Field) -> Iterator[Field]:
    if cluster.value is None:  # a RayJob with clusterSelector runs in a cluster that is checked by itself
        return
    yield cluster.at("headGroupSpec", "template", "spec")
    for group in cluster.at("workerGroupSpecs").items():
        yield group.at("template", "spec")


def kind_of_object(body: Field) -> Kind | None:
    """Group and kind of an object written out in full, by its `apiVersion` and `kind`; None when either is missing."""
    api_version, kind = body.at("apiVersion").value, body.at("kind").value
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    return (api_version.split("/")[0] if "/" in api_version else "core"), kind
