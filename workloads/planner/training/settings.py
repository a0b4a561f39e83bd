"""How a model is trained, as far as memory and speed depend on it: plain values, checked once."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

Method = Literal["full", "lora", "qlora", "prompt", "prefix"]
"""All weights; low-rank adapters, on 16-bit or 4-bit weights; learned vectors before the prompt, or in every layer."""

Precision = Literal["fp32", "bf16", "fp16"]
"""Format of the matrix products and of what passes between layers."""

Mixed = Literal["pure", "autocast", "master"]
"""Where the weights are when products are in 16 bit.

``pure``: in 16 bit, gradients and optimizer states as well (torchtune's recipes; frozen weights in every method).
``autocast``: in fp32, cast for each product (torch.autocast; what this project's fine-tune job does).
``master``: in 16 bit with 16-bit gradients, and an fp32 copy beside the optimizer's fp32 states (DeepSpeed, Megatron).
"""

Optimizer = Literal["adamw", "adamw-8bit", "sgd", "adafactor"]
"""AdamW in torch's fused form; bitsandbytes' 8-bit AdamW; SGD without momentum; Adafactor without momentum."""

Sharding = Literal["none", "zero1", "zero2", "zero3", "fsdp"]
"""What is split over the data-parallel GPUs: nothing (DDP), optimizer states, + gradients, + weights (two names)."""

SHARDS_WEIGHTS = frozenset({"zero3", "fsdp"})
"""Those that split weights too, and gather them layer by layer."""

Attention = Literal["auto", "fused", "math", "eager"]
"""Kernel: flash or memory-efficient; torch's fallback in fp32; matrix by matrix in Python. ``auto`` is what
transformers' sdpa setting gives the family on a GPU."""

Loss = Literal["full", "chunked", "fused"]
"""Logits of all tokens at once in fp32 (transformers); of all in 16 bit, their loss compiled and by chunks (torchtune);
never whole (Liger's fused linear cross entropy, torch's linear_cross_entropy)."""

LoraTargets = Literal["query-value", "attention", "all-linear"]
"""Which products get an adapter: two of attention's, all of them, or all of the layers but experts' and routers'."""

Device = Literal["cuda", "cpu"]

ADAPTER_BYTES = 4
"""peft makes adapters of 16-bit models in fp32 (autocast_adapter_dtype of get_peft_model, 0.21)."""


class UntrainableError(ValueError):
    """These settings, or this model, cannot be trained, or not estimated; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """One GPU's share of a training run. Tokens are those of one GPU in one forward pass (micro batch)."""

    method: Method = "full"
    precision: Precision = "bf16"
    mixed: Mixed | None = None
    """None: ``autocast`` for full fine-tuning in 16 bit, ``pure`` otherwise."""
    optimizer: Optimizer = "adamw"
    sequence_tokens: int = 1024
    batch_sequences: int = 1
    gradient_accumulation: int = 1
    """Above 1, gradients stay between passes instead of being made anew."""
    gradient_checkpointing: bool = True
    activation_offloading: bool = False
    """What checkpointing keeps waits in the host's memory (torchtune's enable_activation_offloading)."""
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
        """Refuses what is absurd.

        Raises:
            UntrainableError: names the setting, the value, and what is allowed.
        """
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed and not (name == "mixed" and value is None):
                close = get_close_matches(str(value), allowed, n=1)
                nearest = f"; did you mean {close[0]}?" if close else ""
                raise UntrainableError(f"{name} is {value!r}; allowed are {', '.join(allowed)}{nearest}")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value < 1 or value != int(value):
                raise UntrainableError(f"{name} is {value}; it must be a whole number of at least 1")
        if self.method == "qlora" and self.precision == "fp32":
            raise UntrainableError("qlora computes in 16 bit: precision must be bf16 or fp16")
        if self.method == "qlora" and self.tensor_parallel > 1:
            raise UntrainableError("4-bit weights of bitsandbytes are not split over GPUs: tensor_parallel must be 1")
        if self.method != "full" and self.mixed == "master":
            raise UntrainableError("mixed 'master' keeps a copy of trained weights: it is for method full")

    @property
    def compute_bytes(self) -> int:
        """Bytes of one value in products and between layers."""
        return 4 if self.precision == "fp32" else 2

    @property
    def keeps(self) -> Mixed:
        """Where the weights are, the default filled in; with fp32 it makes no difference."""
        if self.precision == "fp32":
            return "pure"
        return self.mixed or ("autocast" if self.method == "full" else "pure")

    @property
    def casts(self) -> bool:
        """Products cast their inputs: fp32 weights under torch.autocast. FSDP's mixed precision casts whole layers."""
        return self.keeps == "autocast" and not self.shards_weights

    @property
    def stream_bytes(self) -> int:
        """Bytes of one value of the residual stream; fp32 under autocast."""
        return 4 if self.casts else self.compute_bytes

    @property
    def trains_weights(self) -> bool:
        """The model's own weights get gradients."""
        return self.method == "full"

    @property
    def adapts(self) -> bool:
        """Low-rank adapters are trained."""
        return self.method in {"lora", "qlora"}

    @property
    def offloads_inputs(self) -> bool:
        """The layers' inputs, all that checkpointing keeps, are not on the GPU."""
        return self.activation_offloading and self.gradient_checkpointing

    @property
    def shards_weights(self) -> bool:
        """Weights are split over the data-parallel GPUs and gathered layer by layer."""
        return self.sharding in SHARDS_WEIGHTS

    @property
    def length(self) -> int:
        """Tokens of one sequence in the layers; learned vectors of prompt tuning stand before it."""
        return self.sequence_tokens + (self.virtual_tokens if self.method == "prompt" else 0)

    @property
    def tokens(self) -> int:
        """Tokens in the layers, of all sequences of one pass on one GPU."""
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
