"""Tables: whole columns in a pipe, fewer columns on a narrow terminal."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.cli import terminal
from modelyard.cli.terminal import Cell, Column, choose_columns, draw_bar, number_cell, print_table

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

COLUMNS = ["instance type", Column("memory", 2), Column("", 3), "USD/h"]
ROWS = [
    [Cell("g5.xlarge", "bold"), Cell("17.9 of 22.1 GiB"), Cell(draw_bar(0.8, 6)), number_cell(1.006)],
    [Cell("Standard_ND96amsr_A100_v4"), Cell("4.0 of 79.2 GiB"), Cell(draw_bar(0.05, 6)), number_cell(None)],
]


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch):
    """Somebody who looks at a terminal of the given width."""

    def sit_down(width: int) -> None:
        monkeypatch.setattr(terminal, "is_terminal", lambda: True)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.delenv("NO_COLOR", raising=False)

    return sit_down


def test_a_pipe_gets_every_column_whole_and_no_colour(capsys):
    print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "instance type              memory                    USD/h",
        "g5.xlarge                  17.9 of 22.1 GiB  █████░   1.01",
        "Standard_ND96amsr_A100_v4  4.0 of 79.2 GiB   ░░░░░░      -",
    ]


def test_a_wide_terminal_shows_everything_in_colour(capsys, person):
    person(80)
    print_table(COLUMNS, ROWS)
    output = capsys.readouterr().out
    assert "\x1b[1m" in output
    assert "17.9 of 22.1 GiB" in output
    assert "█████░" in output
    assert "no room" not in output


def test_a_narrow_terminal_names_the_columns_it_lacks(capsys, person, monkeypatch):
    person(52)
    monkeypatch.setenv("NO_COLOR", "1")
    print_table(COLUMNS, ROWS)
    output = _COLOUR.sub("", capsys.readouterr().out).splitlines()
    assert max(len(line) for line in output) <= 52
    assert "17.9 of 22.1 GiB" in output[1]
    assert not any("█" in line for line in output)

    person(40)
    print_table(COLUMNS, ROWS)
    output = capsys.readouterr().out
    assert "17.9" not in output
    assert "1.01" in output
    assert "40 columns have no room for: memory" in output


def test_bars_are_of_characters_that_can_be_written(monkeypatch):
    assert draw_bar(0.5, 4) == "██░░"
    monkeypatch.setattr(terminal.sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert draw_bar(0.5, 4) == "##.."


def test_a_long_last_column_is_wrapped_and_never_cut(capsys, person):
    person(60)
    why = "needs 12.3 GiB more per GPU: 31.9 GiB (weights 27.3), but training may use 20.9 of 22.1 GiB"
    print_table(["instance type", "why"], [[Cell("g5.xlarge"), Cell(why)]])
    words = " ".join(capsys.readouterr().out.split())
    assert why in words.replace("\x1b[0m", "")


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=12),
    st.integers(1, 200),
)
def test_columns_go_in_their_order_and_only_as_many_as_must(drawn, room):
    columns, widths = [Column("x", expendable) for _, expendable in drawn], [width for width, _ in drawn]
    output = choose_columns(columns, widths, room)

    def needs(indices: list[int]) -> int:
        return sum(widths[index] + 2 for index in indices) - 2

    gone = [index for index in range(len(columns)) if index not in output]
    assert output == sorted(output)
    assert all(columns[index].expendable for index in gone)
    assert needs(output) <= room or not any(columns[index].expendable for index in output)
    if gone:
        last = sorted(gone, key=lambda index: -columns[index].expendable)[-1]
        assert all(columns[index].expendable <= columns[last].expendable for index in output)
        assert needs([*output, last]) > room
