"""The rules that GPU node pools of every cloud share.

A cloud's component adds its own arguments by inheriting `GpuPoolArgs`, calls `checked` first in its constructor, then
its own rules on the `Pool` that comes back, and registers children only after that.
"""

from typing import TYPE_CHECKING, Any

from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import ownership
from modelyard.components.node_pools import taints
from modelyard.components.node_pools.args import (
    GPU_NAME,
    MIG_CONFIG,
    POOL,
    Driver,
    GpuPoolArgs,
    Pool,
    mig_instances,
)
from modelyard.components.node_pools.selection import Need, choose
from modelyard.components.node_pools.taints import Taint

if TYPE_CHECKING:
    from modelyard.workloads.hardware.instance import InstanceType

__all__ = ["GPU_NAME", "MIG_CONFIG", "POOL", "ArgumentError", "Driver", "GpuPoolArgs", "Pool", "checked"]

RESERVED_PREFIXES = ("kubernetes.io/", "k8s.io/", "modelyard.dev/", "node.kubernetes.io/", "node-role.kubernetes.io/")
"""Labels that Kubernetes (NodeRestriction admission) or this library sets."""


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
        ArgumentError: with the rule and its source.
    """
    if not taints.is_label_value(name) or not name:
        rule = "becomes a label of the nodes: at most 63 letters, digits, '-', '_' and '.'"
        raise ArgumentError(name, "name", name, rule, "Kubernetes, label values")
    need = _need(name, args, cloud=cloud, region=region)
    instance, choice = choose(name, args.get("instance_type"), need, ArgumentError)
    if region is not None and not instance.sold_in(region):
        rule = f"is not sold in {region!r}; {_regions(instance)}"
        raise ArgumentError(name, "instance_type", instance.name, rule, "modelyard.workloads.hardware, regions.yaml")
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
        raise ArgumentError(name, " and ".join(given), None, rule)
    if preset is None and args.get("task") is not None:
        raise ArgumentError(name, "task", args.get("task"), "only goes with for_preset; a named machine is not planned")
    return Need(
        cloud=cloud, region=region, preset=preset, task=args.get("task", "serve"), spot=bool(args.get("spot", False))
    )


def _regions(instance: "InstanceType") -> str:
    return f"it is in {', '.join(sorted(instance.regions))}"


def _sizes(name: str, args: GpuPoolArgs) -> dict[str, int]:
    sizes = {"min_nodes": _whole(name, "min_nodes", args.get("min_nodes", 0))}
    sizes["max_nodes"] = _whole(name, "max_nodes", args["max_nodes"])
    if sizes["min_nodes"] < 0:
        raise ArgumentError(name, "min_nodes", sizes["min_nodes"], "must be 0 or more")
    if sizes["max_nodes"] < 1:
        raise ArgumentError(name, "max_nodes", sizes["max_nodes"], "must be 1 or more; leave the pool out to have none")
    if sizes["min_nodes"] > sizes["max_nodes"]:
        raise ArgumentError(name, "min_nodes", sizes["min_nodes"], f"is above max_nodes = {sizes['max_nodes']}")
    return sizes


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


def _labels(name: str, given: dict[str, str]) -> dict[str, str]:
    for key, value in given.items():
        if not taints.is_qualified(key):
            raise ArgumentError(name, "labels", key, "must be a label key, such as 'example.com/tier'")
        if not taints.is_label_value(value):
            raise ArgumentError(name, f"labels[{key}]", value, "must be at most 63 letters, digits, '-', '_' and '.'")
        prefix = key.rpartition("/")[0]
        if any(f"{prefix}/" == one or f"{prefix}/".endswith(f".{one}") for one in RESERVED_PREFIXES):
            rule = f"{', '.join(RESERVED_PREFIXES)} are set by the cluster, its cloud or this library"
            raise ArgumentError(name, "labels", key, rule, "Kubernetes, NodeRestriction")
    return dict(given)


def _taints(name: str, args: GpuPoolArgs) -> tuple[Taint, ...]:
    found: list[Taint] = []
    for text in args.get("taints", []):
        try:
            one = taints.parse(text)
        except taints.TaintError as wrong:
            raise ArgumentError(name, "taints", None, str(wrong)) from wrong
        if (one.key, one.effect) == (taints.GPU.key, taints.GPU.effect):
            if one == taints.GPU:
                continue  # every GPU node has it
            raise ArgumentError(name, "taints", text, f"every GPU node already has {taints.GPU.text()}")
        if one.daemons_only and not args.get("min_nodes", 0):
            rule = (
                "only the cluster's own daemons tolerate it, so that no pod could ever call for the first node of a "
                f"pool with min_nodes = 0; use min_nodes = 1, or a key that starts with {taints.STARTUP_PREFIX!r} if a "
                "daemon takes the taint away"
            )
            raise ArgumentError(name, "taints", text, rule, "Kubernetes cluster-autoscaler, scale from zero")
        if (one.key, one.effect) in {(other.key, other.effect) for other in found}:
            raise ArgumentError(name, "taints", text, "repeats the key and effect of another; a node can hold only one")
        found.append(one)
    return tuple(found)


def _mig(name: str, instance: "InstanceType", profile: str | None) -> str | None:
    if profile is None:
        return None
    known = mig_instances(instance)
    if not known:
        text = f"{instance.name} has GPUs of kind {instance.gpu}, which cannot be cut into instances"
        raise ArgumentError(name, "mig_profile", profile, text, "NVIDIA MIG user guide, supported GPUs")
    if profile not in known:
        text = f"{instance.gpu} knows {', '.join(known)}"
        raise ArgumentError(name, "mig_profile", profile, text, "NVIDIA MIG user guide, device profiles")
    return profile


def _driver(name: str, given: Any) -> Driver:
    try:
        return given if isinstance(given, Driver) else Driver(given)
    except ValueError:
        allowed = " or ".join(repr(one.value) for one in Driver)
        raise ArgumentError(name, "driver", given, f"must be {allowed}") from None
