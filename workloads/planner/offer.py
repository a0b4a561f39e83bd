"""Instance types on offer: their figures for the formulas, their price, and the reasons why one cannot be had."""

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
"""Most regions that a reason names; a size may have prices of thirty."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a request that decide which machines can be had, and at what price."""

    cloud: Cloud
    region: str | None
    max_usd_per_hour: float | None
    spot: bool


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An instance type at its price on some terms, whatever the model."""

    instance: InstanceType
    gpu: Gpu
    price: Price | None
    usd_per_hour: float | None
    """Price of one node."""
    refusal: str | None
    """Reason why it cannot be had, or None."""
    network: tuple[str, float, float]
    """Fabric and rates between nodes."""


OfferGroup = tuple[Offer, ...]
"""Instance types with as many GPUs of one kind: to a model that needs one node they differ in price alone."""


def list_offers(request: Request) -> tuple[OfferGroup, ...]:
    """List the instance types of the request's cloud, or its one sku, in groups with equal GPUs.

    Raises:
        UnknownInstanceTypeError: the request names a sku that the catalogue does not have.
    """
    terms = Terms(request.cloud, request.region, request.max_usd_per_hour, request.spot)
    if request.sku:
        return ((_offer(terms, catalogue.find_instance_type(request.sku), request.prices),),)
    if not request.prices.overrides:
        return _catalogue_offers(terms)
    return _group_offers(terms, request.prices)


@lru_cache(maxsize=8)
def _catalogue_offers(terms: Terms) -> tuple[OfferGroup, ...]:
    """Group the offers at the catalogue's own prices, which never change: many plans are on the same terms."""
    return _group_offers(terms, CATALOGUE_PRICES)


def _group_offers(terms: Terms, prices: PriceList) -> tuple[OfferGroup, ...]:
    groups: dict[tuple[str, int, float], list[Offer]] = {}
    for instance in catalogue.list_instance_types(terms.cloud):
        key = (instance.gpu, instance.gpus, instance.gpu_share)
        groups.setdefault(key, []).append(_offer(terms, instance, prices))
    return tuple(map(tuple, groups.values()))


def _offer(terms: Terms, instance: InstanceType, prices: PriceList) -> Offer:
    price = prices.entry(instance, region=terms.region, spot=terms.spot)
    return Offer(
        instance=instance,
        gpu=catalogue.find_gpu(instance.gpu),
        price=price,
        usd_per_hour=price.usd_per_hour(spot=terms.spot) if price else None,
        refusal=explain_unavailable(terms, instance, price),
        network=(instance.fabric, instance.fabric_gbit_per_s, instance.network_gbit_per_s),
    )


@lru_cache(maxsize=1024)
def describe_machine(offer: Offer, peak_tflops: float) -> Machine:
    """Return an instance type's figures for the formulas; a share of a GPU has that share of everything."""
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


def explain_unavailable(request: Request | Terms, instance: InstanceType, price: Price | None) -> str | None:
    """Return the reason why the instance type cannot be had on these terms, or None."""
    region = request.region
    if region and not instance.sold_in(region):
        return f"not sold in {region}, only in {', '.join(instance.regions)}"
    if price is not None:
        return None
    kind = "spot price" if request.spot else "price"
    if region and instance.cloud != "any":
        regions = [known.region for known in instance.prices if known.usd_per_hour(spot=request.spot) is not None]
        examples = ", ".join(regions[:_MOST_REGIONS]) + (" and more" if len(regions) > _MOST_REGIONS else "")
        return f"no {kind} in region {region}" + (f" ({kind}s are known of {examples})" if regions else "")
    if request.spot:
        return "no spot price known"
    if request.max_usd_per_hour is not None:
        return f"no price known, so the limit of {request.max_usd_per_hour:g} USD/h cannot be checked"
    return None


def check_price_limit(request: Request, usd_per_hour: float | None, nodes: int) -> tuple[str, ...]:
    """Return the reason against a candidate that costs more than the request allows, if it does."""
    limit = request.max_usd_per_hour
    if limit is None or usd_per_hour is None or usd_per_hour <= limit:
        return ()
    count = f" ({nodes} nodes)" if nodes > 1 else ""
    return (f"costs {usd_per_hour:.2f} USD/h{count}, over the limit of {limit:g} USD/h",)


def refuse_instance(
    instance: InstanceType,
    *reasons: str,
    nodes: int = 0,
    memory: Memory | None = None,
    usd_per_hour: float | None = None,
    mig_profile: str = "",
) -> Candidate:
    """Build a candidate that is refused for these reasons."""
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
