"""Requests to the planner, validated before anything is computed."""

from typing import Literal, Self, get_args

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.prices import CATALOGUE_PRICES, PriceList
from modelyard.workloads.planner.model import Model
from modelyard.workloads.suggestions import suggest
from pydantic import Field, model_validator

Task = Literal["serve", "batch", "full", "lora", "qlora", "prompt", "prefix"]
"""Task: serving for people who wait, offline batch, or a method of fine-tuning."""

TuningTask = Literal["full", "lora", "qlora", "prompt", "prefix"]
TUNING_TASKS: tuple[str, ...] = get_args(TuningTask)

Cloud = Literal["azure", "aws", "any"]
Sharding = Literal["none", "zero1", "zero2", "zero3", "fsdp"]
Optimizer = Literal["adamw", "adamw-8bit", "sgd", "adafactor"]


class FineTune(Frozen):
    """Settings of a fine-tune on which memory, time and price depend."""

    dataset_tokens: int = Field(default=10_000_000, gt=0, le=10**14)
    """Tokens of one epoch, padding not counted."""
    epochs: float = Field(default=3, gt=0, le=10_000)
    sequence_tokens: int | None = Field(default=None, gt=1)
    """Tokens of one sequence; None: the request's context, or the smaller of 2048 and the model's largest."""
    batch_sequences: int = Field(default=1, gt=0, le=4096)
    """Sequences per GPU and pass."""
    optimizer: Optimizer = "adamw"
    gradient_checkpointing: bool = True
    packing: bool = True
    """Fill sequences with several records; without it a part of every batch is padding."""
    sharding: Sharding | None = None
    """Sharding of the training states; None: the least that fits."""
    lora_rank: int = Field(default=16, gt=0, le=4096)
    virtual_tokens: int = Field(default=20, gt=0, le=8192)
    """Learned vectors of prompt and prefix tuning."""


class Request(Frozen):
    """A model, a task, and the limits within which hardware is sought."""

    model: Model
    task: Task = "serve"
    cloud: Cloud = "any"
    sku: str | None = None
    """Instance type to plan for, by its name in the catalogue; None: all."""
    region: str | None = None
    """Region to price in; None: the reference region of each instance type."""
    context_tokens: int | None = Field(default=None, gt=0)
    """Tokens of prompt and answer of one sequence; None: the smaller of 8192 and the model's largest."""
    concurrency: int | None = Field(default=None, gt=0, le=100_000)
    """Sequences of that length that must fit at once; None: one, and the speed is for as many as fit, up to 16."""
    prompt_share: float = Field(default=0.75, gt=0, lt=1)
    """Share of a sequence that is prompt; the rest is generated."""
    max_usd_per_hour: float | None = Field(default=None, gt=0, le=1_000_000)
    spot: bool = False
    mig: bool = False
    """Offer slices of GPUs (Multi-Instance GPU) too, where they hold the model; for serving and batch."""
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    max_nodes: int = Field(default=4, gt=0, le=64)
    gpu_memory_utilization: float = Field(default=0.92, gt=0, le=1)
    """Share of a GPU that the server may use (vLLM's flag of that name)."""
    max_batch_tokens: int = Field(default=8192, gt=0, le=1_000_000)
    """Tokens of one chunk of prefill (vLLM's max_num_batched_tokens)."""
    prices: PriceList = Field(default_factory=lambda: CATALOGUE_PRICES)
    """Prices of nodes. The default is a factory, since pydantic would copy a plain one for every request."""
    fine_tune: FineTune = FineTune()

    @model_validator(mode="after")
    def _context_fits_model(self) -> Self:
        longest = self.model.max_context_tokens
        rule = f"at most {longest}, the longest context of {self.model.name}"
        if self.context_tokens is not None and self.context_tokens > longest:
            raise ValueError(f"context_tokens = {self.context_tokens}: must be {rule}")
        sequence = self.fine_tune.sequence_tokens
        if sequence is not None and sequence > longest:
            raise ValueError(f"fine_tune.sequence_tokens = {sequence}: must be {rule}")
        return self

    @model_validator(mode="after")
    def _hardware_is_known(self) -> Self:
        if self.sku is not None:
            instance = catalogue.find_instance_type(self.sku)
            if self.cloud != "any" and instance.cloud not in {self.cloud, "any"}:
                raise ValueError(f"sku = {instance.name!r}: must be of cloud {self.cloud}, is of {instance.cloud}")
        if self.region is None:
            return self
        regions = catalogue.list_regions(self.cloud)
        priced_regions = {entry.region for entries in self.prices.overrides.values() for entry in entries}
        if self.region not in regions and self.region not in priced_regions:
            raise ValueError(
                f"region = {self.region!r}: is not known in cloud {self.cloud}; {suggest(self.region, regions)}"
            )
        return self

    @property
    def context(self) -> int:
        """Tokens of one sequence, with the default filled in."""
        return self.context_tokens or min(8192, self.model.max_context_tokens)

    @property
    def training_sequence_tokens(self) -> int:
        """Tokens of one training sequence, with the default filled in."""
        return self.fine_tune.sequence_tokens or self.context_tokens or min(2048, self.model.max_context_tokens)
