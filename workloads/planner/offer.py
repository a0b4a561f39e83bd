"""An instance type as something that can be had: as the formulas see it, at what price, and why not."""

from dataclasses import dataclass
from functools import lru_cache

from modelyard.workloads.hardware import catalogue
from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.hardware.prices import CATALOGUE_PRICES, PriceList
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Cloud, Request
from modelyard.workloads.planner.roofline import Machine

_MOST_REGIONS = 5
"""Told in a reason; a size may have prices of thirty."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a request decides which machines can be had, and at what price."""

    cloud: Cloud
    region: str | None
    max_usd_per_hour: float | None
    spot: bool


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An instance type at a price, as requests on the same terms find it, whatever the model."""

    instance: InstanceType
    gpu: Gpu
    price: Price | None
    usd_per_hour: float | None
    """One node."""
    refusal: str | None
    """Why it cannot be had, or None."""
    network: tuple[str, float, float]
    """Fabric and rates: what only matters between nodes."""


Alike = tuple[Offer, ...]
"""Instance types with as many GPUs of one kind: to a model that needs one node they differ in price alone."""


def offers(request: Request) -> tuple[Alike, ...]:
    """The instance types of the request's cloud, or its one sku, those that are alike together.

    Raises:
        UnknownInstanceTypeError: the request names a sku that the catalogue does not have.
    """
    terms = Terms(request.cloud, request.region, request.max_usd_per_hour, request.spot)
    if request.sku:
        return ((_offer(terms, catalogue.instance_type(request.sku), request.prices),),)
    if not request.prices.overrides:
        return _catalogue_offers(terms)
    return _alike(terms, request.prices)


@lru_cache(maxsize=8)
def _catalogue_offers(terms: Terms) -> tuple[Alike, ...]:
    """The offers of the catalogue's own prices, which never change: many models are planned on the same terms."""
    return _alike(terms, CATALOGUE_PRICES)


def _alike(terms: Terms, prices: PriceList) -> tuple[Alike, ...]:
    groups: dict[tuple[str, int, float], list[Offer]] = {}
    for instance in catalogue.instance_types(terms.cloud):
        key = (instance.gpu, instance.gpus, instance.gpu_share)
        groups.setdefault(key, []).append(_offer(terms, instance, prices))
    return tuple(map(tuple, groups.values()))


def _offer(terms: Terms, instance: InstanceType, prices: PriceList) -> Offer:
    price = prices.entry(instance, region=terms.region, spot=terms.spot)
    return Offer(
        instance=instance,
        gpu=catalogue.gpu(instance.gpu),
        price=price,
        usd_per_hour=node_price(price, spot=terms.spot),
        refusal=unavailable(terms, instance, price),
        network=(instance.fabric, instance.fabric_gbit_per_s, instance.network_gbit_per_s),
    )


@lru_cache(maxsize=1024)
def machine(offer: Offer, peak_tflops: float) -> Machine:
    """An instance type as the formulas see it; a share of a GPU has that share of everything."""
    instance, gpu = offer.instance, offer.gpu
    share = instance.gpu_share
    network = instance.fabric_gbit_per_s if instance.fabric != "none" else instance.network_gbit_per_s
    return Machine(
        gpu=gpu.name,
        gpus=instance.gpus,
        memory_gib=gpu.memory_gib * share,
        bandwidth=gpu.memory_bandwidth_gb_per_s * 1e9 * share,
        flops=peak_tflops * 1e12 * share,
        capability=gpu.capability[0],
        link=gpu.link,
        link_bytes=gpu.link_gb_per_s * 1e9,
        fabric=instance.fabric,
        fabric_bytes=max(1.0, network) / 8 * 1e9,
    )


def unavailable(request: Request | Terms, instance: InstanceType, price: Price | None) -> str | None:
    """Why the instance type cannot be had as asked, or None where it can."""
    region = request.region
    if region and not instance.sold_in(region):
        return f"not sold in {region}, only in {', '.join(instance.regions)}"
    if price is not None:
        return None
    kind = "spot price" if request.spot else "price"
    if region and instance.cloud != "any":
        priced = [entry.region for entry in instance.prices if node_price(entry, spot=request.spot) is not None]
        some = ", ".join(priced[:_MOST_REGIONS]) + (" and more" if len(priced) > _MOST_REGIONS else "")
        return f"no {kind} in region {region}" + (f" ({kind}s are known of {some})" if priced else "")
    if request.spot:
        return "no spot price known"
    if request.max_usd_per_hour is not None:
        return f"no price known, so the limit of {request.max_usd_per_hour:g} USD/h cannot be checked"
    return None


def over_limit(request: Request, usd_per_hour: float | None, nodes: int) -> tuple[str, ...]:
    """The reason against a candidate that costs more than the request allows."""
    limit = request.max_usd_per_hour
    if limit is None or usd_per_hour is None or usd_per_hour <= limit:
        return ()
    each = f" ({nodes} nodes)" if nodes > 1 else ""
    return (f"costs {usd_per_hour:.2f} USD/h{each}, over the limit of {limit:g} USD/h",)


def node_price(price: Price | None, *, spot: bool) -> float | None:
    """USD per hour of one node."""
    if price is None:
        return None
    return price.spot_usd_per_hour if spot else price.on_demand_usd_per_hour


def refused(
    instance: InstanceType,
    *reasons: str,
    nodes: int = 0,
    memory: Memory | None = None,
    usd_per_hour: float | None = None,
    mig_profile: str = "",
) -> Candidate:
    """A candidate that does not do, with the reasons."""
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=False,
        nodes=nodes,
        gpus_per_node=instance.gpus,
        mig_profile=mig_profile,
        gpu_memory_gib=memory or Memory(),
        usd_per_hour=usd_per_hour,
        reasons=reasons,
    )
