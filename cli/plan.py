"""`modelyard plan`: which hardware does the task, how, how fast, for how much; and why the rest does not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from modelyard.cli import fine_tune_options as tuning
from modelyard.cli.complaints import BadRequestError, as_options
from modelyard.cli.model_input import finite, huggingface_id, model
from modelyard.cli.price_sources import price_sources
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
}
"""By the planner's name of what was asked."""


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
        typer.Option(
            help="How the weights are stored, e.g. awq-int4, in place of how they are published.", metavar="NAME"
        ),
    ] = None,
    task: Annotated[Task, typer.Option(help="Serving, offline batch, or a method of fine-tuning.")] = "serve",
    cloud: Annotated[Cloud, typer.Option(help="Where to look; any: everywhere, generic nodes too.")] = "any",
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
    spot: Annotated[bool, typer.Option("--spot", help="Spot prices, with the risk told.")] = False,
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
    estimator: Annotated[Estimator, typer.Option(help="kaito: what kaito 0.12 would answer.")] = "modelyard",
    show_all: Annotated[bool, typer.Option("--all", help="Show every candidate, and why it is refused.")] = False,
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

    finite("--max-usd-per-hour", max_usd_per_hour)
    if plot is not None:
        from modelyard.cli.plan_plot import check_plot  # noqa: PLC0415

        check_plot(plot)
    settings = tuning.fine_tune(
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
    request = _request(
        model=chosen,
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
        prices=price_list(prices, quiet=True),
        fine_tune=settings,
    )
    check_sold(sku, region, for_kaito=estimator == "kaito")
    answer: Plan | KaitoPlan
    if estimator == "kaito":
        from modelyard.cli.kaito_plan import kaito_plan  # noqa: PLC0415
        from modelyard.workloads.planner.kaito.models import find_kaito_figures  # noqa: PLC0415

        published = huggingface_id(preset) if quantisation is None else None
        given = {"weights_gib": weights_gib, "kv_bytes_per_token": kv_bytes_per_token}
        answer = kaito_plan(request, sku, find_kaito_figures(chosen, huggingface_id=published, **given))
    else:
        from modelyard.workloads.planner import plan as planner  # noqa: PLC0415

        answer = planner.plan(request)
    value = {"estimator": estimator, **answer.as_dict()}
    if task in tuning.METHODS and concurrency is not None:
        value["warnings"].append("--concurrency has no meaning for fine-tuning: --batch sets the sequences per GPU")
    if mig and (task in tuning.METHODS or estimator == "kaito"):
        value["warnings"].append("--mig has no meaning here: slices are planned for serving, by our own estimator")
    value["prices"] = price_sources(request, value["candidates"])
    if task in tuning.METHODS:
        value["fine_tune"] = settings.model_dump() | {"sequence_tokens": request.training_sequence_tokens}
    if plot is not None:
        from modelyard.cli.plan_plot import draw  # noqa: PLC0415

        draw(value, plot)
    warn([*value["warnings"], *value.get("engine_refusals", ())])
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


def _request(**fields: Any) -> "Request":
    from modelyard.workloads.planner.request import Request  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return Request(**fields)
    except ValidationError as wrong:
        raise BadRequestError(as_options(wrong, _OPTIONS)) from wrong
