"""The catalogue of GPUs and instance types: the one place that knows what hardware there is.

Data lies beside this module: `gpus.yaml`, `instance_types.csv`, `prices.csv`, `regions.yaml`; every entry names its
source. They are read once, on the first question, and never changed. Prices age: `prices.py` reads newer ones from a
file and lays them over these.
"""

import csv
import functools
from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import yaml
from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.hardware.instance import Cloud, InstanceType, Price

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times faster, which a command line notices."""

_GENERIC_SIZES = (1, 2, 4, 8)
_GENERIC_VCPUS_PER_GPU = 16
_GENERIC_HOST_MEMORY = 2
"""Host memory of a generic node, in multiples of its GPUs' memory: what weights need on their way to the GPU."""
_GENERIC_NETWORK_GBIT = 100

_MOST_NAMES_IN_A_MESSAGE = 40


class UnknownGpuError(LookupError):
    """No GPU of that name; the message names the nearest ones."""


class UnknownInstanceTypeError(LookupError):
    """No instance type of that name; the message names the nearest ones."""


@functools.cache
def gpus() -> tuple[Gpu, ...]:
    """Every GPU, in the order of the file: by generation."""
    entries = yaml.load(_text("gpus.yaml"), Loader=_FAST_LOADER)  # noqa: S506 - both are safe loaders
    return tuple(Gpu(name=name, **entry) for name, entry in entries.items())


def gpu(name: str) -> Gpu:
    """The GPU of that name, in any case.

    Raises:
        UnknownGpuError: there is none; the nearest names are suggested.
    """
    found = _gpus_by_name().get(name.lower())
    if found is None:
        raise UnknownGpuError(f"no GPU {name!r}; {suggest(name, _gpus_by_name())}")
    return found


def instance_types(cloud: Cloud = "any") -> tuple[InstanceType, ...]:
    """The instance types of one cloud. `any`: those of all clouds, and the generic nodes."""
    every = _instance_types_by_key().values()
    return tuple(every) if cloud == "any" else tuple(entry for entry in every if entry.cloud == cloud)


def instance_type(name: str) -> InstanceType:
    """The instance type of that name, in any case.

    Raises:
        UnknownInstanceTypeError: there is none; the nearest names are suggested.
    """
    found = _instance_types_by_key().get(name.lower())
    if found is None:
        known = [entry.name for entry in _instance_types_by_key().values()]
        raise UnknownInstanceTypeError(f"no instance type {name!r}; {suggest(name, known)}")
    return found


def regions(cloud: Cloud = "any") -> tuple[str, ...]:
    """Every region in which at least one instance type of the cloud is sold, sorted."""
    return tuple(sorted({region for entry in instance_types(cloud) for region in entry.regions}))


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest ones, or all where they are few."""
    lower = {entry.lower(): entry for entry in known}
    close = [lower[match] for match in get_close_matches(name.lower(), list(lower), n=3, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if len(lower) > _MOST_NAMES_IN_A_MESSAGE:
        return f"`modelyard hardware list` shows the {len(lower)} known ones"
    return f"known are {', '.join(sorted(lower.values()))}"


@functools.cache
def _gpus_by_name() -> dict[str, Gpu]:
    return {entry.name: entry for entry in gpus()}


@functools.cache
def _instance_types_by_key() -> dict[str, InstanceType]:
    """Instance types by lower-case name: Azure itself does not tell `standard_nc…` from `Standard_NC…`."""
    prices = _prices()
    sold = _regions()
    entries = [
        InstanceType(
            **{field: value for field, value in row.items() if field != "cloud"},
            cloud=row["cloud"],
            prices=prices.get(row["name"], ()),
            regions=next((where for pattern, where in sold if fnmatchcase(row["name"], pattern)), ()),
        )
        for row in _rows("instance_types.csv")
    ]
    return {entry.name.lower(): entry for entry in (*entries, *_generic_nodes())}


def _generic_nodes() -> Iterable[InstanceType]:
    """A node of 1, 2, 4 and 8 of every GPU, such as one on premises: no price, no region, a host of common size."""
    for entry in gpus():
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
    found: dict[str, tuple[Price, ...]] = {}
    for row in _rows("prices.csv"):
        name = row.pop("name")
        found[name] = (
            *found.get(name, ()),
            Price.model_validate({field: value or None for field, value in row.items()}),
        )
    return found


def _regions() -> list[tuple[str, tuple[str, ...]]]:
    clouds = yaml.load(_text("regions.yaml"), Loader=_FAST_LOADER)  # noqa: S506 - both are safe loaders
    return [(pattern, tuple(where.split())) for cloud in clouds.values() for pattern, where in cloud["sizes"].items()]


def _rows(file: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(_text(file).splitlines()))


def _text(file: str) -> str:
    return resources.files("modelyard.workloads.hardware").joinpath(file).read_text(encoding="utf-8")
