"""Catalogue: facts that every entry must have, and figures that a reader can check against their source."""

import datetime
import subprocess
import sys

import pytest
from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.catalogue import UnknownGpuError, UnknownInstanceTypeError

SOLD = catalogue.list_instance_types("azure") + catalogue.list_instance_types("aws")


@pytest.mark.parametrize("gpu", catalogue.list_gpus(), ids=lambda gpu: gpu.name)
def test_every_gpu_has_a_source_and_consistent_figures(gpu):
    assert gpu.source
    assert gpu.supports("fp32")
    assert gpu.supports("fp16")
    ladder = [gpu.peak_tflops[kind] for kind in ("fp32", "tf32", "bf16", "fp8", "fp4") if gpu.supports(kind)]
    assert ladder == sorted(ladder), "a narrower number is never slower"
    assert gpu.supports("bf16") == (gpu.capability >= (8, 0))
    assert gpu.supports("fp8") == (gpu.capability >= (8, 9))
    assert gpu.supports("fp4") == (gpu.capability >= (10, 0))
    assert (gpu.link_gb_per_s > 64) == (gpu.link == "nvlink")


@pytest.mark.parametrize("gpu", [gpu for gpu in catalogue.list_gpus() if gpu.mig_profiles], ids=lambda gpu: gpu.name)
def test_slices_never_have_more_than_their_gpu(gpu):
    for profile in gpu.mig_profiles:
        marketed = float(profile.name.partition(".")[2].removesuffix("gb"))
        assert 0.8 * marketed < profile.memory_gib < 1.001 * marketed
        assert profile.memory_gib * profile.instances < gpu.memory_gib
        assert profile.compute_share * profile.instances < 1.001


@pytest.mark.parametrize(
    ("name", "memory_gib", "bandwidth", "bf16_or_fp16", "capability"),
    [
        ("t4", 14.57, 320, 65, "7.5"),
        ("a10", 22.06, 600, 125, "8.6"),
        ("a100-80gb", 79.15, 2039, 312, "8.0"),
        ("a100-80gb-pcie", 79.15, 1935, 312, "8.0"),
        ("l4", 22.04, 300, 121, "8.9"),
        ("h100-sxm", 79.1, 3350, 989, "9.0"),
        ("h200", 139.8, 4800, 989, "9.0"),
    ],
)
def test_figures_are_those_of_the_datasheet_and_of_the_driver(name, memory_gib, bandwidth, bf16_or_fp16, capability):
    gpu = catalogue.find_gpu(name)
    assert gpu.memory_gib == memory_gib
    assert gpu.memory_bandwidth_gb_per_s == bandwidth
    assert gpu.peak_tflops["fp16"] == bf16_or_fp16
    assert gpu.compute_capability == capability


@pytest.mark.parametrize("instance", SOLD, ids=lambda entry: entry.name)
def test_every_size_has_a_gpu_a_price_a_region_and_a_source(instance):
    assert catalogue.find_gpu(instance.gpu)
    assert instance.source
    assert instance.prices
    for price in instance.prices:
        assert price.source
        assert price.region in instance.regions
        assert price.at is None or datetime.date(2026, 1, 1) < price.at < datetime.date(2027, 1, 1)
        assert (price.on_demand_usd_per_hour or price.spot_usd_per_hour or 0) > 0
    on_demand, spot = instance.price(), instance.price(spot=True)
    assert on_demand is None or spot is None or spot < on_demand
    assert (instance.fabric == "none") == (instance.fabric_gbit_per_s == 0)


def test_sizes_without_a_whole_gpu_have_a_share_of_one():
    shares = {entry.name: entry.gpu_share for entry in SOLD if entry.gpu_share < 1}
    assert shares == {
        "Standard_NV6ads_A10_v5": pytest.approx(1 / 6, abs=1e-5),
        "Standard_NV12ads_A10_v5": pytest.approx(1 / 3, abs=1e-5),
        "Standard_NV18ads_A10_v5": 0.5,
    }


def test_all_clouds_include_generic_nodes():
    everything = catalogue.list_instance_types()
    assert len(catalogue.list_instance_types("azure")) == 20
    assert len(catalogue.list_instance_types("aws")) == 47
    generic = [entry for entry in everything if entry.cloud == "any"]
    assert len(generic) == 4 * len(catalogue.list_gpus())
    assert len(everything) == 67 + len(generic)
    assert len({entry.name.lower() for entry in everything}) == len(everything)
    assert catalogue.find_instance_type("generic-8xh100-sxm").price() is None


def test_a_price_never_comes_from_another_region():
    instance = catalogue.find_instance_type("Standard_ND96isr_H100_v5")
    assert instance.price() == instance.price("eastus") == 98.32
    assert instance.price("westeurope") == 127.816
    ours = catalogue.find_instance_type("p5.48xlarge")
    assert ours.sold_in("eu-west-2")
    assert ours.price("eu-west-2") is None, "sold there, price not in the catalogue"
    only_spot = catalogue.find_instance_type("p5e.48xlarge")
    assert (only_spot.price(), only_spot.price(spot=True)) == (None, 19.539)


@pytest.mark.parametrize(
    ("name", "sold", "not_sold"),
    [
        ("Standard_ND96isr_H200_v5", "eastus2", "eastus"),
        ("Standard_ND96asr_v4", "westeurope", "eastus2"),
        ("Standard_NC80adis_H100_v5", "westeurope", "francecentral"),
        ("p4de.24xlarge", "us-west-2", "eu-west-1"),
        ("g6.xlarge", "eu-central-1", "eu-west-1"),
        ("generic-1xl4", "anywhere", None),
    ],
)
def test_a_size_is_sold_in_its_regions_only(name, sold, not_sold):
    instance = catalogue.find_instance_type(name)
    assert instance.sold_in(sold)
    assert not_sold is None or not instance.sold_in(not_sold)


def test_every_azure_size_has_a_price_in_its_regions():
    for instance in catalogue.list_instance_types("azure"):
        assert {region for region in instance.regions if instance.price(region) is None} == set()
        prices = [instance.price(region) or 0 for region in instance.regions]
        assert max(prices) < 3 * min(prices), instance.name


def test_regions_are_those_of_the_requested_cloud():
    assert "westeurope" in catalogue.list_regions("azure")
    assert "us-east-1" not in catalogue.list_regions("azure")
    assert set(catalogue.list_regions()) == {*catalogue.list_regions("azure"), *catalogue.list_regions("aws")}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Standard_NC24ads_A100", "Standard_NC24ads_A100_v4"),
        ("Standard_ND96asr_A100_v4", "Standard_ND96asr_v4"),  # what kaito calls it
        ("g5.xlrge", "g5.xlarge"),
        ("generic-8xh100", "generic-8xh100-sxm"),
    ],
)
def test_an_unknown_size_is_answered_with_the_nearest(name, near):
    with pytest.raises(UnknownInstanceTypeError, match=f"no instance type '{name}'; did you mean .*{near}"):
        catalogue.find_instance_type(name)


def test_names_are_found_in_any_case():
    assert catalogue.find_instance_type("standard_nc24ads_a100_v4").name == "Standard_NC24ads_A100_v4"
    assert catalogue.find_gpu("A100-80GB").name == "a100-80gb"
    with pytest.raises(UnknownGpuError, match=r"did you mean .*h100-sxm"):
        catalogue.find_gpu("h100")


def test_the_catalogue_loads_neither_pulumi_nor_torch():
    code = (
        "import sys; from modelyard.workloads.hardware import catalogue, prices; catalogue.list_instance_types(); "
        "print(sorted({'pulumi', 'torch', 'numpy', 'rich', 'typer'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
