"""Memory of one GPU that serves a model: the share before the first request, and that of each sequence.

The parts follow vLLM, which measures the same ones at its start: weights, the peak of one chunk of prefill, CUDA
graphs, memory of CUDA and NCCL, and a cache in the rest of ``gpu_memory_utilization`` x memory. The formulas reproduce
published start-up lines (``tests/unit/workloads/planner/serving/test_published_memory.py``).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.model_profile import ModelProfile
from modelyard.workloads.planner.parallelism import Parallelism

SEQUENCES_PER_STEP = 256
"""Sequences for which vLLM reserves logits at its start: its default of ``max_num_seqs``."""

SAMPLER_BYTES = 32
"""Bytes per sequence and word of the vocabulary: logits in 16 and 32 bit, their sorted copy with 64-bit indices,
probabilities and masks. Fitted to start-up lines of vLLM 0.6 to 0.19, which need 20 to 40."""

GRAPHS_GIB = 0.2
GRAPHS_GIB_PER_LAYER = 0.01
"""CUDA graphs that vLLM captures. Our estimate from lines 'Graph capturing finished … took': 0.2 to 0.5 GiB for small
models, and vLLM 0.21's 0.6 % of the GPU for large ones."""

FRAMEWORK_GIB = 0.3
"""Kernels and workspaces outside torch (vLLM's non_torch_memory: 0.05 to 0.35 GiB on one GPU)."""
COMMUNICATION_GIB = 0.15
"""Buffers of NCCL and of the custom all-reduce for a model on several GPUs. Our estimate from the same lines."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Reservation:
    """Memory that serving takes on the GPU that holds the most, in GiB, whatever the GPU is."""

    weights: float
    activations: float
    graphs: float
    framework: float
    cache_fixed: float
    """Cache for any number of sequences: a chunk of prefill in the sliding layers."""
    cache_full: float
    """Cache per token in full layers."""
    cache_sliding: float
    """Cache per token in sliding layers, up to the window."""
    state: float
    """Recurrent state per sequence."""
    window: int

    @property
    def fixed(self) -> float:
        """Memory of all but the sequences' own cache."""
        return self.weights + self.activations + self.graphs + self.framework + self.cache_fixed

    def sequence(self, tokens: int) -> float:
        """Return the cache of one sequence of that length."""
        stored = -(-tokens // 16) * 16
        return self.cache_full * stored + self.cache_sliding * min(stored, self.window) + self.state

    def longest(self, free: float) -> int:
        """Return the tokens of the longest single sequence whose cache takes at most `free`; 0 if none does."""
        remaining = free - self.state
        if remaining <= 0:
            return 0
        per_token = self.cache_full + self.cache_sliding
        if per_token <= 0:
            return 2**31
        tokens = remaining / per_token
        if tokens > self.window and self.cache_sliding:
            remaining -= self.cache_sliding * self.window
            tokens = max(self.window, remaining / self.cache_full) if self.cache_full else 2**31
        return int(tokens) // 16 * 16

    def memory(self, tokens: int, sequences: int) -> Memory:
        """Return the parts with so many sequences of that length in the cache."""
        return Memory(
            weights_gib=self.weights,
            kv_cache_gib=self.cache_fixed + self.sequence(tokens) * sequences,
            activations_gib=self.activations,
            cuda_graphs_gib=self.graphs,
            framework_gib=self.framework,
        )


def estimate_reservation(profile: ModelProfile, split: Parallelism, batch_tokens: int) -> Reservation:
    """Estimate the memory of a split on the GPU that holds the most, with chunks of prefill of `batch_tokens`."""
    tensor, pipeline = split.tensor, split.pipeline
    stage = -(-profile.layers // pipeline) / profile.layers  # Layers that do not divide go one more to some stages.
    weights = _weights(profile, split, stage)
    heads = min(tensor, profile.key_value_heads) if profile.known else tensor
    cache = stage / heads * (1 + profile.cache_margin) / GIB
    activations = _activations(profile, tensor, batch_tokens) / GIB
    return Reservation(
        weights=weights * (1 + profile.margin) / GIB,
        activations=activations * (1 + profile.margin),
        graphs=GRAPHS_GIB + GRAPHS_GIB_PER_LAYER * profile.layers * stage if profile.generates else 0.0,
        framework=FRAMEWORK_GIB + (COMMUNICATION_GIB if tensor * pipeline * split.expert > 1 else 0.0),
        cache_fixed=batch_tokens * profile.cache_sliding * cache,
        cache_full=profile.cache_full * cache,
        cache_sliding=profile.cache_sliding * cache,
        state=profile.state * stage / tensor / GIB,
        window=profile.window,
    )


def _weights(profile: ModelProfile, split: Parallelism, stage: float) -> float:
    """Return the bytes on the largest stage's GPU; the first stage has the embedding, the last the output layer."""
    tensor = split.tensor
    inner = profile.divided / tensor + profile.replicated
    inner += profile.key_value / (min(tensor, profile.key_value_heads) if profile.known else tensor)
    inner += profile.expert_weights / (split.expert if split.expert > 1 else tensor)
    # The vocabulary is padded to a multiple of 64 rows per GPU (vLLM's VocabParallelEmbedding).
    padding = (-(-profile.vocabulary // (64 * tensor)) * 64 * tensor) / profile.vocabulary if tensor > 1 else 1.0
    # In a pipeline the first stage has one and the last the other; a tied embedding is needed at both.
    first = profile.embedding + profile.tables
    ends = first + profile.output if split.pipeline == 1 else max(first, profile.output)
    return inner * stage + ends * padding / tensor


def _activations(profile: ModelProfile, tensor: int, tokens: int) -> float:
    """Return the bytes at the peak of one step: feed-forward layer, attention or sampler, whichever takes most.

    Feed-forward: gate and up projections, their product, and three hidden states; this gives 110.6 kB a token for
    Llama-3.1-8B, where vLLM measured 110.7 (issue 10517).
    """
    width = 3 * profile.intermediate / tensor
    if profile.experts:  # Fused experts: every token's k copies, before and after (vLLM's fused_moe caches 1 to 3).
        width = max(width, profile.experts_per_token * (3 * profile.expert_intermediate / tensor + profile.hidden))
    per_token = profile.value_bytes * (width + 3 * profile.hidden)
    if not profile.generates:
        return tokens * per_token
    return max(tokens * per_token, float(SEQUENCES_PER_STEP) * profile.vocabulary * SAMPLER_BYTES)
