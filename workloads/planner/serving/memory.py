"""Memory of one GPU that serves a model: what is there before the first request, and what each sequence adds.

The shape of the sum follows vLLM, which measures the same parts at its start: weights, the peak of one chunk of
prefill, CUDA graphs, what CUDA and NCCL hold, and a cache in the rest of ``gpu_memory_utilization`` x memory. Published
start-up lines that these formulas reproduce are in ``tests/unit/workloads/planner/test_published.py``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelyard.workloads.planner.layout import Layout
from modelyard.workloads.planner.memory import GIB, Memory
from modelyard.workloads.planner.shape import Shape

SEQUENCES_PER_STEP = 256
"""vLLM's default of ``max_num_seqs``: for so many sequences it reserves logits at its start."""

SAMPLER_BYTES = 32
"""Per sequence and word of the vocabulary: logits in 16 and 32 bit, their sorted copy with 64-bit indices,
probabilities and masks. Fitted to start-up lines of vLLM 0.6 to 0.19, which need 20 to 40."""

GRAPHS_GIB = 0.2
GRAPHS_GIB_PER_LAYER = 0.01
"""CUDA graphs that vLLM captures. Our estimate from lines 'Graph capturing finished … took': 0.2 to 0.5 GiB for small
models, and vLLM 0.21's 0.6 % of the GPU for large ones."""

FRAMEWORK_GIB = 0.3
"""Kernels and workspaces outside torch (vLLM's non_torch_memory: 0.05 to 0.35 GiB on one GPU)."""
COMMUNICATION_GIB = 0.15
"""What NCCL and the custom all-reduce add where several GPUs share a model. Our estimate from the same lines."""


@dataclass(frozen=TYPE_CHECKING, slots=True)
class Reservation:
    """What serving takes on the GPU that holds the most, in GiB, whatever the GPU is."""

    weights: float
    activations: float
    graphs: float
    framework: float
    cache_fixed: float
    """Cache that does not depend on the number of sequences: a chunk of prefill in the sliding layers."""
    cache_full: float
    """Per token."""
    cache_sliding: float
    """Per token, up to the window."""
    state: float
    """Per sequence."""
    window: int

    @property
    def fixed(self) -> float:
        """All but the sequences' own cache."""
        return self.weights + self.activations + self.graphs + self.framework + self.cache_fixed

    def sequence(self, tokens: int) -> float:
        """Cache of one sequence of that length."""
        held = -(-tokens // 16) * 16
        return self.cache_full * held + self.cache_sliding * min(held, self.window) + self.state

    def longest(self, free: float) -> int:
        """Tokens of the longest single sequence whose cache takes at most `free`; 0 where none does."""
        rest = free - self.state
        if rest <= 0:
            return 0
        both = self.cache_full + self.cache_sliding
        if both <= 0:
            return 2**31
        tokens = rest / both
        if tokens > self.window and self.cache_sliding:
            rest -= self.cache_sliding * self.window
            tokens = max(self.window, rest / self.cache_full) if self.cache_full else 2**31
        return int(tokens) // 16 * 16

    def memory(self, tokens: int, sequences: int) -> Memory:
        """The parts, with that many sequences of that length in the cache."""
        return Memory(
            weights_gib=self.weights,
            kv_cache_gib=self.cache_fixed + self.sequence(tokens) * sequences,
            activations_gib=self.activations,
            cuda_graphs_gib=self.graphs,
            framework_gib=self.framework,
        )


def reservation(shape: Shape, layout: Layout, batch_tokens: int) -> Reservation:
    """What a layout takes on the GPU that holds the most, with chunks of prefill of `batch_tokens`."""
    tensor, pipeline = layout.tensor, layout.pipeline
    stage = -(-shape.layers // pipeline) / shape.layers  # Layers that do not divide go one more to some stages.
    weights = _weights(shape, layout, stage)
    heads = min(tensor, shape.key_value_heads) if shape.known else tensor
    cache = stage / heads * (1 + shape.cache_margin) / GIB
    activations = _activations(shape, tensor, batch_tokens) / GIB
    return Reservation(
        weights=weights * (1 + shape.margin) / GIB,
        activations=activations * (1 + shape.margin),
        graphs=GRAPHS_GIB + GRAPHS_GIB_PER_LAYER * shape.layers * stage if shape.generates else 0.0,
        framework=FRAMEWORK_GIB + (COMMUNICATION_GIB if tensor * pipeline * layout.expert > 1 else 0.0),
        cache_fixed=batch_tokens * shape.cache_sliding * cache,
        cache_full=shape.cache_full * cache,
        cache_sliding=shape.cache_sliding * cache,
        state=shape.state * stage / tensor / GIB,
        window=shape.window,
    )


def _weights(shape: Shape, layout: Layout, stage: float) -> float:
    """Bytes of the largest stage's GPU. The first stage has the embedding and the last the output layer."""
    tensor = layout.tensor
    inner = shape.divided / tensor + shape.replicated
    inner += shape.key_value / (min(tensor, shape.key_value_heads) if shape.known else tensor)
    inner += shape.expert_weights / (layout.expert if layout.expert > 1 else tensor)
    # The vocabulary is padded to a multiple of 64 rows per GPU (vLLM's VocabParallelEmbedding).
    padding = (-(-shape.vocabulary // (64 * tensor)) * 64 * tensor) / shape.vocabulary if tensor > 1 else 1.0
    # In a pipeline the first stage has one and the last the other; a tied embedding is needed at both.
    first = shape.embedding + shape.tables
    ends = first + shape.output if layout.pipeline == 1 else max(first, shape.output)
    return inner * stage + ends * padding / tensor


def _activations(shape: Shape, tensor: int, tokens: int) -> float:
    """Bytes at the peak of one step: the feed-forward layer, attention, or the sampler, whichever takes most.

    Feed-forward: gate and up projections, their product, and three hidden states; this gives 110.6 kB a token for
    Llama-3.1-8B, where vLLM measured 110.7 (issue 10517).
    """
    width = 3 * shape.intermediate / tensor
    if shape.experts:  # Fused experts: every token's k copies, before and after (vLLM's fused_moe caches 1 to 3).
        width = max(width, shape.experts_per_token * (3 * shape.expert_intermediate / tensor + shape.hidden))
    per_token = shape.value_bytes * (width + 3 * shape.hidden)
    if not shape.generates:
        return tokens * per_token
    return max(tokens * per_token, float(SEQUENCES_PER_STEP) * shape.vocabulary * SAMPLER_BYTES)
