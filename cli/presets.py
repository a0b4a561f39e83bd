"""`modelyard presets`: the models that modelyard knows, and files that describe another."""

from pathlib import Path
from typing import Annotated

import typer
from modelyard.cli.complaints import BadRequestError, as_options
from modelyard.cli.config_file import about, read_config_file
from modelyard.cli.terminal import Cell, Column, number, print_json, print_table, warn

_OPTIONS = {"name": "--name", "licence": "--licence", "huggingface_id": "--huggingface-id"}
"""By the preset's name of the field."""

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
        [
            *("preset", Column("family", 2), "parameters", "context", "KV KiB/token"),
            *(Column("licence", 1), Column("model", 3)),
        ],
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
    """Show one preset, as the YAML of its file: what is at its default is left out, which --json is not.

    \b
    Example:
      modelyard presets show gpt2
    """
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    found = preset.load(name)
    if as_json:
        print_json(found.model_dump(mode="json", exclude_none=True))
    else:
        from modelyard.workloads.presets.from_config import to_yaml  # noqa: PLC0415

        typer.echo(to_yaml(found), nl=False)


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Preset files.", metavar="FILE")]) -> None:
    """Check preset files; exit code 1 where one is wrong.

    \b
    Example:
      modelyard presets check my-model.yaml
    """
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    wrong = 0
    for file in files:
        complaint = _complaint(file)
        if complaint is not None:
            typer.echo(complaint, err=True)
            wrong += 1
            continue
        found = preset.read(file)
        size = _billions(found.architecture.parameters)
        typer.echo(f"{file}: fine: {found.name}, {found.architecture.family}, {size} parameters")
    if wrong:
        raise typer.Exit(1)


def _complaint(file: Path) -> str | None:
    """What is wrong with a preset's file, a line per field; None where nothing is."""
    from modelyard.workloads.located_yaml import BadYamlError, check_depth  # noqa: PLC0415
    from modelyard.workloads.presets import preset  # noqa: PLC0415

    try:
        check_depth(file.read_text(encoding="utf-8"))
        preset.read(file)
    except preset.InvalidPresetError as error:
        if "valid dictionary or instance of Preset" in str(error):
            return f"{file}: must be a mapping with a preset's fields, such as `modelyard presets show gpt2` prints"
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
    licence: Annotated[str, typer.Option(help="SPDX identifier: no config.json tells it.")] = "LicenseRef-unknown",
    huggingface_id: Annotated[str | None, typer.Option(help="Where the weights are: owner/name.")] = None,
) -> None:
    """Make a preset from a config.json, and print it as YAML; what had to be assumed goes to stderr.

    \b
    Example:
      modelyard presets from-config ./my-model/config.json --licence Apache-2.0 > my-model.yaml
    """
    from modelyard.workloads.presets import from_config as drafts  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    fields = {} if huggingface_id is None else {"huggingface_id": huggingface_id}
    content = read_config_file(file)
    try:
        with about(file):
            draft = drafts.from_config(content, name=name or _name_for(file), licence=licence, **fields)
    except ValidationError as wrong:
        raise BadRequestError(as_options(wrong, _OPTIONS)) from wrong
    warn(draft.warnings)
    typer.echo(drafts.to_yaml(draft.preset), nl=False)


def _name_for(file: Path) -> str:
    """A preset's name from where the file lies: its folder's name, or its own where that says more."""
    import re  # noqa: PLC0415

    said = file.resolve().parent.name if file.stem == "config" else file.stem
    return re.sub(r"[^a-z0-9.-]+", "-", said.lower()).strip("-.") or "model"


def _billions(parameters: int) -> str:
    if parameters >= 10**9:
        return f"{parameters / 10**9:,.1f} B"
    return f"{parameters / 10**6:,.1f} M"
