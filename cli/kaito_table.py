"""Ours beside kaito's answer, for people: what we would do on each size, and why it differs."""

from typing import Any

import typer
from modelyard.cli.terminal import Cell, print_table

_SHORT = (("TP", "tensor_parallel"), ("PP", "pipeline_parallel"), ("DP", "data_parallel"))


def print_comparison(candidates: list[dict[str, Any]], *, everything: bool) -> None:
    """Two answers per size; then every mistake of kaito's once, or once per figure where everything is asked for."""
    typer.echo("\nkaito's answer and ours:")
    print_table(
        ["instance type", "kaito", "", "ours"],
        [
            [Cell(entry["sku"], "bold"), Cell(_kaitos(entry)), _verdict(entry), Cell(_ours(entry["comparison"]))]
            for entry in candidates
        ],
    )
    about: dict[tuple[str, ...], list[str]] = {}
    texts: dict[tuple[str, ...], dict[str, str]] = {}
    for entry in candidates:
        for found in entry["comparison"]["differences"]:
            key = tuple(found.values()) if everything else (found["defect"],)
            about.setdefault(key, []).append(entry["sku"])
            texts.setdefault(key, found)
    if about:
        typer.echo("\nwhere the estimates part, and why:")
    for key, skus in about.items():
        found = texts[key]
        more = f" and {len(skus) - 1} more" if len(skus) > 1 else ""
        typer.echo(f"{found['defect']} ({skus[0]}{more})")
        typer.echo(f"  kaito {found['kaito']}")
        typer.echo(f"  ours  {found['ours']}")


def _kaitos(entry: dict[str, Any]) -> str:
    return _layout(entry) if entry["nodes"] else "refuses"


def _ours(comparison: dict[str, Any]) -> str:
    ours = comparison["ours"]
    if ours is None:
        return "not in our catalogue"
    return _layout(ours) if ours["fits"] else "; ".join(ours["reasons"])


def _layout(entry: dict[str, Any]) -> str:
    """`2 nodes, TP4 PP2`."""
    split = " ".join(f"{short}{entry[name]}" for short, name in _SHORT if entry[name] > 1)
    nodes = f"{entry['nodes']} node{'s' if entry['nodes'] > 1 else ''}"
    return f"{nodes}, {split}" if split else nodes


def _verdict(entry: dict[str, Any]) -> Cell:
    agree = entry["comparison"]["agree"]
    if agree is None:
        return Cell("")
    return Cell("same", "green") if agree else Cell("differs", "yellow")
