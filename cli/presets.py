"""`modelyard presets`: the models that modelyard knows, and files that describe another."""

from pathlib import Path
from typing import Annotated

import typer
from modelyard.cli.terminal import Cell, number, print_json, print_table

app = typer.Typer(help="Look at model presets, and check those of your own.", no_args_is_help=True)


@app.command(name="list")
def list_presets(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the presets.

    \b
    Example:
      modelyard presets list
    """
    from modelyard.workloads.presets import preset  # noqa: PLC0415 - pydantic loads only where it is used

    every = [preset.load(name) for name in preset.names()]
    if as_json:
        print_json([entry.model_dump(mode="json", exclude_none=True) for entry in every])
        return
    print_table(
        ["preset", "family", "parameters", "context", "KV KiB/token", "licence", "model"],
        [
            [
                Cell(entry.name, "bold"),
                Cell(entry.architecture.family, "cyan"),
                Cell(_billions(entry.architecture.parameters), right=True),
                number(entry.architecture.max_context_tokens, 0),
                number(entry.architecture.kv_bytes_per_token() / 1024, 1),
                Cell(entry.licence),
                Cell(entry.huggingface_id or "", "dim"),
            ]
            for entry in every
        ],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of a preset.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one preset, as YAML.

    \b
    Example:
      modelyard presets show gpt2
    """
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    value = preset.load(name).model_dump(mode="json", exclude_none=True)
    if as_json:
        print_json(value)
    else:
        import yaml  # noqa: PLC0415

        typer.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100), nl=False)


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Preset files.", metavar="FILE...")]) -> None:
    """Check preset files; exit code 1 where one is wrong.

    \b
    Example:
      modelyard presets check my-model.yaml
    """
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    wrong = 0
    for file in files:
        try:
            found = preset.read(file)
        except preset.InvalidPresetError as error:
            typer.echo(str(error), err=True)
            wrong += 1
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            typer.echo(f"{file}: cannot be read: {reason}", err=True)
            wrong += 1
        else:
            size = _billions(found.architecture.parameters)
            typer.echo(f"{file}: fine: {found.name}, {found.architecture.family}, {size} parameters")
    if wrong:
        raise typer.Exit(1)


def _billions(parameters: int) -> str:
    if parameters >= 10**9:
        return f"{parameters / 10**9:,.1f} B"
    return f"{parameters / 10**6:,.1f} M"
