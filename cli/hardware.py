"""`modelyard hardware`: the GPUs and instance types that the planner chooses from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from modelyard.cli import price_import
from modelyard.cli.complaints import BadRequestError
from modelyard.cli.region import Cloud, check_region
from modelyard.cli.terminal import Cell, Column, number, print_json, print_table, warn

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
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415 - pydantic loads only where it is used

    if gpus:
        _list_gpus([catalogue.gpu(gpu)] if gpu else list(catalogue.gpus()), as_json=as_json)
        return
    known = price_list(prices)
    check_region(region, cloud)
    chosen = [
        entry
        for entry in catalogue.instance_types(cloud)
        if (gpu is None or entry.gpu == catalogue.gpu(gpu).name) and (region is None or entry.sold_in(region))
    ]
    if as_json:
        print_json([_instance_as_dict(entry, known, region) for entry in chosen])
        return
    headings = [Column("cloud", 4), "instance type", "GPUs", "GPU", "GiB/GPU", Column("vCPU", 3), Column("GiB", 2)]
    print_table(
        [*headings, "USD/h", "spot", Column("fabric", 5)], [_instance_row(entry, known, region) for entry in chosen]
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A GPU or an instance type.")],
    *,
    prices: Annotated[Path | None, typer.Option(help="File with prices of your own (docs/hardware.md).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show all that is known of one GPU or instance type, with its sources.

    \b
    Examples:
      modelyard hardware show h100-sxm
      modelyard hardware show Standard_NC24ads_A100_v4 --json
    """
    from modelyard.cli.hardware_show import show_gpu, show_instance  # noqa: PLC0415
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415

    known = price_list(prices)
    gpus = [entry.name for entry in catalogue.gpus()]
    types = [entry.name for entry in catalogue.instance_types()]
    if name.lower() in gpus:
        gpu = catalogue.gpu(name)
        print_json(gpu.model_dump(mode="json")) if as_json else show_gpu(gpu)
    elif name.lower() in map(str.lower, types):
        entry = catalogue.instance_type(name)
        print_json(_instance_as_dict(entry, known, None)) if as_json else show_instance(entry, known)
    else:
        hint = catalogue.suggest(name, [*gpus, *types])
        raise BadRequestError(f"no GPU and no instance type {name!r}; {hint}")


def price_list(file: Path | None, *, quiet: bool = False) -> "PriceList":
    """The catalogue's prices, a file's laid over them; its warnings go to stderr, unless quiet.

    Raises:
        InvalidPricesError: the file is wrong.
    """
    from modelyard.workloads.hardware import prices  # noqa: PLC0415

    if file is None:
        return prices.CATALOGUE_PRICES
    found = prices.read_prices(file)
    if not quiet:
        warn(found.warnings)
    return found


def _instance_row(entry: "InstanceType", prices: "PriceList", region: str | None) -> list[Cell]:
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415

    gpus = entry.gpus * entry.gpu_share
    return [
        Cell(entry.cloud, "dim"),
        Cell(entry.name, "bold"),
        Cell(f"{gpus:.3g}", right=True),
        Cell(entry.gpu, "cyan"),
        number(catalogue.gpu(entry.gpu).memory_gib * entry.gpu_share, 1),
        number(entry.vcpus, 0),
        number(entry.memory_gib, 0),
        number(prices.price(entry, region=region), style="green"),
        number(prices.price(entry, region=region, spot=True), style="green"),
        Cell("" if entry.fabric == "none" else f"{entry.fabric} {entry.fabric_gbit_per_s:g} Gbit/s"),
    ]


def _instance_as_dict(entry: "InstanceType", prices: "PriceList", region: str | None) -> dict[str, object]:
    own = prices.overrides.get(entry.name.lower(), ())
    every = [*own, *(price for price in entry.prices if price.region not in {mine.region for mine in own})]
    known = [price.model_dump(mode="json") for price in every if region in {None, price.region}]
    return {**entry.model_dump(mode="json"), "prices": known}


def _list_gpus(chosen: list["Gpu"], *, as_json: bool) -> None:
    from modelyard.workloads.hardware.gpu import Precision  # noqa: PLC0415

    if as_json:
        print_json([entry.model_dump(mode="json") for entry in chosen])
        return
    kinds: tuple[Precision, ...] = get_args(Precision)
    going: dict[Precision, int] = {"fp4": 2, "int8": 3, "tf32": 4, "fp32": 5}
    typer.echo("dense peak in TFLOPS (int8: TOPS); CC: compute capability; MIG: most slices of one GPU")
    print_table(
        [
            *("GPU", "GiB", "GB/s"),
            *(Column(kind, going.get(kind, 0)) for kind in kinds),
            *(Column("CC", 1), Column("link GB/s", 6), Column("MIG", 7)),
        ],
        [
            [
                Cell(entry.name, "bold"),
                number(entry.memory_gib, 1, "cyan"),
                number(entry.memory_bandwidth_gb_per_s, 0),
                *(number(entry.peak_tflops.get(kind), 0) for kind in kinds),
                Cell(entry.compute_capability, right=True),
                Cell(f"{entry.link} {entry.link_gb_per_s:g}"),
                number(max((profile.instances for profile in entry.mig_profiles), default=None), 0, "dim"),
            ]
            for entry in chosen
        ],
    )
