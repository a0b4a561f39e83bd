"""Kaito's estimate: its golden vectors, its edges, and its refusals."""

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from modelyard.workloads.planner.kaito.estimate import KaitoRefusesError, estimate
from modelyard.workloads.planner.kaito.skus import (
    GIB,
    KaitoNode,
    UnknownKaitoSkuError,
    find_kaito_node,
    list_kaito_nodes,
    parse_file_bytes,
    read_node_labels,
)

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text())
CELLS = [
    (name, model, sku, answer)
    for name, model in VECTORS["models"].items()
    for sku, answer in zip(VECTORS["skus"], model["answers"], strict=True)
]


@pytest.mark.parametrize(("name", "model", "sku", "answer"), CELLS, ids=[f"{cell[0]}-{cell[2]}" for cell in CELLS])
def test_every_vector_of_kaito_is_reproduced(name: str, model: dict, sku: str, answer: str):
    got = estimate(parse_file_bytes(model["gib"]), model["kv_bytes_per_token"], find_kaito_node(sku))
    assert f"{got.nodes}/{got.tensor_parallel}/{got.pipeline_parallel}/{got.data_parallel}" == answer


def test_the_tables_have_kaitos_nodes_but_no_aws_accelerators():
    clouds = [node.cloud for node in list_kaito_nodes()]
    assert (clouds.count("azure"), clouds.count("aws")) == (14, 23)
    assert [node.sku for node in list_kaito_nodes() if not node.runs_cuda] == [
        "Standard_NG32ads_V620_v1",
        "Standard_NG32adms_V620_v1",
    ]


def test_terms_of_one_estimate_by_hand():
    got = estimate(parse_file_bytes("14.96"), 131072, find_kaito_node("standard_nv36ads_a10_v5"))
    assert got.available_gib == pytest.approx(24 * 0.84)
    assert got.reserve_gib == pytest.approx(2.3 + 0.25)
    assert got.weights_per_gpu_gib == pytest.approx((20.16 - 2.55) / 1.05)
    assert got.quotient == pytest.approx(14.96 * 1.02 / ((20.16 - 2.55) / 1.05))
    assert (got.gpus, got.nodes, got.sku) == (1, 1, "Standard_NV36ads_A10_v5")


def test_an_exact_fit_counts_one_gpu_too_many():
    # Chosen so that the weights are exactly twice what one GPU holds, in floating point as well.
    node = KaitoNode(sku="exact", cloud="own", gpu="NVIDIA test", gpus=1, total_gib=100)
    per_gpu = (100 * GIB * 0.84 - (2.3 * GIB + 1024.0)) / 1.05
    size = next(n for n in range(int(2 * per_gpu / 1.02) - 9, int(2 * per_gpu / 1.02) + 9) if n * 1.02 >= 2 * per_gpu)
    assert estimate(size - 2, 1, node, context_tokens=1024).nodes == 2
    assert estimate(size, 1, node, context_tokens=1024).nodes == 3


def test_sizes_of_the_catalogue_round_up_to_whole_bytes():
    assert parse_file_bytes("14.96") == math.ceil(14.96 * 2**30) == parse_file_bytes(14.96)
    assert parse_file_bytes("7") == 7 * 2**30
    for value in ("-1", 0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive number of GiB"):
            parse_file_bytes(value)


def test_a_sku_outside_the_tables_is_refused_with_the_nearest():
    with pytest.raises(UnknownKaitoSkuError, match="Standard_NC24ads_A100_v4"):
        find_kaito_node("Standard_NC24ads_A100_v5")
    with pytest.raises(UnknownKaitoSkuError, match=r"no SKU 'g6e\.xlarge'"):
        find_kaito_node("g6e.xlarge")


@pytest.mark.parametrize(("mib", "gib"), [(81920, 80), (81559, 80), (23028, 22), (15360, 15), (24564, 24), (512, 1)])
def test_own_nodes_are_read_from_labels_rounded_to_gib(mib: int, gib: int):
    assert read_node_labels("own", "NVIDIA-A10", 2, mib).total_gib == 2 * gib


def test_a_context_that_fills_the_gpu_is_refused():
    with pytest.raises(KaitoRefusesError, match=r"may use 20\.2, but 22\.3 GiB .*\(163840 tokens"):
        estimate(GIB, 131072, find_kaito_node("g5.xlarge"), context_tokens=163840)


def test_a_mig_slice_is_never_multiplied():
    slice_of_a100 = KaitoNode(sku="1g.10gb", cloud="own", gpu="NVIDIA A100", gpus=1, total_gib=10, mig=True)
    assert estimate(GIB, 1000, slice_of_a100).nodes == 1
    with pytest.raises(KaitoRefusesError, match=r"MIG slice offers 8\.4 GiB"):
        estimate(parse_file_bytes("14.96"), 131072, slice_of_a100)


@pytest.mark.parametrize("change", [{"file_bytes": 0}, {"kv_bytes_per_token": -1}, {"context_tokens": 0}])
def test_numbers_that_are_not_positive_are_refused(change: dict):
    with pytest.raises(ValueError, match=f"{next(iter(change))} must be positive"):
        estimate(**({"file_bytes": GIB, "kv_bytes_per_token": 1} | change), node=find_kaito_node("g5.xlarge"))


@given(
    size=st.integers(1, 2**42),
    kv=st.integers(1, 2**20),
    node=st.sampled_from(list_kaito_nodes()),
    context=st.integers(1, 8192),
)
def test_the_split_uses_all_gpus_and_holds_the_weights(size: int, kv: int, node: KaitoNode, context: int):
    got = estimate(size, kv, node, context)
    assert got.gpus * got.weights_per_gpu_gib >= got.file_gib
    assert (got.nodes - 1) * node.gpus < got.gpus <= got.nodes * node.gpus
    assert got.tensor_parallel * got.pipeline_parallel * got.data_parallel == got.nodes * node.gpus
    assert estimate(size + 2**30, kv, node, context).nodes >= got.nodes
