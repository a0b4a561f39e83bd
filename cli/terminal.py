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


@dataclass(frozen=True, slots=True)
class Column:
    """A column whose place in a narrow terminal is not certain."""

    heading: str
    expendable: int = 0
    """The greatest goes first where the terminal is too narrow; one of 0 always stays."""


def number(value: float | None, digits: int = 2, style: Style = "") -> Cell:
    """A number as a cell; `-` where there is none."""
    return Cell("-" if value is None else f"{value:,.{digits}f}", style, right=True)


def bar(share: float, width: int = 10) -> str:
    """A bar that is filled to the share (0 to 1), for terminals; of plain characters where there are no blocks."""
    filled = round(max(0.0, min(1.0, share)) * width)
    full, empty = "█░" if _can_write("█░") else "#."
    return full * filled + empty * (width - filled)


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def on_terminal() -> bool:
    """Whether a person reads along: then there are colours and bars."""
    return sys.stdout.isatty()


def print_table(headings: Sequence[str | Column], rows: Iterable[Sequence[Cell]]) -> None:
    """A table of rich on a terminal; columns with two spaces between them in a pipe, never cut or wrapped.

    A terminal that is too narrow gets fewer columns, and is told which ones it lacks.
    """
    columns = [Column(heading) if isinstance(heading, str) else heading for heading in headings]
    lines = list(rows)
    widths = [
        max(len(column.heading), *(len(line[index].text) for line in lines), 0) for index, column in enumerate(columns)
    ]
    if on_terminal():
        _rich_table(columns, lines, widths)
        return
    right = [bool(lines) and lines[0][index].right for index in range(len(columns))]
    for line in [[column.heading for column in columns], *([cell.text for cell in line] for line in lines)]:
        cells = [
            text.rjust(width) if on_right else text.ljust(width)
            for text, width, on_right in zip(line, widths, right, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())


def print_paragraph(text: str, style: Style = "", *, indent: int = 0) -> None:
    """Text that is wrapped to the terminal's width for people, and one line in a pipe."""
    if not on_terminal():
        typer.echo(" " * indent + text)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    Console(highlight=False).print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def print_json(value: Any) -> None:
    """JSON with two spaces of indentation, keys in their order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def warn(messages: Iterable[str]) -> None:
    """Warnings go to stderr, so that JSON and tables in a pipe stay clean."""
    for message in messages:
        typer.echo(f"warning: {message}", err=True)


def _rich_table(columns: list[Column], rows: list[Sequence[Cell]], widths: list[int]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    shown = fitting(columns, widths, console.width)
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index in shown:
        # The last one folds where even the few do not fit; no other does, since folded figures cannot be read.
        right, last = bool(rows) and rows[0][index].right, index == shown[-1]
        justify = "right" if right else "left"
        table.add_column(columns[index].heading, justify=justify, no_wrap=not last, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[index].text, style=row[index].style) for index in shown))
    console.print(table)
    hidden = [column.heading for index, column in enumerate(columns) if index not in shown and column.heading]
    if hidden:
        console.print(f"{console.width} columns have no room for: {', '.join(hidden)}", style="dim")


def fitting(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """Which columns stay in a terminal of that width, by index."""
    shown = list(range(len(columns)))
    for index in sorted(shown, key=lambda index: -columns[index].expendable):
        if sum(widths[kept] + 2 for kept in shown) - 2 <= room or not columns[index].expendable:
            break
        shown.remove(index)
    return shown
