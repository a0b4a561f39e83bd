"""`modelyard plan`: which hardware does the task, how, how fast, for how much; and why the rest does not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from modelyard.cli.complaints import BadRequestError
from modelyard.cli.model_input import finite, model
from modelyard.cli.terminal import print_json, warn

if TYPE_CHECKING:
    from modelyard.cli.kaito_plan import KaitoPlan
    from modelyard.workloads.planner.candidate import Plan
    from modelyard.workloads.planner.request import Request

Cloud = Literal["azure", "aws", "any"]
Task = Literal["serve", "batch", "full", "lora", "qlora", "prompt", "prefix"]
Estimator = Literal["modelyard", "kaito"]
Quantisation = Literal["none", "int8", "awq-int4", "gptq-int4", "bitsandbytes-int8", "bitsandbytes-nf4", "fp8", "mxfp4"]


def plan(
    *,
    preset: Annotated[str | None, typer.Option(help="A preset: `modelyard presets list`.", metavar="NAME")] = None,
    model_config: Annotated[Path | None, typer.Option(help="A Hugging Face config.json.", metavar="FILE")] = None,
    weights_gib: Annotated[float | None, typer.Option(help="Size of the weights in place of the computed one.")] = None,
    parameters: Annotated[int | None, typer.Option(help="Count of weights in place of the computed one.")] = None,
    kv_bytes_per_token: Annotated[
        int | None, typer.Option(help="Cache per token; with --weights-gib, no preset or file is needed.")
    ] = None,
    quantisation: Annotated[
        Quantisation | None, typer.Option(help="How the weights are stored, in place of how they are published.")
    ] = None,
    task: Annotated[Task, typer.Option(help="Serving, offline batch, or a method of fine-tuning.")] = "serve",
    cloud: Annotated[Cloud, typer.Option(help="Where to look; any: everywhere, generic nodes too.")] = "any",
    sku: Annotated[str | None, typer.Option(help="Only this instance type.", metavar="NAME")] = None,
    region: Annotated[str | None, typer.Option(help="Only what this region sells, at its prices.")] = None,
    prices: Annotated[Path | None, typer.Option(help="File with prices of your own.", metavar="FILE")] = None,
    context: Annotated[int | None, typer.Option(min=1, help="Tokens of one sequence, prompt and answer.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Sequences that must fit at once.")] = None,
    max_usd_per_hour: Annotated[float | None, typer.Option(help="Refuse what costs more.")] = None,
    spot: Annotated[bool, typer.Option("--spot", help="Spot prices, with the risk told.")] = False,
    estimator: Annotated[Estimator, typer.Option(help="kaito: what kaito 0.12 would answer.")] = "modelyard",
    show_all: Annotated[bool, typer.Option("--all", help="Show every candidate, and why it is refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/planner-schema.json).")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw cost against throughput (png, svg, pdf).")] = None,
) -> None:
    """Plan hardware for a model. Exit code 1: nothing fits.

    \b
    Examples:
      modelyard plan --preset gpt2
      modelyard plan --model-config config.json --cloud azure --context 8192 --concurrency 16
      modelyard plan --weights-gib 14.96 --kv-bytes-per-token 131072 --region westeurope --prices prices.yaml
      modelyard plan --preset gpt2 --sku Standard_NC24ads_A100_v4 --estimator kaito --json
    """
    chosen = model(
        preset=preset,
        config=model_config,
        weights_gib=weights_gib,
        parameters=parameters,
        kv_bytes_per_token=kv_bytes_per_token,
        quantisation=quantisation,
        context=context,
    )
    from modelyard.cli.hardware import price_list  # noqa: PLC0415 - pydantic loads only where it is used
    from modelyard.workloads.planner.request import Request  # noqa: PLC0415

    finite("--max-usd-per-hour", max_usd_per_hour)
    if plot is not None:
        from modelyard.cli.plan_plot import check_plot  # noqa: PLC0415

        check_plot(plot)
    request = Request(
        model=chosen,
        task=task,
        cloud=cloud,
        sku=sku if estimator == "modelyard" else None,
        region=region,
        context_tokens=context,
        concurrency=concurrency,
        max_usd_per_hour=max_usd_per_hour,
        spot=spot,
        prices=price_list(prices, quiet=True),
    )
    if sku is not None and region is not None and estimator == "modelyard":
        _sold_there(sku, region)
    value = {"estimator": estimator, **_answer(request, estimator, sku).as_dict()}
    if plot is not None:
        from modelyard.cli.plan_plot import draw  # noqa: PLC0415

        draw(value, plot)
    warn(value["warnings"])
    if as_json:
        print_json(value)
    else:
        from modelyard.cli.plan_table import print_plan  # noqa: PLC0415

        print_plan(value, everything=show_all or sku is not None)
        if estimator == "kaito":
            from modelyard.cli.kaito_table import print_comparison  # noqa: PLC0415

            print_comparison(value["candidates"], everything=show_all or sku is not None)
    if not any(candidate["fits"] for candidate in value["candidates"]):
        raise typer.Exit(1)


def _answer(request: "Request", estimator: Estimator, sku: str | None) -> "Plan | KaitoPlan":
    if estimator == "kaito":
        from modelyard.cli.kaito_plan import kaito_plan  # noqa: PLC0415

        return kaito_plan(request, sku)
    from modelyard.workloads.planner import plan as planner  # noqa: PLC0415

    return planner.plan(request)


def _sold_there(sku: str, region: str) -> None:
    from modelyard.workloads.hardware import catalogue  # noqa: PLC0415

    instance = catalogue.instance_type(sku)
    if not instance.sold_in(region):
        raise BadRequestError(f"{instance.name} is not sold in {region!r}; it is in {', '.join(instance.regions)}")
