"""Choice of the next token, per request, inside one continuous batch.

transformers' own per-request processors draw every request's token from one random stream, so no request could be
repeated. Here each request has its own: the token is the maximum of scores plus Gumbel noise (Maddison et al. 2014),
which is a draw from their softmax, and the noise is a hash of the request's seed, the position and the token. So a
request with a seed gives the same tokens whatever else is in the batch, and a greedy one is simply one without noise.
The batch runs with do_sample off, in which transformers takes the maximum.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessor,
    ContinuousBatchingLogitsProcessorList,
    ContinuousBatchingTemperatureLogitsWarper,
    ContinuousBatchingTopPLogitsWarper,
)

# The constants of SplitMix64 (Steele, Lea and Flood 2014), as signed 64-bit numbers.
_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_MIX_1 = 0xBF58476D1CE4E5B9 - 2**64
_MIX_2 = 0x94D049BB133111EB - 2**64


@dataclass(frozen=True)
class Sampling:
    """Sampling settings of a request."""

    max_tokens: int
    temperature: float = 1.0
    """Temperature of the softmax; 0 takes the likeliest token."""
    top_p: float = 1.0
    """Probability of the likeliest tokens from which is drawn."""
    seed: int = 0

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the batching manager's add_request that `processors` read."""
        greedy = self.temperature == 0
        return {
            "temperature": 1.0 if greedy else float(self.temperature),
            "top_p": 1.0 if greedy else float(self.top_p),
            "noise": NO_NOISE if greedy else self.seed % 2**63,
        }


NO_NOISE = -1


def build_processors() -> ContinuousBatchingLogitsProcessorList:
    """Build the chain of processors: temperature, then top-p, then the draw."""
    chain = ContinuousBatchingLogitsProcessorList(
        LogitsProcessorList(
            [
                # The numbers are defaults for requests that name none; ours name all.
                ContinuousBatchingTemperatureLogitsWarper(TemperatureLogitsWarper(1.0)),
                _TopP(TopPLogitsWarper(1.0)),
                _Draw(),
            ]
        )
    )
    # Room for one argument each: transformers counts only the processors that it converted itself.
    chain.tensors_required = len(chain.logits_processor)
    return chain


class _TopP(ContinuousBatchingTopPLogitsWarper):
    """Top-p that skips the sort of the whole vocabulary when no request in the batch wants it."""

    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        # Only on the CPU: on a GPU the look would wait for the device, and cannot be captured in a graph.
        if scores.device.type == "cpu" and bool((tensor_arg[: scores.size(0)].view(torch.float32) >= 1).all()):
            return scores
        return super().__call__(scores, tensor_arg)


class _Draw(ContinuousBatchingLogitsProcessor):
    """Processor that adds each request's own Gumbel noise."""

    supported_kwargs = {"noise": int}  # noqa: RUF012 - the base class declares it so
    ignored_kwargs = ()

    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        int32_tensor.fill_(0)

    def prepare_tensor_args(self, requests_with_new_token: list[Any]) -> torch.Tensor:
        keys = [
            _key(request.state.logit_processor_kwargs.get("noise", NO_NOISE), request.state.position_offset)
            for request in requests_with_new_token
        ]
        return torch.tensor(keys, dtype=torch.int32, device="cpu")

    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        keys = tensor_arg[: scores.size(0)]
        if scores.device.type == "cpu" and not bool(keys.any()):
            return scores
        return scores + gumbel(keys, scores.size(1)).to(scores.dtype)


def _key(seed: int, position: int) -> int:
    """Hash seed and position to 31 bits, never 0; 0 means no noise."""
    if seed == NO_NOISE:
        return 0
    digest = hashlib.blake2b(f"{seed}/{position}".encode(), digest_size=4).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def gumbel(keys: torch.Tensor, size: int) -> torch.Tensor:
    """Compute standard Gumbel noise of shape (keys, size) from key and column; zeros where the key is 0."""
    columns = torch.arange(1, size + 1, device=keys.device, dtype=torch.int64)
    bits = keys.to(torch.int64).unsqueeze(1) * _GOLDEN + columns * _MIX_2
    bits = _mix_bits(bits + _GOLDEN)
    # 53 bits make a double in (0, 1): the half keeps both ends out, where the logarithms would be infinite.
    uniform = (_shift_right(bits, 11).to(torch.float64) + 0.5) * 2.0**-53
    noise = -torch.log(-torch.log(uniform))
    return torch.where(keys.unsqueeze(1) == 0, torch.zeros_like(noise), noise)


def _mix_bits(bits: torch.Tensor) -> torch.Tensor:
    bits = (bits ^ _shift_right(bits, 30)) * _MIX_1
    bits = (bits ^ _shift_right(bits, 27)) * _MIX_2
    return bits ^ _shift_right(bits, 31)


def _shift_right(bits: torch.Tensor, by: int) -> torch.Tensor:
    """Shift to the right and fill with zeros, which torch does not do for signed numbers."""
    return (bits >> by) & ((1 << (64 - by)) - 1)
