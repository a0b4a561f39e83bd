"""The `modelyard` command: its subcommands, exit codes and errors.

Exit codes: 0 done; 1 the answer is no (nothing fits, a checked file is wrong); 2 the request makes no sense, with one
sentence about it on stderr. A traceback is a bug.
"""

import os
import sys
from typing import Annotated

import typer
from modelyard.cli import hardware, presets
from modelyard.cli.errors import describe_error
from modelyard.cli.plan import plan


def _print_version(requested: bool) -> None:  # noqa: FBT001 - typer calls it so
    if requested:
        from importlib.metadata import version

        typer.echo(f"modelyard {version('modelyard')}")
        raise typer.Exit


app = typer.Typer(
    name="modelyard",
    help="Find the hardware for a model, and look up models and hardware.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: it is as readable, and loads in a third of the time
    pretty_exceptions_enable=False,
)


@app.callback()
def _modelyard(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Find the hardware for a model, and look up models and hardware."""


app.add_typer(presets.app, name="presets")
app.add_typer(hardware.app, name="hardware")
app.command()(plan)


def main() -> None:
    """Run the command; entry point of the console script."""
    try:
        try:
            app()
        finally:
            # Here, and not at the interpreter's end, where a full disk is a traceback.
            sys.stdout.flush()
    except BrokenPipeError:  # The reader has closed the pipe, as `head` does.
        _drop_output()
        sys.exit(1)
    except Exception as error:
        sentence = describe_error(error)
        if sentence is None:
            raise
        if isinstance(error, OSError):
            _drop_output()
        print(f"modelyard: {sentence}", file=sys.stderr)  # noqa: T201 - the command's own voice
        sys.exit(2)


def _drop_output() -> None:
    """Drop output that could not be written, or the interpreter would try once more at its end."""
    if sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
