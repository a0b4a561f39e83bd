"""A plan as a table: what fits, best first, and then why the rest does not."""

import datetime
from typing import Any

import typer
from modelyard.cli.plan_remarks import print_notes, print_refused
from modelyard.cli.price_sources import in_words, old_days
from modelyard.cli.terminal import Cell, Column, bar, number, on_terminal, print_table

_MOST_ROWS = 15
_TUNING = ("full", "lora", "qlora", "prompt", "prefix")


def print_plan(plan: dict[str, Any], *, everything: bool) -> None:
    """The plan, in the form of its JSON."""
    typer.echo(_headline(plan))
    fitting = [candidate for candidate in plan["candidates"] if candidate["fits"]]
    refused = [candidate for candidate in plan["candidates"] if not candidate["fits"]]
    shown = fitting if everything else fitting[:_MOST_ROWS]
    if shown:
        table = _tuning if plan["task"] in _TUNING else _serving
        fastest = max((candidate["tokens_per_second"] or 0 for candidate in shown), default=0)
        headings, rows = (_kaitos if plan["estimator"] == "kaito" else table)(shown, fastest)
        print_table(headings, rows)
    if len(shown) < len(fitting):
        more = len(fitting) - len(shown)
        typer.echo(f"{more} more {'fits' if more == 1 else 'fit'}; --all shows {'it' if more == 1 else 'them'}")
    if refused:
        print_refused(refused, tell=everything or not fitting)
    print_notes(shown)
    if plan["prices"]:
        typer.echo(f"{in_words(plan['prices'], spot=plan['spot'])}; --region and --prices change that")
        days = old_days(plan["prices"], datetime.datetime.now(datetime.UTC).date())
        if days is not None:
            typer.echo(
                f"these are up to {days} days old: `modelyard hardware prices import` makes a file of newer ones"
            )


def _headline(plan: dict[str, Any]) -> str:
    model = plan["model"]
    active = ""
    if model["active_parameters"] != model["parameters"]:
        active = f" ({model['active_parameters'] / 1e9:,.1f} B active)"
    sure = "" if model["exact"] else ", sizes are near only"
    return (
        f"{model['name']}: {model['parameters'] / 1e9:,.2f} B parameters{active}, {model['weights_gib']:,.2f} GiB, "
        f"{model['kv_bytes_per_token'] / 1024:,.0f} KiB of cache per token{sure}\n"
        f"task {plan['task']}: {_what_is_asked(plan)}"
    )


def _what_is_asked(plan: dict[str, Any]) -> str:
    asked = plan.get("fine_tune")
    if asked is None:
        most = max((entry["concurrency"] for entry in plan["candidates"]), default=0)
        speed = f"; speed is told with up to {most} in flight" if most > plan["concurrency"] else ""
        return f"{plan['context_tokens']:,} tokens of context, {plan['concurrency']} at once{speed}"
    own = {"lora": "lora_rank", "qlora": "lora_rank", "prompt": "virtual_tokens", "prefix": "virtual_tokens"}
    field = own.get(plan["task"], "")
    words = {"lora_rank": "LoRA rank {}", "virtual_tokens": "{} virtual tokens"}
    return ", ".join(
        [
            f"{asked['dataset_tokens']:,} tokens x {asked['epochs']:g} epochs",
            f"sequences of {asked['sequence_tokens']:,}{'' if asked['packing'] else ', not packed'}",
            f"{asked['batch_sequences']} per GPU and pass",
            asked["optimizer"],
            *([words[field].format(asked[field])] if field else []),
            *([] if asked["gradient_checkpointing"] else ["no gradient checkpointing"]),
        ]
    )


def _serving(shown: list[dict[str, Any]], fastest: float) -> tuple[list[str | Column], list[list[Cell]]]:
    headings = [
        *_what_headings(),
        Column("max context", 8),
        Column("at once", 6),
        "token/s",
        *_bar_heading(),
        Column("ms/token", 5),
        "USD/h",
        "USD/M token",
    ]
    rows = [
        [
            *_what(entry),
            number(entry["max_context_tokens"], 0),
            number(entry["max_concurrency"], 0),
            number(entry["tokens_per_second"], 0),
            *_bar_cell(entry, fastest),
            number(entry["inter_token_latency_ms"], 1),
            number(entry["usd_per_hour"], 2, "green"),
            number(entry["usd_per_million_tokens"], 3, "green"),
        ]
        for entry in shown
    ]
    return headings, rows


def _kaitos(shown: list[dict[str, Any]], _: float) -> tuple[list[str | Column], list[list[Cell]]]:
    """Kaito estimates no speed and no context: it is told one."""
    return [*_what_headings(), "USD/h"], [[*_what(entry), number(entry["usd_per_hour"], 2, "green")] for entry in shown]


def _tuning(shown: list[dict[str, Any]], fastest: float) -> tuple[list[str | Column], list[list[Cell]]]:
    headings = [*_what_headings(), "token/s", *_bar_heading(), Column("h/run", 2), "USD/h", "USD/run"]
    rows = [
        [
            *_what(entry),
            number(entry["tokens_per_second"], 0),
            *_bar_cell(entry, fastest),
            number(entry["hours_per_run"], 1),
            number(entry["usd_per_hour"], 2, "green"),
            number(entry["usd_per_run"], 2, "green"),
        ]
        for entry in shown
    ]
    return headings, rows


def _what_headings() -> list[str | Column]:
    bars = [Column("memory", 7)] if on_terminal() else []
    return ["instance type", "nodes", "GPU", Column("split", 3), *bars, Column("GPU memory", 9)]


def _what(entry: dict[str, Any]) -> list[Cell]:
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
        number(entry["nodes"], 0),
        Cell(_gpus(entry), "cyan"),
        Cell(" ".join(split) or "-"),
        *([Cell(bar(used / whole if whole > 0 else 0, 6), "dim")] if on_terminal() else []),
        Cell(text),
    ]


def _gpus(entry: dict[str, Any]) -> str:
    """`8x h100-sxm`, or one slice of it: `1g.10gb of a100-80gb`."""
    profile = entry.get("mig_profile")
    return f"{profile} of {entry['gpu']}" if profile else f"{entry['gpus_per_node']}x {entry['gpu']}"


def _bar_heading() -> list[Column]:
    return [Column("", 4)] if on_terminal() else []


def _bar_cell(entry: dict[str, Any], fastest: float) -> list[Cell]:
    if not on_terminal():
        return []
    return [Cell(bar((entry["tokens_per_second"] or 0) / fastest) if fastest else "", "cyan")]
