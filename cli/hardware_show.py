"""GPU or instance type for people: its figures as lines, its slices or prices as a table."""

from typing import TYPE_CHECKING

import typer
from modelyard.cli.terminal import Cell, Column, number_cell, print_paragraph, print_table

if TYPE_CHECKING:
    from modelyard.workloads.hardware.gpu import Gpu
    from modelyard.workloads.hardware.instance import InstanceType, Price
    from modelyard.workloads.hardware.prices import PriceList


def show_gpu(gpu: "Gpu") -> None:
    """Print a GPU, its slices, and the instance types that have it."""
    from modelyard.workloads.hardware import catalogue

    peaks = ", ".join(f"{kind} {value:g}" for kind, value in gpu.peak_tflops.items())
    _print_lines(
        {
            "name": f"{gpu.name}, {gpu.description}",
            "memory": f"{gpu.memory_gib:g} GiB, {gpu.memory_bandwidth_gb_per_s:,.0f} GB/s",
            "dense peak": f"{peaks} TFLOPS (int8: TOPS)",
            "compute capability": gpu.compute_capability,
            "link": f"{gpu.link}, {gpu.link_gb_per_s:g} GB/s per direction",
            "in": ", ".join(entry.name for entry in catalogue.list_instance_types() if entry.gpu == gpu.name),
            "source": gpu.source,
        }
    )
    if gpu.mig_profiles:
        typer.echo("slices (MIG):")
        print_table(
            ["profile", "GiB", "per GPU", "share of the multiprocessors"],
            [
                [
                    Cell(profile.name, "bold"),
                    number_cell(profile.memory_gib, 2),
                    number_cell(profile.instances, 0),
                    Cell(f"{profile.compute_share:.0%}", right=True),
                ]
                for profile in gpu.mig_profiles
            ],
        )


def show_instance(entry: "InstanceType", prices: "PriceList") -> None:
    """Print an instance type, and its prices by region."""
    from modelyard.workloads.hardware import catalogue

    share = f"a {entry.gpu_share:.3g} share of one" if entry.gpu_share < 1 else f"{entry.gpus} x"
    memory = catalogue.find_gpu(entry.gpu).memory_gib * entry.gpu_share
    disk = f", {entry.nvme_gib:,.0f} GiB of local NVMe" if entry.nvme_gib else ""
    fabric = "" if entry.fabric == "none" else f"; {entry.fabric} {entry.fabric_gbit_per_s:g} Gbit/s"
    _print_lines(
        {
            "name": f"{entry.name}, cloud {entry.cloud}",
            "GPUs": f"{share} {entry.gpu}, {memory:.1f} GiB each",
            "host": f"{entry.vcpus} vCPU, {entry.memory_gib:g} GiB{disk}",
            "network": f"{entry.network_gbit_per_s:g} Gbit/s{fabric}",
            "source": entry.source,
        }
    )
    price_groups = _group_by_region(entry, prices)
    if price_groups:
        headings = ["region", "USD/h", "spot", Column("day", 1), Column("source", 2)]
        print_table(headings, [_price_cells(region, entries) for region, entries in price_groups.items()])
    else:
        typer.echo("no price known: --prices FILE gives one (docs/hardware.md)")
    unknown = [region for region in entry.regions if region not in price_groups]
    if unknown:
        typer.echo(f"also sold, at prices that are not known, in {', '.join(unknown)}")


def _group_by_region(entry: "InstanceType", prices: "PriceList") -> dict[str, list["Price"]]:
    """Group the entries by region, the file's before the catalogue's."""
    regions: dict[str, list[Price]] = {}
    for price in (*prices.overrides.get(entry.name.lower(), ()), *entry.prices):
        regions.setdefault(price.region, []).append(price)
    return regions


def _price_cells(region: str, entries: list["Price"]) -> list[Cell]:
    on_demand = next((entry for entry in entries if entry.on_demand_usd_per_hour is not None), None)
    spot = next((entry for entry in entries if entry.spot_usd_per_hour is not None), None)
    days = dict.fromkeys(entry.at.isoformat() if entry.at else "no date" for entry in (on_demand, spot) if entry)
    sources = dict.fromkeys(entry.source for entry in (on_demand, spot) if entry)
    return [
        Cell(region, "bold"),
        number_cell(on_demand.on_demand_usd_per_hour if on_demand else None, 4, "green"),
        number_cell(spot.spot_usd_per_hour if spot else None, 4, "green"),
        Cell("; ".join(days), "dim"),
        Cell("; ".join(sources), "dim"),
    ]


def _print_lines(values: dict[str, str]) -> None:
    for name, value in values.items():
        print_paragraph(f"{name}: {value}")
