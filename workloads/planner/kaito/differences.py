"""Mistakes of kaito 0.12's estimate for one model on one node, and the planner's way instead.

Only defects that show in the case at hand are reported, with its numbers. The list follows kaito's own issues (#1493,
#1653, #1956, #2114, #2302) and its source (v0.12.0, commit 056b8280b1).
"""

from collections.abc import Iterator

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.kaito.estimate import UTILISATION, UTILISATION_AT_START_OF_A10, KaitoEstimate
from modelyard.workloads.planner.kaito.skus import GIB, KaitoNode
from modelyard.workloads.presets.architecture import Architecture

COUNTED_TWICE = 1.5
"""Ratio of file size to our size of the weights above which kaito has counted files twice (gpt-oss: 2.0)."""

MANY_NODES = 4
"""Most nodes for one replica before the planner seeks larger GPUs (its default for ``max_nodes``)."""


class Difference(Frozen):
    """A defect of kaito's estimate that shows in this case."""

    defect: str
    """Stable name, e.g. ``tensor-parallel-indivisible``."""
    kaito: str
    ours: str


class Comparison(Frozen):
    """Agreement of kaito's and the planner's answer, and the defects behind their differences."""

    agree: bool | None
    """True for the same nodes and split; None if the planner has no answer."""
    differences: tuple[Difference, ...]


def compare_estimates(
    estimate: KaitoEstimate,
    node: KaitoNode,
    *,
    our: Candidate | None = None,
    architecture: Architecture | None = None,
    weights_gib: float | None = None,
    gpu_memory_gib: float | None = None,
    context_tokens: int | None = None,
    concurrency: int = 1,
    task: str = "serve",
) -> Comparison:
    """Compare kaito's estimate with the planner's.

    Args:
        estimate: kaito's estimate.
        node: the node it is for.
        our: the planner's candidate for the same node.
        architecture: the model's shape, where it is known.
        weights_gib: the weights' size by our count.
        gpu_memory_gib: one GPU's memory as the driver reports it.
        context_tokens: context of the request; None: kaito's.
        concurrency: sequences of that length at once.
        task: task of the plan.
    """
    differences = list(
        _find_differences(
            estimate,
            node,
            architecture=architecture,
            weights_gib=weights_gib,
            gpu_memory_gib=gpu_memory_gib,
            context_tokens=context_tokens,
            concurrency=concurrency,
            task=task,
        )
    )
    if our is None:
        return Comparison(agree=None, differences=tuple(differences))
    theirs = (estimate.nodes, estimate.tensor_parallel, estimate.pipeline_parallel, estimate.data_parallel)
    ours = (our.nodes, our.tensor_parallel, our.pipeline_parallel, our.data_parallel)
    if our.nodes and theirs[1:] != ours[1:]:
        differences.append(
            Difference(
                defect="split-by-rule",
                kaito=f"splits by a rule, whatever the speed: {_split(theirs)}",
                ours=f"takes the split that generates the most tokens per second of those that fit: {_split(ours)}",
            )
        )
    return Comparison(agree=theirs == ours, differences=tuple(differences))


def _find_differences(
    estimate: KaitoEstimate,
    node: KaitoNode,
    *,
    architecture: Architecture | None,
    weights_gib: float | None,
    gpu_memory_gib: float | None,
    context_tokens: int | None,
    concurrency: int,
    task: str,
) -> Iterator[Difference]:
    if weights_gib is not None and estimate.file_gib > COUNTED_TWICE * weights_gib:
        yield Difference(
            defect="weights-counted-twice",
            kaito=f"sums every safetensors file in every folder: {estimate.file_gib:.2f} GiB",
            ours=f"counts the weights once: {weights_gib:.2f} GiB",
        )
    if architecture is not None:
        yield from _compare_architecture(estimate, architecture)
    context = context_tokens or estimate.context_tokens
    if context * concurrency > estimate.context_tokens:
        cache = context * concurrency * estimate.kv_bytes_per_token / GIB
        yield Difference(
            defect="one-sequence-counted",
            kaito=f"reserves cache for one sequence of {estimate.context_tokens} tokens",
            ours=f"reserves it for {concurrency} of {context}: up to {cache:.1f} GiB over all GPUs",
        )
    if estimate.quotient == int(estimate.quotient):
        yield Difference(
            defect="exact-fit-counted-up",
            kaito=f"asks for {estimate.gpus} GPUs where the weights fill {int(estimate.quotient)} exactly",
            ours="rounds up only what is left over",
        )
    if estimate.nodes > 1 and node.gpus > 1:
        yield Difference(
            defect="cache-split-over-one-node",
            kaito=f"divides the cache by the {node.gpus} GPUs of one node, though {estimate.nodes} nodes share it",
            ours="divides it by the GPUs that hold it",
        )
    if estimate.nodes > MANY_NODES:
        yield Difference(
            defect="no-limit-of-nodes",
            kaito=f"answers {estimate.nodes} nodes in a pipeline",
            ours=f"refuses more than max_nodes ({MANY_NODES} by default) and ranks larger GPUs by price",
        )
    yield from _compare_memory(estimate, node, gpu_memory_gib)
    if task not in {"serve", "batch"}:
        yield Difference(
            defect="no-estimate-for-tuning",
            kaito="has no estimate for fine-tuning; its preset's figure is never checked",
            ours="adds gradients, optimizer states and activations of the method",
        )


def _split(sizes: tuple[int, int, int, int]) -> str:
    _, tensor, pipeline, data = sizes
    return f"tensor {tensor} x pipeline {pipeline} x data {data}"


def _compare_architecture(estimate: KaitoEstimate, architecture: Architecture) -> Iterator[Difference]:
    heads, keys, split = architecture.attention_heads, architecture.key_value_heads, estimate.tensor_parallel
    if heads % split or (keys % split and split % keys):
        yield Difference(
            defect="tensor-parallel-indivisible",
            kaito=f"splits {heads} heads and {keys} key-value heads over {split} GPUs, which vLLM refuses",
            ours="takes only splits that divide the heads",
        )
    needed = architecture.kv_cache_bytes(estimate.context_tokens)
    reserved = estimate.context_tokens * estimate.kv_bytes_per_token
    if needed < reserved:
        yield Difference(
            defect="cache-of-bounded-layers",
            kaito=f"counts {reserved / GIB:.3f} GiB of cache per sequence, as if every layer kept every token",
            ours=f"bounds windows and counts recurrent layers' states: {needed / GIB:.3f} GiB",
        )
    if architecture.state_bytes():
        yield Difference(
            defect="recurrent-state-ignored",
            kaito="counts no state of recurrent layers",
            ours=f"counts {architecture.state_bytes() / GIB:.3f} GiB per sequence",
        )
    if architecture.mla is not None and estimate.gpus_per_node > 1:
        yield Difference(
            defect="latent-cache-divided",
            kaito=f"divides the latent cache by {estimate.gpus_per_node} GPUs",
            ours="keeps it whole on every GPU of a tensor-parallel group, as vLLM does",
        )


def _compare_memory(estimate: KaitoEstimate, node: KaitoNode, gpu_memory_gib: float | None) -> Iterator[Difference]:
    nominal = node.total_gib / node.gpus
    if gpu_memory_gib is not None and abs(nominal - gpu_memory_gib) > 0.05:
        yield Difference(
            defect="memory-of-the-data-sheet",
            kaito=f"takes {nominal:.1f} GiB per GPU, and {UTILISATION:.0%} of it",
            ours=f"takes the {gpu_memory_gib:.1f} GiB that the driver reports",
        )
    if node.gpu == "NVIDIA A10":
        yield Difference(
            defect="utilisation-differs-at-start",
            kaito=f"estimates with {UTILISATION}, but starts vLLM with {UTILISATION_AT_START_OF_A10} on an A10",
            ours="estimates with the value that the server is started with",
        )
    if not node.runs_cuda:
        yield Difference(
            defect="gpu-without-an-image",
            kaito=f"lists {node.sku} ({node.gpu}), where its CUDA image cannot run",
            ours="does not list it",
        )
    yield Difference(
        defect="overhead-by-rule-of-thumb",
        kaito=f"reserves 2.3 GiB and 5 % of the weights ({estimate.reserve_gib:.2f} GiB with the cache)",
        ours="adds activations, CUDA graphs and framework by the model's shape",
    )
