"""Facts of Azure's GPU sizes beside the catalogue: quota, disk for the operating system, driver, reservations."""

import re
from dataclasses import dataclass

from modelyard.workloads.hardware.instance import InstanceType


@dataclass(frozen=True)
class Series:
    """GPU sizes that share a quota."""

    pattern: re.Pattern[str]
    quota: str
    """Azure's name of the quota (karpenter-provider-azure 352646f, known_skus.yaml; ND96asr by analogy)."""
    os_disk_gib: float | None = None
    """Largest ephemeral OS disk. None: the catalogue's local disk, of which there is one only."""
    grid: bool = False
    """NVIDIA's GRID driver is needed, which only AKS installs (AKS, GPU operator)."""
    reservable: bool = True
    """Capacity can be reserved (SKU list of southcentralus, 2025-06-03, CapacityReservationSupported)."""


SERIES = (
    Series(re.compile(r"Standard_NC\d+as_T4_v3"), "Standard NCASv3_T4 Family", reservable=False),
    # The cache disk has 256 GiB in the same SKU list; the NVMe disks stay free for data.
    Series(re.compile(r"Standard_NC\d+ads_A100_v4"), "StandardNCADSA100v4Family", os_disk_gib=256, reservable=False),
    Series(re.compile(r"Standard_NCC\d+ads_H100_v5"), "StandardNCCads2023Family"),
    Series(re.compile(r"Standard_NC\d+adi?s_H100_v5"), "StandardNCadsH100v5Family"),
    Series(re.compile(r"Standard_ND96asr_v4"), "standard NDASv4_A100Family"),
    Series(re.compile(r"Standard_ND96amsr_A100_v4"), "standard NDAMSv4_A100Family"),
    # One temporary disk of 1,024 GiB beside the eight NVMe disks (azure-compute-docs, ND-H100-v5).
    Series(re.compile(r"Standard_ND96isr_H100_v5"), "standardNDSH100v5Family", os_disk_gib=1024),
    Series(re.compile(r"Standard_ND96isr_H200_v5"), "standardNDISRH200V5Family", os_disk_gib=1024),
    Series(re.compile(r"Standard_NV\d+adm?s_A10_v5"), "StandardNVADSA10v5Family", grid=True),
)


def find_series(size: str) -> Series | None:
    """Return the series of a size; None where this table has none."""
    return next((series for series in SERIES if series.pattern.fullmatch(size)), None)


def largest_os_disk_gib(instance: InstanceType) -> int:
    """Return the GiB that an ephemeral OS disk of that size may have; 0 without a local disk."""
    series = find_series(instance.name)
    limit = series.os_disk_gib if series is not None else None
    return int(instance.nvme_gib if limit is None else limit)
