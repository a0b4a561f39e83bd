"""`modelyard plan`: hardware for a task, with split, speed and price, and the reasons against the rest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from modelyard.cli import fine_tune_options as tuning
from modelyard.cli.errors import BadRequestError, describe_option_errors
from modelyard.cli.model_input import build_model, check_finite, find_huggingface_id
from modelyard.cli.price_sources import list_price_sources
from modelyard.cli.region import Cloud, check_sold
from modelyard.cli.terminal import print_json, warn

if TYPE_CHECKING:
    from modelyard.cli.kaito_plan import KaitoPlan
    from modelyard.workloads.planner.candidate import Plan
    from modelyard.workloads.planner.request import Request

Task = Literal["serve", "batch", "full", "lora", "qlora", "prompt", "prefix"]
Estimator = Literal["modelyard", "kaito"]

_OPTIONS = {
    "context_tokens": "--context",
    "concurrency": "--concurrency",
    "max_usd_per_hour": "--max-usd-per-hour",
    "max_nodes": "--max-nodes",
    "fine_tune.sequence_tokens": "--sequence",
    "sku": "--sku",
    "cloud": "--cloud",
    "region": "--region",
}
"""Options by the planner's name of the field."""


def plan(
    *,
    preset: Annotated[str | None, typer.Option(help="A preset: `modelyard presets list`.", metavar="NAME")] = None,
    model_config: Annotated[Path | None, typer.Option(help="A Hugging Face config.json.", metavar="FILE")] = None,
    weights_gib: Annotated[
        float | None, typer.Option(help="Size of the weights in place of the computed one.", metavar="X")
    ] = None,
    parameters: Annotated[
        int | None, typer.Option(help="Count of weights in place of the computed one.", metavar="N")
    ] = None,
    kv_bytes_per_token: Annotated[
        int | None, typer.Option(help="Cache per token; with --weights-gib, no preset or file is needed.", metavar="N")
    ] = None,
    quantisation: Annotated[
        str | None,
        typer.Option(help="Form of the weights, e.g. awq-int4, in place of the published one.", metavar="NAME"),
    ] = None,
    task: Annotated[Task, typer.Option(help="Serving, offline batch, or a method of fine-tuning.")] = "serve",
    cloud: Annotated[Cloud, typer.Option(help="Cloud to search; any: all, and generic nodes.")] = "any",
    sku: Annotated[str | None, typer.Option(help="Only this instance type.", metavar="NAME")] = None,
    region: Annotated[
        str | None, typer.Option(help="Only what this region sells, at its prices, e.g. westeurope.", metavar="NAME")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="File with prices of your own.", metavar="FILE")] = None,
    context: Annotated[
        int | None,
        typer.Option(help="Tokens of one sequence, prompt and answer. Default 8192 or the model's most.", metavar="N"),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Sequences that must fit at once, e.g. 16.", metavar="N")
    ] = None,
    max_usd_per_hour: Annotated[
        float | None, typer.Option(help="Refuse what costs more, all nodes together.", metavar="X")
    ] = None,
    max_nodes: Annotated[int, typer.Option(help="Refuse what takes more nodes, 1 to 64.", metavar="N")] = 4,
    spot: Annotated[bool, typer.Option("--spot", help="Spot prices, with the risk of interruptions.")] = False,
    mig: Annotated[bool, typer.Option("--mig", help="Slices of GPUs (MIG) too, at their share of the price.")] = False,
    data_tokens: tuning.DataTokens = None,
    epochs: tuning.Epochs = None,
    sequence: tuning.Sequence = None,
    batch: tuning.Batch = None,
    lora_rank: tuning.LoraRank = None,
    virtual_tokens: tuning.VirtualTokens = None,
    optimizer: tuning.Optimizer = None,
    sharding: tuning.Sharding = None,
    gradient_checkpointing: tuning.GradientCheckpointing = None,
    packing: tuning.Packing = None,
    estimator: Annotated[Estimator, typer.Option(help="Source of the answer; kaito: kaito 0.12's.")] = "modelyard",
    show_all: Annotated[bool, typer.Option("--all", help="Show every candidate, with the reasons against it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/planner-schema.json).")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw cost against throughput (png, svg, pdf).", metavar="FILE")
    ] = None,
) -> None:
    """Plan hardware for a model.

    Exit codes: 0 something fits, 1 nothing fits, 2 the question makes no sense.

    \b
    Examples:
      modelyard plan --preset gpt2
      modelyard plan --model-config config.json --cloud azure --context 8192 --concurrency 16
      modelyard plan --weights-gib 14.96 --kv-bytes-per-token 131072 --region westeurope --prices prices.yaml
      modelyard plan --preset mistral-7b-v0.3 --task lora --lora-rank 64 --data-tokens 25000000 --epochs 1
      modelyard plan --preset gpt2 --sku Standard_NC24ads_A100_v4 --estimator kaito --json
    """
    model = build_model(
        preset=preset,
        config=model_config,
        weights_gib=weights_gib,
        parameters=parameters,
        kv_bytes_per_token=kv_bytes_per_token,
        quantisation=quantisation,
        context=context,
    )
    from modelyard.cli.hardware import read_price_list

    check_finite("--max-usd-per-hour", max_usd_per_hour)
    if plot is not None:
        from modelyard.cli.plan_plot import check_plot

        check_plot(plot)
    settings = tuning.build_fine_tune(
        task,
        {
            "dataset_tokens": data_tokens,
            "epochs": epochs,
            "sequence_tokens": sequence,
            "batch_sequences": batch,
            "optimizer": optimizer,
            "gradient_checkpointing": gradient_checkpointing,
            "packing": packing,
            "sharding": sharding,
            "lora_rank": lora_rank,
            "virtual_tokens": virtual_tokens,
        },
    )
    request = _build_request(
        model=model,
        task=task,
        cloud=cloud,
        sku=sku if estimator == "modelyard" else None,
        region=region,
        context_tokens=context,
        concurrency=concurrency,
        max_usd_per_hour=max_usd_per_hour,
        max_nodes=max_nodes,
        spot=spot,
        mig=mig,
        prices=read_price_list(prices, quiet=True),
        fine_tune=settings,
    )
    check_sold(sku, region, for_kaito=estimator == "kaito")
    answer: Plan | KaitoPlan
    if estimator == "kaito":
        from modelyard.cli.kaito_plan import build_kaito_plan
        from modelyard.workloads.planner.kaito.models import find_kaito_figures

        published = find_huggingface_id(preset) if quantisation is None else None
        sizes = {"weights_gib": weights_gib, "kv_bytes_per_token": kv_bytes_per_token}
        answer = build_kaito_plan(request, sku, find_kaito_figures(model, huggingface_id=published, **sizes))
    else:
        from modelyard.workloads.planner import plan as planner

        answer = planner.plan(request)
    value = {"estimator": estimator, **answer.as_dict()}
    if task in tuning.METHODS and concurrency is not None:
        value["warnings"].append("--concurrency: ignored for fine-tuning; --batch sets the sequences per GPU")
    if mig and (task in tuning.METHODS or estimator == "kaito"):
        value["warnings"].append("--mig: ignored here; slices are planned for serving with --estimator modelyard")
    value["prices"] = list_price_sources(request, value["candidates"])
    if task in tuning.METHODS:
        value["fine_tune"] = settings.model_dump() | {"sequence_tokens": request.training_sequence_tokens}
    if plot is not None:
        from modelyard.cli.plan_plot import draw_plan

        draw_plan(value, plot)
    warn([*value["warnings"], *value.get("engine_refusals", ())])
    if as_json:
        print_json(value)
    else:
        from modelyard.cli.plan_table import print_plan

        print_plan(value, everything=show_all or sku is not None)
        if estimator == "kaito":
            from modelyard.cli.kaito_table import print_comparison

            print_comparison(value["candidates"], everything=show_all or sku is not None)
    if not any(candidate["fits"] for candidate in value["candidates"]):
        raise typer.Exit(1)


def _build_request(**fields: Any) -> "Request":
    from modelyard.workloads.planner.request import Request
    from pydantic import ValidationError

    try:
        return Request(**fields)
    except ValidationError as error:
        raise BadRequestError(describe_option_errors(error, _OPTIONS)) from error
