"""`modelyard hardware prices import`: a price file from the clouds' published price lists."""

import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from modelyard.cli.errors import BadRequestError
from modelyard.cli.terminal import warn

app = typer.Typer(help="Newer prices than the catalogue's.", no_args_is_help=True)


@app.callback()
def _prices() -> None:
    """Newer prices than the catalogue's."""


@app.command(name="import")
def import_prices(
    files: Annotated[list[Path], typer.Argument(help="Lists, or pages of one.", metavar="FILE")],
    *,
    date: Annotated[
        str | None,
        typer.Option(help="Day of the prices, e.g. 2026-09-01, for lists without one.", metavar="DAY"),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Source of each price; else the files' names.")] = None,
    form: Annotated[
        Literal["yaml", "csv"], typer.Option(help="yaml: a file for --prices; csv: rows of the catalogue's prices.csv.")
    ] = "yaml",
) -> None:
    """Read price lists that lie on disk, and print a price file.

    Known are answers of Azure's retail price API, the prices that karpenter-provider-azure ships, AWS's price list of
    EC2 (get-products, index.json, index.csv) and answers of describe-spot-price-history.

    \b
    Examples:
      curl -G https://prices.azure.com/api/retail/prices --data-urlencode \\
        "\\$filter=armRegionName eq 'westeurope' and contains(armSkuName, 'Standard_N')" > azure.json
      modelyard hardware prices import azure.json > prices.yaml
      aws ec2 describe-spot-price-history --product-descriptions Linux/UNIX --region eu-west-1 > spot.json
      modelyard hardware prices import index.csv spot.json --source "AWS, eu-west-1" > prices.yaml
      modelyard plan --preset gpt2 --region westeurope --prices prices.yaml
    """
    from modelyard.workloads.hardware.price_lists import read_price_lists

    result = read_price_lists(files, date=_parse_day(date), source=source)
    warn(result.warnings)
    typer.echo(result.to_yaml() if form == "yaml" else result.to_csv(), nl=False)


def _parse_day(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError(f"--date = {text!r}: must be a day such as 2026-09-01") from error
    if day > datetime.datetime.now(datetime.UTC).date():
        raise BadRequestError(f"--date = {text!r}: must not be in the future")
    return day
