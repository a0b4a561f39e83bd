"""Remarks below a plan's table: the reasons against the refused candidates, and notes on those that fit."""

from typing import Any

import typer
from modelyard.cli.terminal import Cell, is_terminal, print_paragraph, print_table


def print_refused(candidates: list[dict[str, Any]], *, explain: bool) -> None:
    """Print the count and the reasons: in a pipe a line each, for a person each reason once."""
    if not explain:
        typer.echo(f"{len(candidates)} {'is' if len(candidates) == 1 else 'are'} refused; --all shows why")
    elif is_terminal():
        skus_by_reason: dict[str, list[str]] = {}
        for entry in candidates:
            skus_by_reason.setdefault("; ".join(entry["reasons"]), []).append(entry["sku"])
        typer.echo(f"refused: {len(candidates)}")
        for reason, skus in skus_by_reason.items():
            print_paragraph(reason, "red")
            print_paragraph(", ".join(skus), "dim", indent=2)
    else:
        typer.echo(f"refused: {len(candidates)}")
        rows = [[Cell(entry["sku"]), Cell("; ".join(entry["reasons"]))] for entry in candidates]
        print_table(["instance type", "why"], rows)
    unpriced = [entry["sku"] for entry in candidates if any("price in region" in reason for reason in entry["reasons"])]
    if unpriced:
        subject = "its price" if len(unpriced) == 1 else f"the price of {len(unpriced)} of them"
        typer.echo(f"{subject} in that region is not known: a file can give it, --prices FILE (docs/hardware.md)")


def print_notes(candidates: list[dict[str, Any]]) -> None:
    """Print each note once, with its candidates."""
    skus_by_note: dict[str, list[str]] = {}
    for candidate in candidates:
        for note in candidate["notes"]:
            if candidate.get("mig_profile") and note.startswith("one of "):
                note = "a slice costs its share of the node: others must use the rest"  # noqa: PLW2901 - once for all
            skus_by_note.setdefault(note, []).append(candidate["sku"])
    for note, skus in skus_by_note.items():
        more = f" and {len(skus) - 1} more" if len(skus) > 1 else ""
        typer.echo(f"note: {note} ({skus[0]}{more})")
