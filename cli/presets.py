"""`modelyard presets`: model presets, and checks and drafts of new ones."""

from pathlib import Path
from typing import Annotated

import typer
from modelyard.cli.config_file import name_in_errors, read_config_file
from modelyard.cli.errors import BadRequestError, describe_option_errors
from modelyard.cli.terminal import Cell, Column, number_cell, print_json, print_table, warn

_OPTIONS = {"name": "--name", "licence": "--licence", "huggingface_id": "--huggingface-id"}
"""Options by the preset's name of the field."""

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
    from modelyard.workloads.presets import preset

    entries = [preset.load(name) for name in preset.list_names()]
    if as_json:
        print_json([entry.model_dump(mode="json", exclude_none=True) for entry in entries])
        return
    print_table(
        [
            *("preset", Column("family", 2), "parameters", "context", "KV KiB/token"),
            *(Column("licence", 1), Column("model", 3)),
        ],
        [
            [
                Cell(entry.name, "bold"),
                Cell(entry.architecture.family, "cyan"),
                Cell(_billions(entry.architecture.parameters), right=True),
                number_cell(entry.architecture.max_context_tokens, 0),
                number_cell(entry.architecture.kv_bytes_per_token() / 1024, 1),
                Cell(entry.licence),
                Cell(entry.huggingface_id or "", "dim"),
            ]
            for entry in entries
        ],
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of a preset.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one preset as the YAML of its file, without defaults; --json includes them.

    \b
    Example:
      modelyard presets show gpt2
    """
    from modelyard.workloads.presets import preset

    entry = preset.load(name)
    if as_json:
        print_json(entry.model_dump(mode="json", exclude_none=True))
    else:
        from modelyard.workloads.presets.from_config import to_yaml

        typer.echo(to_yaml(entry), nl=False)


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Preset files.", metavar="FILE")]) -> None:
    """Check preset files; exit code 1 where one is wrong.

    \b
    Example:
      modelyard presets check my-model.yaml
    """
    from modelyard.workloads.presets import preset

    messages = {file: _find_errors(file) for file in files}
    for file, message in messages.items():
        if message is not None:
            typer.echo(message, err=True)
            continue
        entry = preset.read_preset(file)
        size = _billions(entry.architecture.parameters)
        typer.echo(f"{file}: fine: {entry.name}, {entry.architecture.family}, {size} parameters")
    if any(messages.values()):
        raise typer.Exit(1)


def _find_errors(file: Path) -> str | None:
    """Return the errors of a preset's file, a line per field, or None."""
    from modelyard.workloads.located_yaml import BadYamlError, check_depth
    from modelyard.workloads.presets import preset

    try:
        check_depth(file.read_text(encoding="utf-8"))
        preset.read_preset(file)
    except preset.InvalidPresetError as error:
        if "valid dictionary or instance of Preset" in str(error):
            return f"{file}: must be a mapping with a preset's fields; `modelyard presets show gpt2` prints an example"
        return "\n".join(
            f"{file}: {line}" for line in str(error).removeprefix(f"{file.name}: ").split(f"; {file.name}: ")
        )
    except BadYamlError as error:
        return f"{file}: {error}"
    except OSError as error:
        return f"{file}: cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return f"{file}: cannot be read: not text"
    return None


@app.command(name="from-config")
def from_config(
    file: Annotated[Path, typer.Argument(help="A Hugging Face config.json.")],
    *,
    name: Annotated[str | None, typer.Option(help="Name of the preset; else that of the file's folder.")] = None,
    licence: Annotated[str, typer.Option(help="SPDX identifier, which no config.json has.")] = "LicenseRef-unknown",
    huggingface_id: Annotated[str | None, typer.Option(help="Id of the weights on the hub: owner/name.")] = None,
) -> None:
    """Make a preset from a config.json, and print it as YAML; assumptions go to stderr.

    \b
    Example:
      modelyard presets from-config ./my-model/config.json --licence Apache-2.0 > my-model.yaml
    """
    from modelyard.workloads.presets import from_config as drafts
    from pydantic import ValidationError

    fields = {} if huggingface_id is None else {"huggingface_id": huggingface_id}
    content = read_config_file(file)
    try:
        with name_in_errors(file):
            draft = drafts.from_config(content, name=name or _derive_name(file), licence=licence, **fields)
    except ValidationError as error:
        raise BadRequestError(describe_option_errors(error, _OPTIONS)) from error
    warn(draft.warnings)
    typer.echo(drafts.to_yaml(draft.preset), nl=False)


def _derive_name(file: Path) -> str:
    """Return a preset's name from the file's, or from its folder's for a file called config."""
    import re

    name = file.resolve().parent.name if file.stem == "config" else file.stem
    return re.sub(r"[^a-z0-9.-]+", "-", name.lower()).strip("-.") or "model"


def _billions(parameters: int) -> str:
    if parameters >= 10**9:
        return f"{parameters / 10**9:,.1f} B"
    return f"{parameters / 10**6:,.1f} M"
