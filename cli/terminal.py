"""What a command prints: a table with colour on a terminal, plain aligned columns in a pipe, or JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import typer

Style = Literal["", "green", "red", "yellow", "cyan", "dim", "bold"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, and its colour where there are colours."""

    text: str
    style: Style = ""
    right: bool = False
    """Numbers stand on the right."""


def number(value: float | None, digits: int = 2, style: Style = "") -> Cell:
    """A number as a cell; `-` where there is none."""
    return Cell("-" if value is None else f"{value:,.{digits}f}", style, right=True)


def bar(share: float, width: int = 10) -> str:
    """A bar that is filled to the share (0 to 1), for terminals."""
    filled = round(max(0.0, min(1.0, share)) * width)
    return "█" * filled + "░" * (width - filled)


def on_terminal() -> bool:
    """Whether a person reads along: then there are colours and bars."""
    return sys.stdout.isatty()


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str | None = None) -> None:
    """A table of rich on a terminal; columns with two spaces between them in a pipe, never cut or wrapped."""
    lines = list(rows)
    if on_terminal():
        _rich_table(headings, lines, title)
        return
    texts = [list(headings), *([cell.text for cell in line] for line in lines)]
    widths = [max(len(line[column]) for line in texts) for column in range(len(headings))]
    right = [bool(lines) and lines[0][column].right for column in range(len(headings))]
    for line in texts:
        cells = [
            text.rjust(width) if on_right else text.ljust(width)
            for text, width, on_right in zip(line, widths, right, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())


def print_json(value: Any) -> None:
    """JSON with two spaces of indentation, keys in their order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def warn(messages: Iterable[str]) -> None:
    """Warnings go to stderr, so that JSON and tables in a pipe stay clean."""
    for message in messages:
        typer.echo(f"warning: {message}", err=True)


def _rich_table(headings: Sequence[str], rows: list[Sequence[Cell]], title: str | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column, heading in enumerate(headings):
        right = bool(rows) and rows[0][column].right
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell.text, style=cell.style) for cell in row))
    Console().print(table)
