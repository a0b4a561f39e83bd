"""Report of kaito's mistakes: each defect is reported in the cases where it shows, and only there."""

from dataclasses import replace

import pytest
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.kaito.differences import compare_estimates
from modelyard.workloads.planner.kaito.estimate import KaitoEstimate, estimate
from modelyard.workloads.planner.kaito.skus import KaitoNode, find_kaito_node, parse_file_bytes
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.mixers import LatentAttention


def answer(gib: str, kv: int, sku: str) -> tuple[KaitoEstimate, KaitoNode]:
    node = find_kaito_node(sku)
    return estimate(parse_file_bytes(gib), kv, node), node


def candidate(estimated: KaitoEstimate) -> Candidate:
    """Return the planner's candidate with the nodes and the split of kaito's estimate."""
    return Candidate(
        sku=estimated.sku,
        cloud="aws",
        gpu="l4",
        fits=True,
        nodes=estimated.nodes,
        tensor_parallel=estimated.tensor_parallel,
        pipeline_parallel=estimated.pipeline_parallel,
        data_parallel=estimated.data_parallel,
    )


def decoder(**changes: object) -> Architecture:
    shape = {
        "family": "llama",
        "layers": 40,
        "hidden_size": 5120,
        "attention_heads": 40,
        "key_value_heads": 10,
        "vocabulary": 1000,
        "max_context_tokens": 16384,
        "intermediate_size": 1024,
    }
    return Architecture.model_validate(shape | changes)


def defects(*arguments: object, **options: object) -> set[str]:
    return {difference.defect for difference in compare_estimates(*arguments, **options).differences}  # pyright: ignore[reportArgumentType]


def test_files_counted_twice_are_reported_with_both_sizes():
    report = compare_estimates(*answer("25.63", 49152, "Standard_NV36ads_A10_v5"), weights_gib=12.82)
    difference = {difference.defect: difference for difference in report.differences}["weights-counted-twice"]
    assert "25.63 GiB" in difference.kaito
    assert "12.82 GiB" in difference.ours
    assert "weights-counted-twice" not in defects(*answer("14.96", 131072, "g5.xlarge"), weights_gib=14.96)


def test_a_split_that_does_not_divide_the_heads_is_reported():
    phi4 = decoder()
    assert "tensor-parallel-indivisible" in defects(*answer("27.31", 204800, "g5.48xlarge"), architecture=phi4)
    assert "tensor-parallel-indivisible" in defects(*answer("27.31", 204800, "g6.12xlarge"), architecture=phi4)
    assert "tensor-parallel-indivisible" not in defects(*answer("27.31", 204800, "g5.xlarge"), architecture=phi4)


def test_windows_and_latent_caches_are_reported():
    windows = decoder(sliding_window=128)
    kv = windows.kv_bytes_per_token()
    assert "cache-of-bounded-layers" in defects(*answer("27.31", kv, "g5.48xlarge"), architecture=windows)
    plain = decoder()
    assert "cache-of-bounded-layers" not in defects(*answer("27.31", kv, "g5.48xlarge"), architecture=plain)
    latent = decoder(
        key_value_heads=40,
        mla=LatentAttention(kv_lora_rank=512, nope_head_size=128, rope_head_size=64, value_head_size=128),
    )
    assert "latent-cache-divided" in defects(*answer("27.31", 46080, "g5.48xlarge"), architecture=latent)
    assert "latent-cache-divided" not in defects(*answer("27.31", 46080, "g5.xlarge"), architecture=latent)


@pytest.mark.parametrize(
    ("sku", "options", "defect"),
    [
        ("Standard_NV36ads_A10_v5", {}, "utilisation-differs-at-start"),
        ("Standard_NV36ads_A10_v5", {}, "no-limit-of-nodes"),
        ("g6.12xlarge", {}, "cache-split-over-one-node"),
        ("Standard_NC24ads_A100_v4", {"gpu_memory_gib": 79.3}, "memory-of-the-data-sheet"),
        ("Standard_NC24ads_A100_v4", {"context_tokens": 8192, "concurrency": 4}, "one-sequence-counted"),
        ("Standard_NC24ads_A100_v4", {"task": "lora"}, "no-estimate-for-tuning"),
        ("Standard_NG32ads_V620_v1", {}, "gpu-without-an-image"),
    ],
)
def test_each_defect_is_reported_only_where_it_applies(sku: str, options: dict, defect: str):
    assert defect in defects(*answer("131.42", 327680, sku), **options)
    assert defect not in defects(*answer("14.96", 131072, "Standard_NC40ads_H100_v5"))


def test_agreement_is_the_same_nodes_and_split():
    estimated, node = answer("14.96", 131072, "Standard_NC48ads_A100_v4")
    assert compare_estimates(estimated, node).agree is None
    assert compare_estimates(estimated, node, our=candidate(estimated)).agree is True
    other = replace(candidate(estimated), tensor_parallel=2, data_parallel=1)
    assert compare_estimates(estimated, node, our=other).agree is False


def test_only_different_splits_are_reported():
    estimated, node = answer("27.31", 204800, "g6.12xlarge")
    equal = candidate(estimated)
    other = replace(equal, tensor_parallel=2, pipeline_parallel=1, data_parallel=2)

    assert "split-by-rule" not in defects(estimated, node, our=equal)
    difference = {
        difference.defect: difference for difference in compare_estimates(estimated, node, our=other).differences
    }["split-by-rule"]
    assert "tensor 2 x pipeline 1 x data 2" in difference.ours
