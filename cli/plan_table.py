"""A plan as a table: what fits, best first, and then why the rest does not."""

from typing import Any

import typer
from modelyard.cli.terminal import Cell, bar, number, on_terminal, print_table

_MOST_ROWS = 15
_TUNING = ("full", "lora", "qlora", "prompt", "prefix")


def print_plan(plan: dict[str, Any], *, everything: bool) -> None:
    """The plan, in the form of its JSON."""
    typer.echo(_headline(plan))
    fitting = [candidate for candidate in plan["candidates"] if candidate["fits"]]
    refused = [candidate for candidate in plan["candidates"] if not candidate["fits"]]
    shown = fitting if everything else fitting[:_MOST_ROWS]
    if shown:
        tuning = plan["task"] in _TUNING
        fastest = max((candidate["tokens_per_second"] or 0 for candidate in shown), default=0)
        headings, rows = (_tuning if tuning else _serving)(shown, fastest)
        print_table(headings, rows)
    if len(shown) < len(fitting):
        typer.echo(f"{len(fitting) - len(shown)} more fit; --all shows them")
    if everything or not fitting:
        if refused:
            typer.echo(f"refused: {len(refused)}")
            print_table(
                ["instance type", "why"],
                [[Cell(entry["sku"], "dim"), Cell("; ".join(entry["reasons"]), "red")] for entry in refused],
            )
    elif refused:
        typer.echo(f"{len(refused)} are refused; --all tells why")
    _print_notes(shown)


def _print_notes(shown: list[dict[str, Any]]) -> None:
    """Every note once, with those that it is about."""
    about: dict[str, list[str]] = {}
    for candidate in shown:
        for note in candidate["notes"]:
            about.setdefault(note, []).append(candidate["sku"])
    for note, skus in about.items():
        more = f" and {len(skus) - 1} more" if len(skus) > 1 else ""
        typer.echo(f"note: {note} ({skus[0]}{more})")


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
        return f"{plan['context_tokens']:,} tokens of context, {plan['concurrency']} at once"
    method = {"lora": ("LoRA rank", "lora_rank"), "qlora": ("LoRA rank", "lora_rank")}
    method |= {"prompt": ("virtual tokens", "virtual_tokens"), "prefix": ("virtual tokens", "virtual_tokens")}
    what, field = method.get(plan["task"], ("", ""))
    return ", ".join(
        [
            f"{asked['dataset_tokens']:,} tokens x {asked['epochs']:g} epochs",
            f"sequences of {asked['sequence_tokens']:,}{'' if asked['packing'] else ', not packed'}",
            f"{asked['batch_sequences']} per GPU and pass",
            asked["optimizer"],
            *([f"{what} {asked[field]}"] if what else []),
            *([] if asked["gradient_checkpointing"] else ["no gradient checkpointing"]),
        ]
    )


def _serving(shown: list[dict[str, Any]], fastest: float) -> tuple[list[str], list[list[Cell]]]:
    headings = [
        "instance type",
        "nodes",
        "GPU",
        "split",
        "GPU memory",
        "max context",
        "at once",
        "token/s",
        *_bar_heading(),
        "ms/token",
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


def _tuning(shown: list[dict[str, Any]], fastest: float) -> tuple[list[str], list[list[Cell]]]:
    headings = ["instance type", "nodes", "GPU", "split", "GPU memory", "token/s", *_bar_heading(), "h/run"]
    headings += ["USD/h", "USD/run"]
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


def _what(entry: dict[str, Any]) -> list[Cell]:
    memory = entry["gpu_memory_gib"]
    used, free = memory["total_gib"], memory["free_gib"]
    whole = used + free
    text = f"{used:.1f} of {whole:.1f} GiB" if free > 0 else f"{used:.1f} GiB"
    if on_terminal() and whole > 0:
        text = f"{bar(used / whole, 6)} {text}"
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
        Cell(f"{entry['gpus_per_node']}x {entry['gpu']}", "cyan"),
        Cell(" ".join(split) or "-"),
        Cell(text),
    ]


def _bar_heading() -> list[str]:
    return [""] if on_terminal() else []


def _bar_cell(entry: dict[str, Any], fastest: float) -> list[Cell]:
    if not on_terminal():
        return []
    return [Cell(bar((entry["tokens_per_second"] or 0) / fastest) if fastest else "", "cyan")]
