"""Kubernetes versions, regions and zones."""

from typing import NamedTuple

import pytest
from modelyard.components.azure import regions, versions
from modelyard.components.azure.versions import Version, parse_version
from modelyard.components.common.errors import ArgumentError


class Skew(NamedTuple):
    """Versions of a control plane and a pool, and the rule that refuses them."""

    control_plane: str
    pool: str
    rule: str = ""


SKEWS = [
    Skew("1.33", "1.33"),
    Skew("1.33", "1.31"),
    Skew("1.33.2", "1.33.2"),
    Skew("1.33.2", "1.33"),
    Skew("1.33", "1.34", "must not be newer than the control plane, which is 1.33; upgrade that first"),
    Skew("1.33.2", "1.33.3", "must not be newer than the control plane, which is 1.33.2; upgrade that first"),
    Skew("1.33", "1.30.9", "must be at most 2 minor versions behind the control plane, which is 1.33"),
]


@pytest.mark.parametrize("skew", SKEWS, ids=[f"{skew.pool} under {skew.control_plane}" for skew in SKEWS])
def test_a_pool_follows_its_control_plane(skew: Skew):
    control_plane, pool = (parse_version("a100", "kubernetes_version", text) for text in (skew[0], skew[1]))
    if not skew.rule:
        assert versions.validate_skew("a100", control_plane, pool) == pool
        return
    with pytest.raises(ArgumentError) as error:
        versions.validate_skew("a100", control_plane, pool)
    assert str(error.value) == (
        f"a100: kubernetes_version = {skew.pool!r}: {skew.rule} (AKS, upgrade node pools: rules for valid versions)"
    )


@pytest.mark.parametrize("text", ["1", "v1.33", "1.33.x", "2.1", ""])
def test_a_text_that_is_no_version_is_refused(text: str):
    with pytest.raises(ArgumentError) as error:
        parse_version("dev", "kubernetes_version", text)
    assert str(error.value) == (
        f"dev: kubernetes_version = {text!r}: must be '1.33', of which AKS takes the newest patch, or '1.33.2'; quote "
        "it, or YAML reads a number (AKS, supported Kubernetes versions)"
    )


def test_a_patch_that_the_channel_would_raise_is_refused():
    assert versions.validate_channel("dev", Version(33, 2), "none") == Version(33, 2)
    assert versions.validate_channel("dev", Version(33), "stable") == Version(33)
    with pytest.raises(ArgumentError) as error:
        versions.validate_channel("dev", Version(33, 2), "patch")
    assert str(error.value) == (
        "dev: kubernetes_version = '1.33.2': must not name a patch, because channel 'patch' raises it; write '1.33', "
        "or take channel 'none' (AKS, automatically upgrade a cluster)"
    )


def test_a_region_has_zones_or_none():
    assert not regions.WITH_ZONES & regions.WITHOUT_ZONES
    assert regions.validate_region("dev", "westeurope") == "westeurope"
    assert regions.validate_zones("dev", "zones", "westeurope", ["1", "3"]) == ("1", "3")
    assert regions.validate_zones("dev", "zones", "westus", []) == ()


def test_unknown_regions_and_zones_are_refused():
    with pytest.raises(ArgumentError, match="must be a region of Azure's public cloud; did you mean 'westeurope'"):
        regions.validate_region("dev", "West Europe")
    with pytest.raises(ArgumentError, match="must be a region of Azure's public cloud; for example 'westeurope'"):
        regions.validate_region("dev", "-")
    with pytest.raises(ArgumentError, match="must be left out: region westus has no availability zones"):
        regions.validate_zones("dev", "zones", "westus", ["1"])
    with pytest.raises(ArgumentError, match=r"zones\[1\] = 'a': must be one of 1, 2, 3"):
        regions.validate_zones("dev", "zones", "westeurope", ["1", "a"])
