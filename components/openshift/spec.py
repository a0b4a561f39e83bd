"""Rules of GPU machine sets of OpenShift, and their validated form.

The rules that hold on every kind of cluster are in `node_pools.spec`. These add the rules of the machine API
(openshift/api, machine/v1beta1) and of the platform that the template's machines run on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.common.deprecated import resolve_deprecated
from modelyard.components.common.errors import ArgumentError
from modelyard.components.kubernetes.manifests.machine_set import (
    CLUSTER_LABEL,
    PROVIDER_KINDS,
    MachineSetOptions,
    Platform,
    subnet_zone_filters,
)
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import NodePoolSpec, validate_pool
from modelyard.components.openshift.args import DEPRECATED, OpenShiftGpuMachineSetArgs

_API = "openshift/api, machine/v1beta1"

_CATALOGUE_CLOUDS = {Platform.AWS: "aws", Platform.AZURE: "azure", Platform.VSPHERE: "any"}
"""Cloud of the hardware catalogue whose machines each platform starts."""

_UNSUPPORTED = {
    Platform.AWS: ("vm_template",),
    Platform.AZURE: ("vm_template", "fabric", "placement_group", "capacity_blocks"),
    Platform.VSPHERE: ("subnet", "fabric", "placement_group", "capacity_reservation", "capacity_blocks", "max_price"),
}
"""Arguments for which a platform's provider specification has no field."""


@dataclass(frozen=True, kw_only=True)
class OpenShiftNodePoolSpec:
    """Validated GPU machine set."""

    pool: NodePoolSpec
    template: Mapping[str, Any]
    options: MachineSetOptions


def validate_node_pool(name: str, args: OpenShiftGpuMachineSetArgs) -> OpenShiftNodePoolSpec:
    """Validate a machine set's arguments without creating anything.

    Raises:
        ArgumentError: a rule of the pool, of the machine API or of the template's platform is broken.
    """
    args = resolve_deprecated(name, args, DEPRECATED)
    platform = _validate_template(name, args["template"])
    pool = validate_pool(name, args, cloud=_CATALOGUE_CLOUDS[platform])
    if len(pool.zones) > 1:
        rule = "a machine set lies in one zone; make one pool per zone"
        raise ArgumentError(name, "zones", list(pool.zones), rule, _API)
    if pool.driver is Driver.CLOUD:
        rule = "Red Hat's node image has no NVIDIA driver; use driver 'operator'"
        raise ArgumentError(name, "driver", "cloud", rule, "OpenShift, NVIDIA GPU Operator")
    for argument in _UNSUPPORTED[platform]:
        if args.get(argument):
            rule = f"{platform.value} machine sets have no {argument}"
            raise ArgumentError(name, argument, args.get(argument), rule, _API)
    _validate_fabric(pool, args)
    _validate_purchase(pool, args)
    if platform is Platform.AWS:
        _validate_subnet(pool, args)
    if platform is Platform.VSPHERE:
        _validate_vsphere(pool, args)
    disk_gib, max_price = args.get("disk_gib"), args.get("max_price")
    options = MachineSetOptions(
        subnet=args.get("subnet"),
        disk_gib=None if disk_gib is None else int(disk_gib),
        efa=bool(args.get("fabric", False)),
        placement_group=args.get("placement_group"),
        capacity_reservation=args.get("capacity_reservation"),
        capacity_block=bool(args.get("capacity_blocks", False)),
        max_price=None if max_price is None else f"{max_price:g}",
        vm_template=args.get("vm_template"),
    )
    return OpenShiftNodePoolSpec(pool=pool, template=args["template"], options=options)


def _validate_template(name: str, template: Mapping[str, Any]) -> Platform:
    spec = template.get("spec")
    if template.get("kind") != "MachineSet" or not isinstance(spec, Mapping):
        rule = f"the template is a {template.get('kind')!r}, not a MachineSet with a spec"
        raise ArgumentError(name, "template", None, rule, _API)
    value = _find(spec, "template", "spec", "providerSpec", "value")
    if not isinstance(value, Mapping):
        rule = "the template has no spec.template.spec.providerSpec.value"
        raise ArgumentError(name, "template", None, rule, _API)
    kind = str(value.get("kind", ""))
    if kind not in PROVIDER_KINDS:
        rule = f"spec.template.spec.providerSpec.value.kind is {kind!r}; must be one of {', '.join(PROVIDER_KINDS)}"
        raise ArgumentError(name, "template", None, rule, _API)
    if not isinstance(_find(spec, "selector", "matchLabels", CLUSTER_LABEL), str):
        rule = f"spec.selector.matchLabels has no {CLUSTER_LABEL!r}"
        raise ArgumentError(name, "template", None, rule, _API)
    for keys in (("template", "metadata"), ("template", "spec", "metadata")):
        for path in (keys, (*keys, "labels")):
            if not isinstance(_find(spec, *path) or {}, Mapping):
                raise ArgumentError(name, "template", None, f"spec.{'.'.join(path)} must be an object", _API)
    return PROVIDER_KINDS[kind]


def _find(section: Any, *keys: str) -> Any:
    """Return the value that `keys` lead to; None where there is none."""
    for key in keys:
        section = section.get(key) if isinstance(section, Mapping) else None
    return section


def _validate_fabric(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    if not args.get("fabric"):
        return
    if pool.instance.fabric != "efa":
        rule = f"{pool.instance.name} has no Elastic Fabric Adapter"
        raise ArgumentError(pool.name, "fabric", None, rule, "AWS EC2 user guide, supported instance types")
    if not args.get("placement_group"):
        rule = "needs placement_group: EFA's bandwidth is between nodes of one cluster placement group"
        raise ArgumentError(pool.name, "fabric", None, rule, "AWS EC2 user guide, EFA")


def _validate_purchase(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    reservation = args.get("capacity_reservation")
    if args.get("capacity_blocks") and not reservation:
        rule = "needs capacity_reservation, the id of the block that was bought"
        raise ArgumentError(pool.name, "capacity_blocks", None, rule, "openshift/api, marketType")
    if reservation and pool.spot:
        raise ArgumentError(pool.name, "spot", None, "a reservation is not spare capacity; choose one of the two")
    if args.get("max_price") and not pool.spot:
        raise ArgumentError(pool.name, "max_price", args.get("max_price"), "is for spot nodes; set spot as well")


def _validate_subnet(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    """Check that the subnet of the pool's zone can be found: named, or by the zone in the template's filter."""
    if not pool.zones or args.get("subnet"):
        return
    value = args["template"]["spec"]["template"]["spec"]["providerSpec"]["value"]
    zone = str((value.get("placement") or {}).get("availabilityZone", ""))
    if pool.zones[0] != zone and (not zone or not subnet_zone_filters(value)):
        rule = f"the template's subnet is not found by a filter, so that zone {pool.zones[0]!r} needs `subnet` as well"
        raise ArgumentError(pool.name, "subnet", None, rule, _API)


def _validate_vsphere(pool: NodePoolSpec, args: OpenShiftGpuMachineSetArgs) -> None:
    if pool.spot:
        raise ArgumentError(pool.name, "spot", pool.spot, "vsphere has no spot machines; leave spot out", _API)
    if pool.zones:
        rule = "vsphere has failure domains in place of zones; derive from a machine set in the right one"
        raise ArgumentError(pool.name, "zones", list(pool.zones), rule, _API)
    if not args.get("vm_template"):
        rule = "vsphere needs a virtual machine template that has the GPU: the machine API cannot add one"
        raise ArgumentError(pool.name, "vm_template", None, rule, _API)
