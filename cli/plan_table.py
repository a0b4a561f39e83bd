"""Plan as a table: candidates that fit, best first, and then the reasons against the rest."""

import datetime
from typing import Any, NamedTuple

import typer
from modelyard.cli.plan_remarks import print_notes, print_refused
from modelyard.cli.price_sources import describe_sources, find_stale_age
from modelyard.cli.terminal import Cell, Column, Style, draw_bar, is_terminal, number_cell, print_table

_MOST_ROWS = 15
_TUNING = ("full", "lora", "qlora", "prompt", "prefix")


class _Figure(NamedTuple):
    """Column with one figure of each candidate."""

    heading: str
    field: str
    digits: int
    style: Style = ""
    expendable: int = 0


_SPEED = _Figure("token/s", "tokens_per_second", 0)
_USD_PER_HOUR = _Figure("USD/h", "usd_per_hour", 2, "green")
_SERVING_FIGURES = (
    _Figure("max context", "max_context_tokens", 0, expendable=8),
    _Figure("at once", "max_concurrency", 0, expendable=6),
    _SPEED,
    _Figure("ms/token", "inter_token_latency_ms", 1, expendable=5),
    _USD_PER_HOUR,
    _Figure("USD/M token", "usd_per_million_tokens", 3, "green"),
)
_TRAINING_FIGURES = (
    _SPEED,
    _Figure("h/run", "hours_per_run", 1, expendable=2),
    _USD_PER_HOUR,
    _Figure("USD/run", "usd_per_run", 2, "green"),
)
_KAITO_FIGURES = (_USD_PER_HOUR,)
"""Figures of kaito's plan, which has no speed and no context of its own."""


def print_plan(plan: dict[str, Any], *, everything: bool) -> None:
    """Print a plan, given in its JSON form."""
    typer.echo(_describe_model(plan))
    fitting = [candidate for candidate in plan["candidates"] if candidate["fits"]]
    refusals = [candidate for candidate in plan["candidates"] if not candidate["fits"]]
    rows_shown = fitting if everything else fitting[:_MOST_ROWS]
    if rows_shown:
        figures = _TRAINING_FIGURES if plan["task"] in _TUNING else _SERVING_FIGURES
        _print_candidates(rows_shown, _KAITO_FIGURES if plan["estimator"] == "kaito" else figures)
    if len(rows_shown) < len(fitting):
        more = len(fitting) - len(rows_shown)
        typer.echo(f"{more} more {'fits' if more == 1 else 'fit'}; --all shows {'it' if more == 1 else 'them'}")
    if refusals:
        print_refused(refusals, explain=everything or not fitting)
    print_notes(rows_shown)
    if plan["prices"]:
        typer.echo(f"{describe_sources(plan['prices'], spot=plan['spot'])}; --region and --prices change that")
        days = find_stale_age(plan["prices"], datetime.datetime.now(datetime.UTC).date())
        if days is not None:
            typer.echo(
                f"these are up to {days} days old: `modelyard hardware prices import` makes a file of newer ones"
            )


def _describe_model(plan: dict[str, Any]) -> str:
    model = plan["model"]
    active = ""
    if model["active_parameters"] != model["parameters"]:
        active = f" ({model['active_parameters'] / 1e9:,.1f} B active)"
    accuracy = "" if model["exact"] else ", sizes are near only"
    return (
        f"{model['name']}: {model['parameters'] / 1e9:,.2f} B parameters{active}, {model['weights_gib']:,.2f} GiB, "
        f"{model['kv_bytes_per_token'] / 1024:,.0f} KiB of cache per token{accuracy}\n"
        f"task {plan['task']}: {_describe_request(plan)}"
    )


def _describe_request(plan: dict[str, Any]) -> str:
    settings = plan.get("fine_tune")
    if settings is None:
        most = max((entry["concurrency"] for entry in plan["candidates"]), default=0)
        speed = f"; speed is for up to {most} in flight" if most > plan["concurrency"] else ""
        return f"{plan['context_tokens']:,} tokens of context, {plan['concurrency']} at once{speed}"
    fields = {"lora": "lora_rank", "qlora": "lora_rank", "prompt": "virtual_tokens", "prefix": "virtual_tokens"}
    field = fields.get(plan["task"], "")
    words = {"lora_rank": "LoRA rank {}", "virtual_tokens": "{} virtual tokens"}
    return ", ".join(
        [
            f"{settings['dataset_tokens']:,} tokens x {settings['epochs']:g} epochs",
            f"sequences of {settings['sequence_tokens']:,}{'' if settings['packing'] else ', not packed'}",
            f"{settings['batch_sequences']} per GPU and pass",
            settings["optimizer"],
            *([words[field].format(settings[field])] if field else []),
            *([] if settings["gradient_checkpointing"] else ["no gradient checkpointing"]),
        ]
    )


def _print_candidates(candidates: list[dict[str, Any]], figures: tuple[_Figure, ...]) -> None:
    """Print a row per candidate: its machines and figures, with a bar beside the speed on a terminal."""
    fastest = max((candidate["tokens_per_second"] or 0 for candidate in candidates), default=0)
    headings, rows = _machine_headings(), [_machine_cells(candidate) for candidate in candidates]
    for figure in figures:
        headings.append(Column(figure.heading, figure.expendable))
        for candidate, row in zip(candidates, rows, strict=True):
            row.append(number_cell(candidate[figure.field], figure.digits, figure.style))
        if figure is _SPEED and is_terminal():
            headings.append(Column("", 4))
            for candidate, row in zip(candidates, rows, strict=True):
                bar = draw_bar((candidate["tokens_per_second"] or 0) / fastest) if fastest else ""
                row.append(Cell(bar, "cyan"))
    print_table(headings, rows)


def _machine_headings() -> list[str | Column]:
    bars = [Column("memory", 7)] if is_terminal() else []
    return ["instance type", "nodes", "GPU", Column("split", 3), *bars, Column("GPU memory", 9)]


def _machine_cells(entry: dict[str, Any]) -> list[Cell]:
    memory = entry["gpu_memory_gib"]
    used, free = memory["total_gib"], memory["free_gib"]
    whole = round(used + free, 2)
    text = f"{used:.1f} of {whole:.1f} GiB" if free > 0 else f"{used:.1f} GiB"
    split = [
        f"{short}{entry[name]}"
        for short, name in (
            ("TP", "tensor_parallel"),
            ("PP", "pipeline_parallel"),
            ("DP", "data_parallel"),
            ("EP", "expert_parallel"),
        )
        if entry[name] > 1
    ]
    if entry["sharding"] != "none":
        split.append(entry["sharding"])
    return [
        Cell(entry["sku"], "bold"),
        number_cell(entry["nodes"], 0),
        Cell(_gpus(entry), "cyan"),
        Cell(" ".join(split) or "-"),
        *([Cell(draw_bar(used / whole if whole > 0 else 0, 6), "dim")] if is_terminal() else []),
        Cell(text),
    ]


def _gpus(entry: dict[str, Any]) -> str:
    """Describe the GPUs, such as `8x h100-sxm`, or a slice, such as `1g.10gb of a100-80gb`."""
    profile = entry.get("mig_profile")
    return f"{profile} of {entry['gpu']}" if profile else f"{entry['gpus_per_node']}x {entry['gpu']}"
