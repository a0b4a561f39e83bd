"""Output of a command: a table with colour on a terminal, plain aligned columns in a pipe, or JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import typer

Style = Literal["", "green", "red", "yellow", "cyan", "dim", "bold"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of a table, with its colour for terminals."""

    text: str
    style: Style = ""
    right: bool = False
    """Align on the right, as numbers are."""


@dataclass(frozen=True, slots=True)
class Column:
    """Column that a narrow terminal may leave out."""

    heading: str
    expendable: int = 0
    """Order of removal from a narrow terminal, the greatest first; 0 always stays."""


def number_cell(value: float | None, digits: int = 2, style: Style = "") -> Cell:
    """Return a number as a cell; `-` for None."""
    return Cell("-" if value is None else f"{value:,.{digits}f}", style, right=True)


def draw_bar(share: float, width: int = 10) -> str:
    """Return a bar that is filled to the share (0 to 1), of plain characters if the terminal has no blocks."""
    filled = round(max(0.0, min(1.0, share)) * width)
    full, empty = "█░" if _can_write("█░") else "#."
    return full * filled + empty * (width - filled)


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_terminal() -> bool:
    """Return True if a person reads along, with colours and bars."""
    return sys.stdout.isatty()


def print_table(headings: Sequence[str | Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table of rich on a terminal; in a pipe columns with two spaces between, never cut or wrapped.

    A terminal that is too narrow gets fewer columns, and a line that names the missing ones.
    """
    columns = [Column(heading) if isinstance(heading, str) else heading for heading in headings]
    lines = list(rows)
    widths = [
        max(len(column.heading), *(len(line[index].text) for line in lines), 0) for index, column in enumerate(columns)
    ]
    if is_terminal():
        _print_rich_table(columns, lines, widths)
        return
    right = [bool(lines) and lines[0][index].right for index in range(len(columns))]
    for line in [[column.heading for column in columns], *([cell.text for cell in line] for line in lines)]:
        cells = [
            text.rjust(width) if on_right else text.ljust(width)
            for text, width, on_right in zip(line, widths, right, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())


def print_paragraph(text: str, style: Style = "", *, indent: int = 0) -> None:
    """Print text that is wrapped to the terminal's width for people, and one line in a pipe."""
    if not is_terminal():
        typer.echo(" " * indent + text)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    Console(highlight=False).print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def print_json(value: Any) -> None:
    """Print JSON with two spaces of indentation, keys in their order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def warn(messages: Iterable[str]) -> None:
    """Print warnings to stderr, so that JSON and tables in a pipe stay clean."""
    for message in messages:
        typer.echo(f"warning: {message}", err=True)


def _print_rich_table(columns: list[Column], rows: list[Sequence[Cell]], widths: list[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    indices = choose_columns(columns, widths, console.width)
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index in indices:
        # The last column folds if even the few do not fit; no other does, since folded figures cannot be read.
        right, last = bool(rows) and rows[0][index].right, index == indices[-1]
        justify = "right" if right else "left"
        table.add_column(columns[index].heading, justify=justify, no_wrap=not last, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[index].text, style=row[index].style) for index in indices))
    console.print(table)
    hidden = [column.heading for index, column in enumerate(columns) if index not in indices and column.heading]
    if hidden:
        console.print(f"{console.width} columns have no room for: {', '.join(hidden)}", style="dim")


def choose_columns(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """Choose the columns, by index, that stay in a terminal of that width."""
    indices = list(range(len(columns)))
    for index in sorted(indices, key=lambda index: -columns[index].expendable):
        if sum(widths[column] + 2 for column in indices) - 2 <= room or not columns[index].expendable:
            break
        indices.remove(index)
    return indices
