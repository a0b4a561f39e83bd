"""Catalogue of GPUs and instance types, the single source of hardware facts.

Data lies beside this module: `gpus.yaml`, `instance_types.csv`, `prices.csv`, `regions.yaml`; every entry names its
source. They are read once, on first use, and never changed. Prices age: `prices.py` lays newer ones from a file over
these.
"""

import csv
import functools
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import yaml
from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.hardware.instance import Cloud, InstanceType, Price
from modelyard.workloads.suggestions import suggest

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Loader of libyaml if PyYAML was built with it: ten times faster, which a command line notices."""

_GENERIC_SIZES = (1, 2, 4, 8)
_GENERIC_VCPUS_PER_GPU = 16
_GENERIC_HOST_MEMORY = 2
"""Host memory of a generic node in multiples of its GPUs' memory, for weights on their way to the GPU."""
_GENERIC_NETWORK_GBIT = 100

_LISTING = "modelyard hardware list"


class UnknownGpuError(LookupError):
    """No GPU of that name; the message names the nearest ones."""


class UnknownInstanceTypeError(LookupError):
    """No instance type of that name; the message names the nearest ones."""


@functools.cache
def list_gpus() -> tuple[Gpu, ...]:
    """Return every GPU, in the order of the file: by generation."""
    entries = yaml.load(_text("gpus.yaml"), Loader=_FAST_LOADER)  # noqa: S506 - both are safe loaders
    return tuple(Gpu(name=name, **entry) for name, entry in entries.items())


def find_gpu(name: str) -> Gpu:
    """Return the GPU of that name, in any case of letters.

    Raises:
        UnknownGpuError: there is none; the message suggests the nearest names.
    """
    entry = _gpus_by_name().get(name.lower())
    if entry is None:
        raise UnknownGpuError(f"no GPU {name!r}; {suggest(name, _gpus_by_name(), listing=_LISTING)}")
    return entry


def list_instance_types(cloud: Cloud = "any") -> tuple[InstanceType, ...]:
    """Return the instance types of one cloud. `any`: those of all clouds, and the generic nodes."""
    entries = _instance_types_by_key().values()
    return tuple(entry for entry in entries if cloud in {"any", entry.cloud})


def find_instance_type(name: str) -> InstanceType:
    """Return the instance type of that name, in any case of letters.

    Raises:
        UnknownInstanceTypeError: there is none; the message suggests the nearest names.
    """
    entry = _instance_types_by_key().get(name.lower())
    if entry is None:
        names = [entry.name for entry in _instance_types_by_key().values()]
        raise UnknownInstanceTypeError(f"no instance type {name!r}; {suggest(name, names, listing=_LISTING)}")
    return entry


def list_regions(cloud: Cloud = "any") -> tuple[str, ...]:
    """Return every region in which at least one instance type of the cloud is sold, sorted."""
    return tuple(sorted({region for entry in list_instance_types(cloud) for region in entry.regions}))


@functools.cache
def _gpus_by_name() -> dict[str, Gpu]:
    return {entry.name: entry for entry in list_gpus()}


@functools.cache
def _instance_types_by_key() -> dict[str, InstanceType]:
    """Return instance types by lower-case name, since Azure takes `standard_nc…` for `Standard_NC…`."""
    prices = _prices()
    region_patterns = _region_patterns()
    entries = [
        InstanceType(
            **{field: value for field, value in row.items() if field != "cloud"},
            cloud=row["cloud"],
            prices=prices.get(row["name"], ()),
            regions=next((regions for pattern, regions in region_patterns if fnmatchcase(row["name"], pattern)), ()),
        )
        for row in _rows("instance_types.csv")
    ]
    return {entry.name.lower(): entry for entry in (*entries, *_generic_nodes())}


def _generic_nodes() -> Iterable[InstanceType]:
    """Build a node of 1, 2, 4 and 8 of every GPU, such as one on premises: no price, no region, a common host."""
    for entry in list_gpus():
        for size in _GENERIC_SIZES:
            yield InstanceType(
                cloud="any",
                name=f"generic-{size}x{entry.name}",
                gpu=entry.name,
                gpus=size,
                vcpus=_GENERIC_VCPUS_PER_GPU * size,
                memory_gib=round(_GENERIC_HOST_MEMORY * size * entry.memory_gib),
                nvme_gib=0,
                network_gbit_per_s=_GENERIC_NETWORK_GBIT,
                source="an assumed host; prices come from a file",
            )


def _prices() -> dict[str, tuple[Price, ...]]:
    prices: dict[str, tuple[Price, ...]] = {}
    for row in _rows("prices.csv"):
        name = row.pop("name")
        prices[name] = (
            *prices.get(name, ()),
            Price.model_validate({field: value or None for field, value in row.items()}),
        )
    return prices


def _region_patterns() -> list[tuple[str, tuple[str, ...]]]:
    clouds = yaml.load(_text("regions.yaml"), Loader=_FAST_LOADER)  # noqa: S506 - both are safe loaders
    return [
        (pattern, tuple(regions.split())) for cloud in clouds.values() for pattern, regions in cloud["sizes"].items()
    ]


def _rows(file: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(_text(file).splitlines()))


def _text(file: str) -> str:
    return resources.files("modelyard.workloads.hardware").joinpath(file).read_text(encoding="utf-8")
