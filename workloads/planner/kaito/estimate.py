"""Estimate of kaito 0.12, number for number: its nodes and its choice of parallelism.

It exists to be compared with (`modelyard plan --estimator kaito`), not to be followed: `kaito.differences` names where
it errs. The formula, with all sizes in bytes and g the memory of one GPU::

    available  = g * 0.84                                  --gpu-memory-utilization
    reserve    = 2.3 GiB + context * kv_bytes_per_token / GPUs of one node
    weights    = file size * 1.02
    per GPU    = (available - reserve) / 1.05              5 % of the weights again, for activations and CUDA graphs
    GPUs       = floor(weights / per GPU) + 1              one too many where it fits exactly
    nodes      = ceil(GPUs / GPUs of one node)

and the split that the server is started with, n being the GPUs of one node:

- one node, n > 1 and file size * 2n < memory of the node: n replicas of one GPU each (data parallel);
- one node otherwise: tensor parallel over n;
- several nodes: tensor parallel over n, pipeline parallel over the nodes.

Floating-point operations are done in kaito's order, so that results agree also at the edges.

Source: kaito v0.12.0 (commit 056b8280b1), ``pkg/workspace/estimator/nodesestimator/estimator.go`` and
``configureParallelism`` in ``pkg/model/interface.go``. Later versions differ (#2302: utilisation 0.92, state of Mamba
layers, 1.5 GiB instead of 2.3 on an A10).
"""

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.planner.kaito.skus import GIB, KaitoNode
from pydantic import Field

VERSION = "0.12.0"
DEFAULT_CONTEXT_TOKENS = 2048
"""Context that kaito counts without a max-model-len in the configuration; the server then starts with ``auto``."""
UTILISATION = 0.84
UTILISATION_AT_START_OF_A10 = 0.82
"""Launcher's utilisation for a GPU called "NVIDIA A10"; the estimate uses 0.84 for it as well."""
_WEIGHT_EXPANSION = 1.02
_BASE_RESERVE_BYTES = 2.3 * GIB
_OVERHEAD_PER_WEIGHT = 0.05


class KaitoRefusesError(ValueError):
    """Refusal of kaito in place of a number of nodes; the message gives kaito's reason."""


class KaitoEstimate(Frozen):
    """Kaito's estimate for one model on one kind of node, with the terms that led to it."""

    version: str = VERSION
    sku: str
    nodes: int = Field(gt=0)
    gpus_per_node: int = Field(gt=0)
    tensor_parallel: int = Field(gt=0)
    pipeline_parallel: int = Field(gt=0)
    data_parallel: int = Field(gt=0)
    context_tokens: int = Field(gt=0)
    """Context of the one sequence that kaito counts."""
    file_gib: float
    """Size of the weights' files, before the 2 % that kaito adds."""
    kv_bytes_per_token: int
    available_gib: float
    """Memory per GPU that the server may use."""
    reserve_gib: float
    """Memory per GPU that is not for weights: a constant and the cache of one sequence."""
    weights_per_gpu_gib: float
    """Weights that one GPU can hold."""
    gpus: int = Field(gt=0)
    """GPUs needed, before rounding up to whole nodes."""
    quotient: float
    """Weights over those that one GPU can hold; a whole number means that kaito counts one GPU too many."""


def estimate(
    file_bytes: int, kv_bytes_per_token: int, node: KaitoNode, context_tokens: int = DEFAULT_CONTEXT_TOKENS
) -> KaitoEstimate:
    """Estimate nodes and parallelism by kaito 0.12.

    Args:
        file_bytes: size of the weights' files as kaito counts them (`skus.parse_file_bytes` reads its form).
        kv_bytes_per_token: key and value cache of one token over all layers, which kaito takes as 16 bit, full
            attention (or the latent and rotary part of MLA).
        node: from `skus.find_kaito_node` or `skus.read_node_labels`.
        context_tokens: the configured max-model-len.

    Raises:
        KaitoRefusesError: the GPU is too small for the reserve alone, or the model does not fit its one MIG slice.
        ValueError: a number is not positive.
    """
    numbers = {"file_bytes": file_bytes, "kv_bytes_per_token": kv_bytes_per_token, "context_tokens": context_tokens}
    for name, value in numbers.items():
        if value <= 0:
            raise ValueError(f"{name} must be positive, got {value}")
    weights = float(file_bytes) * _WEIGHT_EXPANSION
    available = float(node.bytes_per_gpu) * UTILISATION
    reserve = _BASE_RESERVE_BYTES + float(context_tokens * kv_bytes_per_token) / float(node.gpus)
    if available <= reserve:
        raise KaitoRefusesError(
            f"kaito refuses {node.sku}: of a GPU's {node.bytes_per_gpu / GIB:.0f} GiB it may use "
            f"{available / GIB:.1f}, but {reserve / GIB:.1f} GiB are needed before any weight "
            f"({context_tokens} tokens of context)"
        )
    per_gpu = (available - reserve) / (1 + _OVERHEAD_PER_WEIGHT)
    gpus = int(weights / per_gpu) + 1
    nodes = -(-gpus // node.gpus)
    if node.mig and nodes > 1:
        total = weights + reserve + _OVERHEAD_PER_WEIGHT * weights
        raise KaitoRefusesError(
            f"kaito refuses {node.sku}: the model needs {total / GIB:.1f} GiB, but the MIG slice offers "
            f"{available / GIB:.1f} GiB"
        )
    tensor, pipeline, data = _parallelism(file_bytes, node, nodes)
    return KaitoEstimate(
        sku=node.sku,
        nodes=nodes,
        gpus_per_node=node.gpus,
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        data_parallel=data,
        context_tokens=context_tokens,
        file_gib=file_bytes / GIB,
        kv_bytes_per_token=kv_bytes_per_token,
        available_gib=available / GIB,
        reserve_gib=reserve / GIB,
        weights_per_gpu_gib=per_gpu / GIB,
        gpus=gpus,
        quotient=weights / per_gpu,
    )


def _parallelism(file_bytes: int, node: KaitoNode, nodes: int) -> tuple[int, int, int]:
    """Return tensor, pipeline and data parallelism; the test for replicas takes the file size without the 2 %."""
    if nodes > 1:
        return node.gpus, nodes, 1
    if node.gpus > 1 and file_bytes * node.gpus * 2 < node.total_gib * GIB:
        return 1, 1, node.gpus
    return node.gpus, 1, 1
