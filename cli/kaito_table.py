"""Comparison of kaito's answers with the planner's, for people."""

from typing import Any

import typer
from modelyard.cli.terminal import Cell, print_table

_SHORT = (("TP", "tensor_parallel"), ("PP", "pipeline_parallel"), ("DP", "data_parallel"))


def print_comparison(candidates: list[dict[str, Any]], *, everything: bool) -> None:
    """Print two answers per size, then each mistake of kaito's once, or once per figure if `everything` is set."""
    typer.echo("\nkaito's answer and ours:")
    print_table(
        ["instance type", "kaito", "", "ours"],
        [
            [Cell(entry["sku"], "bold"), Cell(_describe_kaito(entry)), _verdict(entry), Cell(_describe_ours(entry))]
            for entry in candidates
        ],
    )
    skus_by_key: dict[tuple[str, ...], list[str]] = {}
    texts: dict[tuple[str, ...], dict[str, str]] = {}
    for entry in candidates:
        for difference in entry["comparison"]["differences"]:
            key = tuple(difference.values()) if everything else (difference["defect"],)
            skus_by_key.setdefault(key, []).append(entry["sku"])
            texts.setdefault(key, difference)
    if skus_by_key:
        typer.echo("\nwhy the estimates differ:")
    for key, skus in skus_by_key.items():
        difference = texts[key]
        more = f" and {len(skus) - 1} more" if len(skus) > 1 else ""
        typer.echo(f"{difference['defect']} ({skus[0]}{more})")
        typer.echo(f"  kaito {difference['kaito']}")
        typer.echo(f"  ours  {difference['ours']}")


def _describe_kaito(entry: dict[str, Any]) -> str:
    return _describe_split(entry) if entry["nodes"] else "refuses"


def _describe_ours(entry: dict[str, Any]) -> str:
    ours = entry["comparison"]["ours"]
    if ours is None:
        return "not in our catalogue"
    return _describe_split(ours) if ours["fits"] else "; ".join(ours["reasons"])


def _describe_split(entry: dict[str, Any]) -> str:
    """Describe nodes and split, such as `2 nodes, TP4 PP2`."""
    split = " ".join(f"{short}{entry[name]}" for short, name in _SHORT if entry[name] > 1)
    nodes = f"{entry['nodes']} node{'s' if entry['nodes'] > 1 else ''}"
    return f"{nodes}, {split}" if split else nodes


def _verdict(entry: dict[str, Any]) -> Cell:
    agree = entry["comparison"]["agree"]
    if agree is None:
        return Cell("")
    return Cell("same", "green") if agree else Cell("differs", "yellow")
