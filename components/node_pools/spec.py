"""GPU node pools: the rules that hold on every kind of cluster, and the validated form of a pool.

A cloud's pool adds its own arguments by inheriting `NodePoolArgs`. Its `validate_node_pool` calls `validate_pool` first
and checks its own rules on the `NodePoolSpec`; nothing is registered before that.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from modelyard.components.common.choices import validate_choice
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import MANAGED_BY, Ownership, parse_ownership
from modelyard.components.kubernetes.manifests.node_template import NodeTemplate
from modelyard.components.node_pools import taints
from modelyard.components.node_pools.args import Driver, NodePoolArgs, PresetTask
from modelyard.components.node_pools.selection import Selection, find_machine, select_machine
from modelyard.components.node_pools.taints import Taint
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.instance import InstanceType

POOL = "modelyard.dev/pool"
"""Node label with the pool's name; Kueue's resource flavor of the pool selects on it."""

GPU_NAME = "modelyard.dev/gpu"
"""Node label with the catalogue's name of the GPU. GPU feature discovery sets its own labels only on running nodes, too
late for an autoscaler that decides if a first node would help."""

MIG_CONFIG = "nvidia.com/mig.config"
"""Node label from which the GPU operator's MIG manager takes the partitioning (NVIDIA gpu-operator, mig-manager). It is
a label of the pool, so that nodes added by the autoscaler are partitioned as well."""

RESERVED_PREFIXES = ("kubernetes.io/", "k8s.io/", "modelyard.dev/", "node.kubernetes.io/", "node-role.kubernetes.io/")
"""Prefixes of labels that Kubernetes (NodeRestriction admission) or this library sets."""


@dataclass(frozen=True, kw_only=True)
class NodePoolSpec:
    """Validated GPU node pool, as every kind of cluster needs it; amounts are per node."""

    name: str
    ownership: Ownership
    instance: InstanceType
    min_nodes: int
    max_nodes: int
    spot: bool = False
    zones: tuple[str, ...] = ()
    own_labels: dict[str, str] = field(default_factory=dict)
    """Labels from the arguments."""
    own_taints: tuple[Taint, ...] = ()
    """Taints from the arguments, without the GPU's."""
    cloud_taints: tuple[Taint, ...] = ()
    """Taints that the cloud itself adds to the nodes; the pool's resource flavor has to tolerate them as well."""
    mig_profile: str | None = None
    driver: Driver = Driver.OPERATOR
    selection: Selection | None = None
    """Proposal of the planner; None where the arguments name the machine."""

    @property
    def gpus(self) -> int:
        """Count of `nvidia.com/gpu` that one node advertises: its GPUs, or all MIG instances of them."""
        return self.instance.gpus * (mig_instances(self.instance)[self.mig_profile] if self.mig_profile else 1)

    @property
    def labels(self) -> dict[str, str]:
        """All labels of the nodes, in a fixed order."""
        labels = {POOL: self.name, GPU_NAME: self.instance.gpu}
        if self.mig_profile:
            labels[MIG_CONFIG] = f"all-{self.mig_profile}"
        # Cost reports read the owner from node labels; `managed-by` is for objects of the API, not for nodes.
        owner = {key: value for key, value in self.ownership.labels().items() if key != MANAGED_BY}
        return {**labels, **owner, **dict(sorted(self.own_labels.items()))}

    @property
    def taints(self) -> tuple[Taint, ...]:
        """Taints that this library puts on the nodes, the GPU's first."""
        return (taints.GPU, *self.own_taints)

    @property
    def all_taints(self) -> tuple[Taint, ...]:
        """Taints that a pod has to tolerate: this library's and the cloud's."""
        return (*self.taints, *self.cloud_taints)

    def node_template(self) -> NodeTemplate:
        """Return the nodes' properties as the builders of manifests take them."""
        return NodeTemplate(
            name=self.name,
            ownership=self.ownership,
            instance_type=self.instance.name,
            gpu=self.instance.gpu,
            gpus=self.gpus,
            vcpus=self.instance.vcpus,
            memory_gib=self.instance.memory_gib,
            nvme_gib=self.instance.nvme_gib,
            efa=self.instance.fabric == "efa",
            min_nodes=self.min_nodes,
            max_nodes=self.max_nodes,
            spot=self.spot,
            zones=self.zones,
            labels=self.labels,
            taints=tuple(taint.mapping() for taint in self.taints),
            tags=self.ownership.tags(),
        )


class CloudNodePoolSpec(Protocol):
    """Validated node pool of one kind of cluster."""

    @property
    def pool(self) -> NodePoolSpec:
        """Part that pools of every kind share."""
        ...


def mig_instances(instance: InstanceType) -> dict[str, int]:
    """Count the instances that each MIG profile makes of one GPU of `instance`; empty where MIG is not supported."""
    return {profile.name: profile.instances for profile in catalogue.find_gpu(instance.gpu).mig_profiles}


def validate_pool(
    name: str,
    args: NodePoolArgs,
    *,
    cloud: str,
    region: str | None = None,
    cloud_taints: tuple[Taint, ...] = (),
) -> NodePoolSpec:
    """Validate the arguments that pools of every kind of cluster share, without creating anything.

    Args:
        name: name of the pool; becomes a label of its nodes.
        args: the pool's arguments. Whole numbers may be floats, because Pulumi carries them so between processes.
        cloud: `azure`, `aws`, or `any` for machines that no cloud sells.
        region: region in which the machine must be sold and is priced; None skips the check and takes the first price.
        cloud_taints: taints that the cloud itself adds to the nodes, e.g. to spot nodes.

    Raises:
        ArgumentError: a rule is broken.
    """
    if not taints.is_label_value(name) or not name:
        rule = "becomes a label of the nodes: at most 63 letters, digits, '-', '_' and '.'"
        raise ArgumentError(name, "name", name, rule, "Kubernetes, label values")
    selection = _selection(name, args, cloud=cloud, region=region)
    instance = find_machine(name, selection.instance_type if selection else str(args.get("instance_type")), cloud)
    if region is not None and not instance.sold_in(region):
        rule = f"is not sold in {region!r}; it is in {', '.join(sorted(instance.regions))}"
        raise ArgumentError(name, "instance_type", instance.name, rule, "modelyard.workloads.hardware, regions.yaml")
    min_nodes, max_nodes = _sizes(name, args)
    return NodePoolSpec(
        name=name,
        ownership=parse_ownership(args["ownership"]),
        instance=instance,
        min_nodes=min_nodes,
        max_nodes=max_nodes,
        spot=bool(args.get("spot", False)),
        zones=_zones(name, args.get("zones", [])),
        own_labels=_labels(name, args.get("labels", {})),
        own_taints=_taints(name, args),
        cloud_taints=cloud_taints,
        mig_profile=_mig_profile(name, instance, args.get("mig_profile")),
        driver=validate_choice(name, "driver", args.get("driver", Driver.OPERATOR), Driver),
        selection=selection,
    )


def _selection(name: str, args: NodePoolArgs, *, cloud: str, region: str | None) -> Selection | None:
    preset = args.get("for_preset")
    if (args.get("instance_type") is None) == (preset is None):
        raise ArgumentError(name, "instance_type", None, "give exactly one of instance_type and for_preset")
    if preset is not None:
        task = validate_choice(name, "task", args.get("task", PresetTask.SERVE), PresetTask)
        spot = bool(args.get("spot", False))
        return select_machine(name, preset, task, cloud=cloud, region=region, spot=spot)
    if args.get("task") is not None:
        raise ArgumentError(name, "task", args.get("task"), "only goes with for_preset; a named machine is not planned")
    return None


def _sizes(name: str, args: NodePoolArgs) -> tuple[int, int]:
    least = _whole(name, "min_nodes", args.get("min_nodes", 0))
    most = _whole(name, "max_nodes", args["max_nodes"])
    if least < 0:
        raise ArgumentError(name, "min_nodes", least, "must be 0 or more")
    if most < 1:
        raise ArgumentError(name, "max_nodes", most, "must be 1 or more; leave the pool out to have none")
    if least > most:
        raise ArgumentError(name, "min_nodes", least, f"is above max_nodes = {most}")
    return least, most


def _whole(name: str, argument: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ArgumentError(name, argument, value, "must be a whole number")
    return int(value)


def _zones(name: str, zones: list[str]) -> tuple[str, ...]:
    if len(set(zones)) != len(zones):
        raise ArgumentError(name, "zones", zones, "names a zone twice")
    if any(not zone for zone in zones):
        raise ArgumentError(name, "zones", zones, "holds an empty name")
    return tuple(zones)


def _labels(name: str, labels: dict[str, str]) -> dict[str, str]:
    for key, value in labels.items():
        if not taints.is_label_key(key):
            raise ArgumentError(name, "labels", key, "must be a label key, such as 'example.com/tier'")
        if not taints.is_label_value(value):
            raise ArgumentError(name, f"labels[{key}]", value, "must be at most 63 letters, digits, '-', '_' and '.'")
        domain = f"{key.rpartition('/')[0]}/"
        if any(domain == prefix or domain.endswith(f".{prefix}") for prefix in RESERVED_PREFIXES):
            rule = f"{', '.join(RESERVED_PREFIXES)} are set by the cluster, its cloud or this library"
            raise ArgumentError(name, "labels", key, rule, "Kubernetes, NodeRestriction")
    return dict(labels)


def _taints(name: str, args: NodePoolArgs) -> tuple[Taint, ...]:
    accepted: list[Taint] = []
    for index, text in enumerate(args.get("taints", [])):
        argument = f"taints[{index}]"
        taint = taints.parse_taint(name, argument, text)
        if taint == taints.GPU:
            continue  # every GPU node has it
        if (taint.key, taint.effect) == (taints.GPU.key, taints.GPU.effect):
            raise ArgumentError(name, argument, text, f"every GPU node already has {taints.GPU.text()}")
        if taint.daemons_only and not args.get("min_nodes", 0):
            rule = (
                "only the cluster's own daemons tolerate it, so that no pod could ever call for the first node of a "
                f"pool with min_nodes = 0; use min_nodes = 1, or a key that starts with {taints.STARTUP_PREFIX!r} if a "
                "daemon removes the taint"
            )
            raise ArgumentError(name, argument, text, rule, "Kubernetes cluster-autoscaler, scale from zero")
        if any((taint.key, taint.effect) == (other.key, other.effect) for other in accepted):
            raise ArgumentError(name, argument, text, "repeats key and effect of another; a node can hold only one")
        accepted.append(taint)
    return tuple(accepted)


def _mig_profile(name: str, instance: InstanceType, profile: str | None) -> str | None:
    if profile is None:
        return None
    profiles = mig_instances(instance)
    if not profiles:
        rule = f"{instance.name} has GPUs of kind {instance.gpu}, which do not support MIG"
        raise ArgumentError(name, "mig_profile", profile, rule, "NVIDIA MIG user guide, supported GPUs")
    if profile not in profiles:
        rule = f"profiles of {instance.gpu} are {', '.join(profiles)}"
        raise ArgumentError(name, "mig_profile", profile, rule, "NVIDIA MIG user guide, device profiles")
    return profile
