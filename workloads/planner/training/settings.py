"""Settings of training on which memory and speed depend: plain values, validated once."""

from dataclasses import dataclass
from typing import Literal, get_args

from modelyard.workloads.suggestions import suggest

Method = Literal["full", "lora", "qlora", "prompt", "prefix"]
"""Method: all weights; low-rank adapters, on 16-bit or 4-bit weights; learned vectors before the prompt, or in every
layer."""

Precision = Literal["fp32", "bf16", "fp16"]
"""Format of the matrix products and of what passes between layers."""

Mixed = Literal["pure", "autocast", "master"]
"""Format of the weights when products are in 16 bit.

``pure``: in 16 bit, gradients and optimizer states as well (torchtune's recipes; frozen weights in every method).
``autocast``: in fp32, cast for each product (torch.autocast; what this project's fine-tune job does).
``master``: in 16 bit with 16-bit gradients, and an fp32 copy beside the optimizer's fp32 states (DeepSpeed, Megatron).
"""

Optimizer = Literal["adamw", "adamw-8bit", "sgd", "adafactor"]
"""Optimizer: AdamW in torch's fused form; bitsandbytes' 8-bit AdamW; SGD or Adafactor without momentum."""

Sharding = Literal["none", "zero1", "zero2", "zero3", "fsdp"]
"""Training states split over the data-parallel GPUs: none (DDP), optimizer states, + gradients, + weights (twice)."""

SHARDS_WEIGHTS = frozenset({"zero3", "fsdp"})
"""Shardings that split weights too, and gather them layer by layer."""

Attention = Literal["auto", "fused", "math", "eager"]
"""Kernel: flash or memory-efficient; torch's fallback in fp32; matrix by matrix in Python. ``auto`` is what
transformers' sdpa setting gives the family on a GPU."""

Loss = Literal["full", "chunked", "fused"]
"""Loss: logits of all tokens at once in fp32 (transformers); all in 16 bit, with the loss compiled by chunks
(torchtune); never all at once (Liger's fused linear cross entropy, torch's linear_cross_entropy)."""

LoraTargets = Literal["query-value", "attention", "all-linear"]
"""Products that get an adapter: two of attention's, all of attention's, or all but experts' and routers'."""

Device = Literal["cuda", "cpu"]

ADAPTER_BYTES = 4
"""Bytes of an adapter's weight: fp32 on 16-bit models too (autocast_adapter_dtype of peft's get_peft_model, 0.21)."""


class UntrainableError(ValueError):
    """Settings or a model that cannot be trained or estimated; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """Training settings of one GPU; tokens are those of one GPU in one forward pass (micro batch)."""

    method: Method = "full"
    precision: Precision = "bf16"
    mixed: Mixed | None = None
    """Format of the weights; None: ``autocast`` for full fine-tuning in 16 bit, ``pure`` otherwise."""
    optimizer: Optimizer = "adamw"
    sequence_tokens: int = 1024
    batch_sequences: int = 1
    gradient_accumulation: int = 1
    """Passes per step; above 1, gradients stay between passes."""
    gradient_checkpointing: bool = True
    activation_offloading: bool = False
    """Keep the inputs that checkpointing saves in the host's memory (torchtune's enable_activation_offloading)."""
    sharding: Sharding = "none"
    data_parallel: int = 1
    tensor_parallel: int = 1
    lora_rank: int = 16
    lora_targets: LoraTargets = "all-linear"
    adapter_bytes: int = ADAPTER_BYTES
    virtual_tokens: int = 20
    attention: Attention = "auto"
    loss: Loss = "full"
    device: Device = "cuda"

    def __post_init__(self) -> None:
        """Validate names and ranges.

        Raises:
            UntrainableError: a value is not allowed; the message names setting, value, and allowed values.
        """
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed and not (name == "mixed" and value is None):
                raise UntrainableError(f"{name} = {value!r}: unknown; {suggest(str(value), allowed)}")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value < 1 or value != int(value):
                raise UntrainableError(f"{name} = {value}: must be a whole number of at least 1")
        if self.method == "qlora" and self.precision == "fp32":
            raise UntrainableError("precision must be bf16 or fp16 for qlora, which computes in 16 bit")
        if self.method == "qlora" and self.tensor_parallel > 1:
            raise UntrainableError("tensor_parallel must be 1 for qlora: bitsandbytes does not split 4-bit weights")
        if self.method != "full" and self.mixed == "master":
            raise UntrainableError("method must be full for mixed 'master', which keeps a copy of the trained weights")

    @property
    def compute_bytes(self) -> int:
        """Bytes of one value in products and between layers."""
        return 4 if self.precision == "fp32" else 2

    @property
    def weight_format(self) -> Mixed:
        """Format of the weights, with the default filled in; with fp32 it makes no difference."""
        if self.precision == "fp32":
            return "pure"
        return self.mixed or ("autocast" if self.method == "full" else "pure")

    @property
    def casts(self) -> bool:
        """True if products cast their inputs (torch.autocast); FSDP's mixed precision casts whole layers instead."""
        return self.weight_format == "autocast" and not self.shards_weights

    @property
    def stream_bytes(self) -> int:
        """Bytes of one value of the residual stream; fp32 under autocast."""
        return 4 if self.casts else self.compute_bytes

    @property
    def trains_weights(self) -> bool:
        """True if the model's own weights get gradients."""
        return self.method == "full"

    @property
    def adapts(self) -> bool:
        """True if low-rank adapters are trained."""
        return self.method in {"lora", "qlora"}

    @property
    def offloads_inputs(self) -> bool:
        """True if the layers' inputs, all that checkpointing keeps, wait in the host's memory."""
        return self.activation_offloading and self.gradient_checkpointing

    @property
    def shards_weights(self) -> bool:
        """True if weights are split over the data-parallel GPUs and gathered layer by layer."""
        return self.sharding in SHARDS_WEIGHTS

    @property
    def length(self) -> int:
        """Tokens of one sequence in the layers, with the learned vectors of prompt tuning."""
        return self.sequence_tokens + (self.virtual_tokens if self.method == "prompt" else 0)

    @property
    def tokens(self) -> int:
        """Tokens in the layers of all sequences of one pass on one GPU."""
        return self.batch_sequences * self.length


_CHOICES = {
    "method": get_args(Method),
    "precision": get_args(Precision),
    "mixed": get_args(Mixed),
    "optimizer": get_args(Optimizer),
    "sharding": get_args(Sharding),
    "attention": get_args(Attention),
    "loss": get_args(Loss),
    "lora_targets": get_args(LoraTargets),
    "device": get_args(Device),
}
_POSITIVE = (
    "sequence_tokens",
    "batch_sequences",
    "gradient_accumulation",
    "data_parallel",
    "tensor_parallel",
    "lora_rank",
    "virtual_tokens",
)
