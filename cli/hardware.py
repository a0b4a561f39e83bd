"""`modelyard hardware`: GPUs and instance types of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from modelyard.cli import price_import
from modelyard.cli.errors import BadRequestError
from modelyard.cli.region import Cloud, check_region
from modelyard.cli.terminal import Cell, Column, number_cell, print_json, print_table, warn

if TYPE_CHECKING:
    from modelyard.workloads.hardware.gpu import Gpu
    from modelyard.workloads.hardware.instance import InstanceType
    from modelyard.workloads.hardware.prices import PriceList

app = typer.Typer(help="Look at GPUs and instance types, with prices and regions.", no_args_is_help=True)
app.add_typer(price_import.app, name="prices")


@app.command(name="list")
def list_hardware(
    *,
    cloud: Annotated[Cloud, typer.Option(help="Instance types of this cloud; any: of all, and generic nodes.")] = "any",
    gpu: Annotated[str | None, typer.Option(help="Only those with this GPU.", metavar="NAME")] = None,
    region: Annotated[str | None, typer.Option(help="Only those sold here, with prices of it.")] = None,
    prices: Annotated[Path | None, typer.Option(help="File with prices of your own (docs/hardware.md).")] = None,
    gpus: Annotated[bool, typer.Option("--gpus", help="List GPUs instead of instance types.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List instance types, or GPUs.

    \b
    Examples:
      modelyard hardware list --cloud azure --gpu a100-80gb-pcie
      modelyard hardware list --region westeurope
      modelyard hardware list --gpus
    """
    from modelyard.workloads.hardware import catalogue

    if gpus:
        _list_gpus([catalogue.find_gpu(gpu)] if gpu else list(catalogue.list_gpus()), as_json=as_json)
        return
    price_list = read_price_list(prices)
    check_region(region, cloud)
    entries = [
        entry
        for entry in catalogue.list_instance_types(cloud)
        if (gpu is None or entry.gpu == catalogue.find_gpu(gpu).name) and (region is None or entry.sold_in(region))
    ]
    if as_json:
        print_json([_instance_as_dict(entry, price_list, region) for entry in entries])
        return
    headings = [Column("cloud", 4), "instance type", "GPUs", "GPU", "GiB/GPU", Column("vCPU", 3), Column("GiB", 2)]
    print_table(
        [*headings, "USD/h", "spot", Column("fabric", 5)],
        [_instance_cells(entry, price_list, region) for entry in entries],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A GPU or an instance type.")],
    *,
    prices: Annotated[Path | None, typer.Option(help="File with prices of your own (docs/hardware.md).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one GPU or instance type, with its sources.

    \b
    Examples:
      modelyard hardware show h100-sxm
      modelyard hardware show Standard_NC24ads_A100_v4 --json
    """
    from modelyard.cli.hardware_show import show_gpu, show_instance
    from modelyard.workloads.hardware import catalogue
    from modelyard.workloads.suggestions import suggest

    price_list = read_price_list(prices)
    gpus = [entry.name for entry in catalogue.list_gpus()]
    types = [entry.name for entry in catalogue.list_instance_types()]
    if name.lower() in gpus:
        gpu = catalogue.find_gpu(name)
        print_json(gpu.model_dump(mode="json")) if as_json else show_gpu(gpu)
    elif name.lower() in map(str.lower, types):
        entry = catalogue.find_instance_type(name)
        print_json(_instance_as_dict(entry, price_list, None)) if as_json else show_instance(entry, price_list)
    else:
        hint = suggest(name, [*gpus, *types], listing="modelyard hardware list")
        raise BadRequestError(f"no GPU and no instance type {name!r}; {hint}")


def read_price_list(file: Path | None, *, quiet: bool = False) -> "PriceList":
    """Lay the prices of a file over the catalogue's; its warnings go to stderr, unless quiet.

    Raises:
        InvalidPricesError: the file is wrong.
    """
    from modelyard.workloads.hardware import prices

    if file is None:
        return prices.CATALOGUE_PRICES
    price_list = prices.read_prices(file)
    if not quiet:
        warn(price_list.warnings)
    return price_list


def _instance_cells(entry: "InstanceType", prices: "PriceList", region: str | None) -> list[Cell]:
    from modelyard.workloads.hardware import catalogue

    gpus = entry.gpus * entry.gpu_share
    return [
        Cell(entry.cloud, "dim"),
        Cell(entry.name, "bold"),
        Cell(f"{gpus:.3g}", right=True),
        Cell(entry.gpu, "cyan"),
        number_cell(catalogue.find_gpu(entry.gpu).memory_gib * entry.gpu_share, 1),
        number_cell(entry.vcpus, 0),
        number_cell(entry.memory_gib, 0),
        number_cell(prices.price(entry, region=region), style="green"),
        number_cell(prices.price(entry, region=region, spot=True), style="green"),
        Cell("" if entry.fabric == "none" else f"{entry.fabric} {entry.fabric_gbit_per_s:g} Gbit/s"),
    ]


def _instance_as_dict(entry: "InstanceType", prices: "PriceList", region: str | None) -> dict[str, object]:
    overrides = prices.overrides.get(entry.name.lower(), ())
    regions = {price.region for price in overrides}
    entries = [*overrides, *(price for price in entry.prices if price.region not in regions)]
    prices_json = [price.model_dump(mode="json") for price in entries if region in {None, price.region}]
    return {**entry.model_dump(mode="json"), "prices": prices_json}


def _list_gpus(gpus: list["Gpu"], *, as_json: bool) -> None:
    from modelyard.workloads.hardware.gpu import Precision

    if as_json:
        print_json([entry.model_dump(mode="json") for entry in gpus])
        return
    kinds: tuple[Precision, ...] = get_args(Precision)
    expendable: dict[Precision, int] = {"fp4": 2, "int8": 3, "tf32": 4, "fp32": 5}
    typer.echo("dense peak in TFLOPS (int8: TOPS); CC: compute capability; MIG: most slices of one GPU")
    print_table(
        [
            *("GPU", "GiB", "GB/s"),
            *(Column(kind, expendable.get(kind, 0)) for kind in kinds),
            *(Column("CC", 1), Column("link GB/s", 6), Column("MIG", 7)),
        ],
        [
            [
                Cell(entry.name, "bold"),
                number_cell(entry.memory_gib, 1, "cyan"),
                number_cell(entry.memory_bandwidth_gb_per_s, 0),
                *(number_cell(entry.peak_tflops.get(kind), 0) for kind in kinds),
                Cell(entry.compute_capability, right=True),
                Cell(f"{entry.link} {entry.link_gb_per_s:g}"),
                number_cell(max((profile.instances for profile in entry.mig_profiles), default=None), 0, "dim"),
            ]
            for entry in gpus
        ],
    )
