"""Options of `modelyard plan` for fine-tuning alone, and their valid combinations."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from modelyard.cli.errors import BadRequestError, describe_option_errors

if TYPE_CHECKING:
    from modelyard.workloads.planner.request import FineTune

METHODS = ("full", "lora", "qlora", "prompt", "prefix")

_ONLY_FOR = {"--lora-rank": ("lora", "qlora"), "--virtual-tokens": ("prompt", "prefix")}
"""Options of some methods alone."""

_OPTIONS = {
    "dataset_tokens": "--data-tokens",
    "epochs": "--epochs",
    "sequence_tokens": "--sequence",
    "batch_sequences": "--batch",
    "optimizer": "--optimizer",
    "gradient_checkpointing": "--gradient-checkpointing",
    "packing": "--packing",
    "sharding": "--sharding",
    "lora_rank": "--lora-rank",
    "virtual_tokens": "--virtual-tokens",
}
"""Options by the planner's name of the setting."""

DataTokens = Annotated[
    int | None,
    typer.Option(help="Fine-tuning: tokens of one epoch, e.g. 25000000. Default 10,000,000.", metavar="N"),
]
Epochs = Annotated[
    float | None,
    typer.Option(help="Fine-tuning: times that the data is gone through, e.g. 1.5. Default 3.", metavar="X"),
]
Sequence = Annotated[
    int | None,
    typer.Option(
        help="Fine-tuning: tokens of one sequence, e.g. 4096. Default: --context, else 2048 or the model's most.",
        metavar="N",
    ),
]
Batch = Annotated[
    int | None, typer.Option(help="Fine-tuning: sequences per GPU and pass, e.g. 4. Default 1.", metavar="N")
]
LoraRank = Annotated[int | None, typer.Option(help="LoRA, QLoRA: rank, e.g. 64. Default 16.", metavar="N")]
VirtualTokens = Annotated[
    int | None, typer.Option(help="Prompt, prefix: learned vectors, e.g. 100. Default 20.", metavar="N")
]
Optimizer = Annotated[
    Literal["adamw", "adamw-8bit", "sgd", "adafactor"] | None,
    typer.Option(help="Fine-tuning: e.g. adamw-8bit, which keeps a quarter of adamw's states. Default adamw."),
]
Sharding = Annotated[
    Literal["none", "zero1", "zero2", "zero3", "fsdp"] | None,
    typer.Option(
        help="Fine-tuning: what the GPUs share, e.g. fsdp: weights, gradients and states. Default: the least that fits."
    ),
]
GradientCheckpointing = Annotated[
    bool | None,
    typer.Option(
        "--gradient-checkpointing/--no-gradient-checkpointing",
        help="Fine-tuning: compute activations twice to keep fewer of them. Default: yes.",
    ),
]
Packing = Annotated[
    bool | None,
    typer.Option(
        "--packing/--no-packing",
        help="Fine-tuning: fill sequences with several records; without, a part is padding. Default: yes.",
    ),
]


def build_fine_tune(task: str, settings: Mapping[str, Any]) -> "FineTune":
    """Build the settings of a fine-tune, by the planner's names; None leaves a setting at its default.

    Raises:
        BadRequestError: a setting is out of its range, or the task has no use for it.
    """
    from modelyard.workloads.planner.request import FineTune
    from pydantic import ValidationError

    values = {name: value for name, value in settings.items() if value is not None}
    for name in values:
        option = _OPTIONS[name]
        if task not in METHODS:
            methods = ", ".join(method for method in METHODS if method != "lora")
            raise BadRequestError(f"{option}: not allowed with --task {task}; add --task lora (or {methods})")
        if task not in _ONLY_FOR.get(option, METHODS):
            allowed = " or ".join(_ONLY_FOR[option])
            raise BadRequestError(f"{option}: not allowed with --task {task}; it is for --task {allowed}")
    try:
        return FineTune.model_validate(values)
    except ValidationError as error:
        raise BadRequestError(describe_option_errors(error, _OPTIONS)) from error
