"""Settings of the rules, for platform teams.

The same object is given to every policy of the pack, under the policy's name, in the file of `--policy-pack-config`;
`modelyard.policies.rules.pack_config` writes that file's content. Keys are camelCase there, as everywhere in Pulumi.
The model is flat (texts, lists, maps), because the engine checks it against JSON schemas without references.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel

from .quantity import parse_quantity

# Namespaces that the operators of the platform, and Kubernetes itself, run in. Names are the defaults of each project's
# own manifests or chart: Kueue 0.19, KubeRay 1.6, GPU and Network Operator, NFD, cert-manager 1.18, kaito, KServe.
OPERATOR_NAMESPACES = (
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "kueue-system",
    "kuberay-system",
    "kuberay-operator",
    "ray-system",
    "gpu-operator",
    "nvidia-network-operator",
    "node-feature-discovery",
    "cert-manager",
    "kaito-workspace",
    "kserve",
    "monitoring",
)

# Origins of the images of this platform and of its operators: our own builds on a local machine (localhost), and
# the registries that each operator's own manifests name. Docker Hub is left out: anyone can publish there.
REGISTRIES = (
    "localhost/modelyard",
    "registry.k8s.io",
    "quay.io/kuberay",
    "quay.io/jetstack",
    "nvcr.io/nvidia",
    "mcr.microsoft.com",
    "ghcr.io/kaito-project",
)


def _check_quantities(amounts: Mapping[str, str | int | float]) -> Mapping[str, str | int | float]:
    for amount in amounts.values():
        parse_quantity(amount)
    return amounts


Amounts = Annotated[Mapping[str, str | int | float], AfterValidator(_check_quantities)]
"""Kubernetes quantities by resource: `{"nvidia.com/gpu": "1", "memory": "16Gi"}`."""


class Settings(BaseModel):
    """Configuration of all rules. Every field has a default that suits a cluster of one organisation."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    production: bool = False
    """True if everything is production. Images must then be pinned by digest, not only by tag."""
    production_environments: tuple[str, ...] = ("prod", "production", "prod-*", "*-prod", "*-production")
    """Patterns of names of environments whose clusters and storage are production's, by their tag `env`."""
    operator_namespaces: tuple[str, ...] = OPERATOR_NAMESPACES
    """Namespaces that are no tenants: rules about tenants leave them alone, rules about every pod do not."""
    registries: tuple[str, ...] = REGISTRIES
    """Registries, or paths in them, that images may come from. Empty: any."""
    namespace_labels: tuple[str, ...] = ("owner", "team", "cost-center")
    """Labels that every tenant namespace carries."""
    cloud_tags: tuple[str, ...] = ("owner", "team", "cost-center", "env")
    """Tags that every resource of a cloud carries."""
    machine_types: tuple[str, ...] = ()
    """Patterns of the machine types that pools of GPU nodes may have, such as `Standard_NC*_A100_v4`. Empty: any."""
    max_nodes_per_pool: int = 100
    """Nodes that one pool may grow to; the most that is useful is what the teams' quotas can fill."""
    log_days: int = 30
    """Days that logs are kept at least; what AKS' and CloudWatch's users usually ask for."""
    allowed_host_paths: tuple[str, ...] = ()
    """Folders of a node that volumes may lie in."""
    max_gpus_per_container: int = 8
    """Devices that one container may ask for; 8 is the most that a node of AKS or ROSA has (H100, H200, B200 sizes)."""
    gpu_taints: tuple[str, ...] = ("nvidia.com/gpu",)
    """Keys of the taints that keep other pods off GPU nodes."""
    capacity: Amounts = {}
    """Amounts of all nodes together, by resource: `{"nvidia.com/gpu": "1", "memory": "16Gi"}`."""
    flavor_capacity: Mapping[str, Amounts] = {}
    """Amounts of all nodes of a Kueue resource flavor, where they are known."""
    exemptions: bool = True
    """False if annotations exempt no object from any rule."""
    levels: Mapping[str, Literal["mandatory", "advisory", "disabled"]] = {}
    """Levels of single rules, by the rule's name, where they differ from the rule's own."""

    @field_validator("allowed_host_paths")
    @classmethod
    def _absolute(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise ValueError(f"{path!r} is not an absolute folder without '..', such as /var/lib/volumes")
        return paths

    @field_validator("registries")
    @classmethod
    def _without_scheme(cls, registries: tuple[str, ...]) -> tuple[str, ...]:
        for registry in registries:
            if not registry or "://" in registry or registry.startswith("/"):
                raise ValueError(f"{registry!r} is not a registry; write registry[/path], such as quay.io/kuberay")
        return registries

    @field_validator("max_gpus_per_container")
    @classmethod
    def _allows_gpus(cls, count: int) -> int:
        if count < 1:
            raise ValueError(f"{count} GPUs per container allow no GPU at all; write 1 or more")
        return count

    @field_validator("max_nodes_per_pool", "log_days")
    @classmethod
    def _at_least_one(cls, count: int) -> int:
        if count < 1:
            raise ValueError(f"{count} is less than 1")
        return count
