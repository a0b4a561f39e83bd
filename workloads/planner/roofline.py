"""Speed of serving, from the operations to compute and the bytes to read.

Prefill is bound by arithmetic and decoding by memory bandwidth, until the batch is large; both take the slower of the
two (roofline, Williams et al. 2009) at a share of the GPU's peak, plus a constant per step and the time of collectives.
These are estimates to rank hardware by. They were compared with thirteen published latencies (to two of which the
constants were fitted) of two models on one A10, A100 or A6000: within 8 % up to 37 sequences at once, up to 40 % too
fast with hundreds (tests/unit/workloads/planner/serving/test_published_speed.py, docs/planner.md). Several GPUs, other
kinds of GPU, long contexts, quantised and MoE models, and the time to the first token were compared with nothing.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from modelyard.workloads.planner.model_profile import ModelProfile
from modelyard.workloads.planner.parallelism import Parallelism

BANDWIDTH_SHARE = 0.75
"""Share of peak bandwidth in decoding. Fitted, with the step's constants, to Phi-4-mini on one A10 and one A100
(kaito website/docs/benchmarks/gpu-benchmarks.md, 1 request/s: 20.2 and 8.0 ms between tokens)."""

STEP_MS = 1.0
STEP_MS_PER_LAYER = 0.06
"""Scheduling, sampling and launches of one step. From the same two figures: 2.9 ms for 32 layers."""

_COMPUTE_SHARE = {7: 0.35, 8: 0.50, 9: 0.40}
"""Share of the dense peak in large products, by compute capability's major number. A100: 0.57 (fms-fsdp, Llama-2-7B),
llm.c 0.63, so 0.50 with attention and norms; H100: 0.40 (llm.c); T4: its base clock gives 24 of 65 TFLOPS."""
_COMPUTE_SHARE_LATER = 0.40
"""Share for newer GPUs: our assumption, as for the H100."""

LINK_SHARE = 0.7
"""Share of a link's rate in an all-reduce. Our estimate; nccl-tests reach 0.7 to 0.8 with large messages."""
_ALL_REDUCE_US = {"nvlink": 10.0, "pcie": 30.0}
"""Fixed time of a small all-reduce in one node, microseconds. Our estimate from nccl-tests and vLLM's custom
all-reduce."""
_SEND_US = {"infiniband": 15.0, "efa": 40.0, "none": 100.0}
"""Fixed time of sending activations to the next stage's node, microseconds. Our estimate; `none` is TCP."""


@dataclass(frozen=True)
class Machine:
    """A GPU, or a share of one, and its connections, as the formulas see them."""

    gpu: str
    gpus: int
    memory_gib: float
    bandwidth: float
    """Memory bandwidth, bytes/s."""
    flops: float
    """Dense peak, operations/s, in the model's format."""
    capability: int
    """Major number of the compute capability."""
    link: str
    link_bytes: float
    """Rate of the link per GPU and direction, bytes/s."""
    fabric: str
    fabric_bytes: float
    """Rate of the fabric per node and direction, bytes/s."""

    @cached_property
    def usable_flops(self) -> float:
        """Operations/s that large products reach."""
        return self.flops * _COMPUTE_SHARE.get(self.capability, _COMPUTE_SHARE_LATER)

    @cached_property
    def usable_bandwidth(self) -> float:
        """Bytes/s that decoding reaches."""
        return self.bandwidth * BANDWIDTH_SHARE


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Step:
    """One pass over the layers: work of one GPU and messages between GPUs, the same on every machine."""

    flop: float
    traffic: float
    """Bytes of weights and caches to read."""
    message: float
    """Bytes of the hidden states that collectives move."""
    constant: float
    """Seconds that no GPU shortens."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Work:
    """Requests of one length at one load on one split, the same on every machine."""

    split: Parallelism
    layers: int
    prompt: Step
    decode: Step | None
    """Step in which each sequence gets one token; None for models that generate nothing: all tokens are prompt."""
    tokens: int
    """Tokens generated per request; tokens read for models that generate nothing."""
    copies: int
    batch: float
    """Sequences in flight of one copy."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Speed:
    """Estimated speed at one number of concurrent sequences."""

    tokens_per_second: float
    """Rate of all copies with the prompts' work: generated tokens, or prompt tokens if nothing is generated."""
    time_to_first_token_ms: float
    """Latency of a prompt that finds the server free."""
    inter_token_latency_ms: float | None


def estimate_work(profile: ModelProfile, split: Parallelism, *, prompt: int, output: int, sequences: float) -> Work:
    """Estimate the work of `sequences` requests in flight, each of `prompt` tokens that become `prompt + output`."""
    if not profile.generates:
        total = prompt + output
        return Work(split, profile.layers, describe_prefill(profile, split, total), None, total, split.data, 1.0)
    copies = 1 if split.expert > split.tensor else split.data
    batch = max(1.0, sequences / copies)
    step = describe_decode(profile, split, batch=batch, context=prompt + output / 2)
    return Work(split, profile.layers, describe_prefill(profile, split, prompt), step, output, copies, batch)


def estimate_speed(work: Work, machine: Machine) -> Speed:
    """Estimate the speed of a machine at that work."""
    split = work.split
    first = estimate_seconds(work.prompt, work, machine)
    if work.decode is None:
        return Speed(work.tokens / first * work.copies, first * 1000, None)
    step = estimate_seconds(work.decode, work, machine)
    # Prefill takes the GPUs from decoding: all stages of a pipeline work at once, on different requests.
    prefilling = first / split.pipeline / (split.data if work.copies == 1 else 1)
    return Speed(
        tokens_per_second=work.copies * work.batch * work.tokens / (work.batch * prefilling + work.tokens * step),
        time_to_first_token_ms=(first + step) * 1000,
        inter_token_latency_ms=step * 1000,
    )


def estimate_seconds(step: Step, work: Work, machine: Machine) -> float:
    """Estimate the seconds of one step: the slower of computing and reading, the constant, and collectives."""
    busy = max(step.flop / machine.usable_flops, step.traffic / machine.usable_bandwidth)
    return busy + step.constant + _exchange(step.message, work, machine)


def describe_prefill(profile: ModelProfile, split: Parallelism, tokens: int) -> Step:
    """Describe the step in which a prompt of that length passes through all layers."""
    tensor = split.tensor
    attention = tokens * (
        profile.flop_per_context_token * tokens / 2 + profile.flop_window * min(tokens, profile.window)
    )
    return Step(
        flop=(tokens * profile.flop + attention) / tensor,
        traffic=_weights_read(profile, tokens) / tensor,
        message=_message(profile, tokens),
        constant=_constant(profile),
    )


def describe_decode(profile: ModelProfile, split: Parallelism, *, batch: float, context: float) -> Step:
    """Describe the step in which each of `batch` sequences gets one token."""
    tensor, pipeline = split.tensor, split.pipeline
    width = split.gpus if split.expert > tensor else tensor
    # Stages of a pipeline work on different parts of the batch; each reads its own weights for each part.
    part = max(1.0, batch / pipeline)
    cache_split = width if split.expert > tensor else min(tensor, profile.key_value_heads) if profile.known else tensor
    cache = part * (profile.cache_full * context + profile.cache_sliding * min(context, profile.window) + profile.state)
    attention = profile.flop_per_context_token * context + profile.flop_window * min(context, profile.window)
    return Step(
        flop=part * (profile.flop + attention) / width,
        traffic=_weights_read(profile, part) / width + cache / cache_split,
        message=_message(profile, part),
        constant=_constant(profile),
    )


def _weights_read(profile: ModelProfile, tokens: float) -> float:
    """Return the bytes of weights that a step over so many tokens reads, with the experts that any token is sent to."""
    dense = profile.output + profile.divided + profile.key_value + profile.replicated
    dense += 0.0 if profile.output else profile.embedding  # A tied embedding is the output layer, and is multiplied.
    if not profile.experts:
        return dense
    missed = (1 - profile.experts_per_token / profile.experts) ** tokens
    return dense + profile.expert_weights * (1 - missed)


def _constant(profile: ModelProfile) -> float:
    return (STEP_MS + STEP_MS_PER_LAYER * profile.layers) / 1000


def _message(profile: ModelProfile, tokens: float) -> float:
    return tokens * profile.hidden * profile.value_bytes


def _exchange(message: float, work: Work, machine: Machine) -> float:
    """Return the seconds of collectives: two all-reduces per layer in a node, one send per stage between nodes."""
    split = work.split
    total = 0.0
    group = split.gpus if split.expert > split.tensor else split.tensor
    if group > 1:
        transfer = 2 * (group - 1) / group * message / (machine.link_bytes * LINK_SHARE)
        if group > machine.gpus:
            transfer = max(transfer, 2 * message / (machine.fabric_bytes * LINK_SHARE))
        fixed = _SEND_US[machine.fabric] if group > machine.gpus else _ALL_REDUCE_US[machine.link]
        total += 2 * work.layers * (fixed / 1e6 + transfer)
    if split.pipeline > 1:
        between = split.tensor * split.pipeline > machine.gpus
        rate = machine.fabric_bytes if between else machine.link_bytes
        fixed = _SEND_US[machine.fabric] if between else _ALL_REDUCE_US[machine.link]
        total += (split.pipeline - 1) * (fixed / 1e6 + message / (rate * LINK_SHARE))
    return total
