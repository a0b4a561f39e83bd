"""What GPU node pools of every cloud share: their arguments, what is refused everywhere, labels and taints.

A cloud's component adds its own arguments by inheriting `GpuPoolArgs`, calls `checked` first in its constructor, then
its own rules on the `Pool` that comes back, and registers children only after that.

The shared arguments are plain values, not outputs: what a pool is must be known at preview, or neither these checks nor
the policies could judge it there.
"""

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NotRequired

from modelyard.components.manifests.labels import Ownership
from modelyard.components.node_pools import taint as taints
from modelyard.components.node_pools.choice import Choice, Need, choose
from modelyard.components.node_pools.taint import Taint
from modelyard.components.ownership import OwnershipArgs, ownership
from typing_extensions import TypedDict

if TYPE_CHECKING:  # the catalogue is read by programs that have pools, and by no other
    from modelyard.workloads.hardware.instance import InstanceType

POOL = "modelyard.dev/pool"
"""Label with the pool's name on each of its nodes. The pool's resource flavor is counted on it."""

GPU_NAME = "modelyard.dev/gpu"
"""Label with the catalogue's name of the GPU. GPU feature discovery's labels come only when a node runs: too late for
an autoscaler that has to decide whether a first node would help."""

MIG_CONFIG = "nvidia.com/mig.config"
"""Label that tells the GPU operator's MIG manager how to cut the GPUs of a node (NVIDIA gpu-operator, mig-manager). It
must stand on the pool, so that nodes which the autoscaler adds are cut as well."""

RESERVED_PREFIXES = ("kubernetes.io/", "k8s.io/", "modelyard.dev/", "node.kubernetes.io/", "node-role.kubernetes.io/")
"""Labels that Kubernetes (NodeRestriction admission) or this library sets."""


class Driver(enum.Enum):
    """Who installs the NVIDIA driver. Exactly one may; two overwrite each other's kernel modules."""

    CLOUD = "cloud"
    """It is in the cloud's node image."""
    OPERATOR = "operator"
    """NVIDIA's GPU operator installs it."""


class GpuPoolArgs(TypedDict):
    """What a pool of GPU nodes is, wherever it runs. Give either `instance_type` or `for_preset`."""

    ownership: OwnershipArgs
    """Whose it is; becomes the cloud's tags and the nodes' labels."""
    instance_type: NotRequired[str]
    """Name of the machine in the catalogue of modelyard.workloads.hardware, e.g. `Standard_NC24ads_A100_v4`."""
    for_preset: NotRequired[str]
    """Name of a preset: the planner picks the cheapest machine that runs it for `task`."""
    task: NotRequired[str]
    """What `for_preset` is planned for: `serve`, `full`, `lora`, `qlora`. Default `serve`."""
    min_nodes: NotRequired[int]
    """Default 0: no node runs, and none is paid, until a pod asks for one."""
    max_nodes: int
    """The autoscaler stops here."""
    spot: NotRequired[bool]
    """Spare capacity at a lower price, taken back at short notice. Default false."""
    zones: NotRequired[list[str]]
    """Availability zones. Default: the cloud's choice."""
    labels: NotRequired[dict[str, str]]
    """Further labels of the nodes."""
    taints: NotRequired[list[str]]
    """Further taints, as `key=value:Effect`. All GPU nodes have `nvidia.com/gpu=present:NoSchedule`."""
    mig_profile: NotRequired[str]
    """Cuts every GPU into instances of one size, e.g. `1g.10gb`. Default: whole GPUs."""
    driver: NotRequired[Driver]
    """Who installs the NVIDIA driver. Default `operator`."""


class PoolError(ValueError):
    """A pool breaks a rule; the message names pool, argument, rule, and where the rule is written."""

    def __init__(self, pool: str, argument: str, value: Any, rule: str, source: str = "") -> None:
        self.pool, self.argument, self.value, self.rule, self.source = pool, argument, value, rule, source
        where = f"pool {pool!r}: {argument}" if argument else f"pool {pool!r}"
        shown = "" if value is None else f" = {value!r}"
        super().__init__(f"{where}{shown}: {rule}" + (f" ({source})" if source else ""))


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A pool whose shared arguments have been checked; amounts are per node."""

    name: str
    ownership: Ownership
    instance: "InstanceType"
    min_nodes: int
    max_nodes: int
    spot: bool = False
    zones: tuple[str, ...] = ()
    own_labels: dict[str, str] = field(default_factory=dict)
    own_taints: tuple[Taint, ...] = ()
    cloud_taints: tuple[Taint, ...] = ()
    """Taints that the cloud itself adds to the nodes; the flavor has to tolerate them as well."""
    mig_profile: str | None = None
    driver: Driver = Driver.OPERATOR
    choice: Choice | None = None
    """What the planner chose, and why; None where the machine was named."""

    @property
    def gpus(self) -> int:
        """What one node advertises as `nvidia.com/gpu`: its GPUs, or all instances they are cut into."""
        return self.instance.gpus * (_instances(self.instance, self.mig_profile) if self.mig_profile else 1)

    @property
    def labels(self) -> dict[str, str]:
        """All labels of the nodes, in a fixed order."""
        made = {POOL: self.name, GPU_NAME: self.instance.gpu}
        if self.mig_profile:
            made[MIG_CONFIG] = f"all-{self.mig_profile}"
        return {**made, **_owner_labels(self.ownership), **dict(sorted(self.own_labels.items()))}

    @property
    def taints(self) -> tuple[Taint, ...]:
        """The taints that we put on the nodes, GPU first."""
        return (taints.GPU, *self.own_taints)

    @property
    def all_taints(self) -> tuple[Taint, ...]:
        """The taints that a pod has to tolerate: ours and the cloud's."""
        return (*self.taints, *self.cloud_taints)


def checked(
    name: str,
    args: GpuPoolArgs,
    *,
    cloud: str,
    region: str | None = None,
    cloud_taints: tuple[Taint, ...] = (),
) -> Pool:
    """The pool `name`, if it breaks no rule that holds on every cloud.

    Args:
        name: of the pool; becomes a label of its nodes.
        args: as given. Numbers may come as floating point, which is how Pulumi carries them between processes.
        cloud: `azure`, `aws`, or `any` for machines that are nobody's product.
        region: where prices are looked up when the planner chooses; None takes the catalogue's first.
        cloud_taints: what the cloud adds to the nodes by itself, e.g. to spot nodes.

    Raises:
        PoolError: with the rule and its source.
    """
    if not taints.is_label_value(name) or not name:
        rule = "becomes a label of the nodes: at most 63 letters, digits, '-', '_' and '.'"
        raise PoolError(name, "name", name, rule, "Kubernetes, label values")
    need = _need(name, args, cloud=cloud, region=region)
    instance, choice = choose(name, args.get("instance_type"), need, PoolError)
    if region is not None and not instance.sold_in(region):
        rule = f"is not sold in {region!r}; {_regions(instance)}"
        raise PoolError(name, "instance_type", instance.name, rule, "modelyard.workloads.hardware, regions.yaml")
    return Pool(
        name=name,
        ownership=ownership(args["ownership"]),
        instance=instance,
        **_sizes(name, args),
        spot=bool(args.get("spot", False)),
        zones=_zones(name, args.get("zones", [])),
        own_labels=_labels(name, args.get("labels", {})),
        own_taints=_taints(name, args),
        cloud_taints=cloud_taints,
        mig_profile=_mig(name, instance, args.get("mig_profile")),
        driver=_driver(name, args.get("driver", Driver.OPERATOR)),
        choice=choice,
    )


def _need(name: str, args: GpuPoolArgs, *, cloud: str, region: str | None) -> Need:
    preset = args.get("for_preset")
    given = [key for key in ("instance_type", "for_preset") if args.get(key) is not None]
    if len(given) != 1:
        rule = "give exactly one of instance_type and for_preset"
        raise PoolError(name, " and ".join(given), None, rule)
    if preset is None and args.get("task") is not None:
        raise PoolError(name, "task", args.get("task"), "only goes with for_preset; a named machine is not planned")
    return Need(
        cloud=cloud, region=region, preset=preset, task=args.get("task", "serve"), spot=bool(args.get("spot", False))
    )


def _regions(instance: "InstanceType") -> str:
    return f"it is in {', '.join(sorted(instance.regions))}"


def _sizes(name: str, args: GpuPoolArgs) -> dict[str, int]:
    sizes = {"min_nodes": _whole(name, "min_nodes", args.get("min_nodes", 0))}
    sizes["max_nodes"] = _whole(name, "max_nodes", args["max_nodes"])
    if sizes["min_nodes"] < 0:
        raise PoolError(name, "min_nodes", sizes["min_nodes"], "must be 0 or more")
    if sizes["max_nodes"] < 1:
        raise PoolError(name, "max_nodes", sizes["max_nodes"], "must be 1 or more; leave the pool out to have none")
    if sizes["min_nodes"] > sizes["max_nodes"]:
        raise PoolError(name, "min_nodes", sizes["min_nodes"], f"is above max_nodes = {sizes['max_nodes']}")
    return sizes


def _whole(name: str, argument: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise PoolError(name, argument, value, "must be a whole number")
    return int(value)


def _zones(name: str, zones: list[str]) -> tuple[str, ...]:
    if len(set(zones)) != len(zones):
        raise PoolError(name, "zones", zones, "names a zone twice")
    if any(not zone for zone in zones):
        raise PoolError(name, "zones", zones, "holds an empty name")
    return tuple(zones)


def _labels(name: str, given: dict[str, str]) -> dict[str, str]:
    for key, value in given.items():
        if not taints.is_qualified(key):
            raise PoolError(name, "labels", key, "must be a label key, such as 'example.com/tier'")
        if not taints.is_label_value(value):
            raise PoolError(name, f"labels[{key}]", value, "must be at most 63 letters, digits, '-', '_' and '.'")
        prefix = key.rpartition("/")[0]
        if any(f"{prefix}/" == one or f"{prefix}/".endswith(f".{one}") for one in RESERVED_PREFIXES):
            rule = f"{', '.join(RESERVED_PREFIXES)} are set by the cluster, its cloud or this library"
            raise PoolError(name, "labels", key, rule, "Kubernetes, NodeRestriction")
    return dict(given)


def _taints(name: str, args: GpuPoolArgs) -> tuple[Taint, ...]:
    found: list[Taint] = []
    for text in args.get("taints", []):
        try:
            one = taints.parse(text)
        except taints.TaintError as wrong:
            raise PoolError(name, "taints", None, str(wrong)) from wrong
        if (one.key, one.effect) == (taints.GPU.key, taints.GPU.effect):
            if one == taints.GPU:
                continue  # every GPU node has it
            raise PoolError(name, "taints", text, f"every GPU node already has {taints.GPU.text()}")
        if one.daemons_only and not args.get("min_nodes", 0):
            rule = (
                "only the cluster's own daemons tolerate it, so that no pod could ever call for the first node of a "
                f"pool with min_nodes = 0; use min_nodes = 1, or a key that starts with {taints.STARTUP_PREFIX!r} if a "
                "daemon takes the taint away"
            )
            raise PoolError(name, "taints", text, rule, "Kubernetes cluster-autoscaler, scale from zero")
        if (one.key, one.effect) in {(other.key, other.effect) for other in found}:
            raise PoolError(name, "taints", text, "repeats the key and effect of another; a node can hold only one")
        found.append(one)
    return tuple(found)


def _mig(name: str, instance: "InstanceType", profile: str | None) -> str | None:
    if profile is None:
        return None
    known = _profiles(instance)
    if not known:
        text = f"{instance.name} has GPUs of kind {instance.gpu}, which cannot be cut into instances"
        raise PoolError(name, "mig_profile", profile, text, "NVIDIA MIG user guide, supported GPUs")
    if profile not in known:
        text = f"{instance.gpu} knows {', '.join(known)}"
        raise PoolError(name, "mig_profile", profile, text, "NVIDIA MIG user guide, device profiles")
    return profile


def _profiles(instance: "InstanceType") -> dict[str, int]:
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415 - read only where there are pools

    return {one.name: one.instances for one in catalogue.gpu(instance.gpu).mig_profiles}


def _instances(instance: "InstanceType", profile: str) -> int:
    return _profiles(instance)[profile]


def _driver(name: str, given: Any) -> Driver:
    try:
        return given if isinstance(given, Driver) else Driver(given)
    except ValueError:
        allowed = " or ".join(repr(one.value) for one in Driver)
        raise PoolError(name, "driver", given, f"must be {allowed}") from None


def _owner_labels(whose: Ownership) -> dict[str, str]:
    """Who pays for a node, for cost reports that read node labels; `managed-by` is for objects, not for nodes."""
    return {key: value for key, value in whose.labels().items() if not key.startswith("app.kubernetes.io/")}
