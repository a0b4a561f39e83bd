"""An instance type as something that can be had: as the formulas see it, at what price, and why not."""

from modelyard.workloads.hardware.gpu import Gpu
from modelyard.workloads.hardware.instance import InstanceType, Price
from modelyard.workloads.planner.candidate import Candidate
from modelyard.workloads.planner.memory import Memory
from modelyard.workloads.planner.request import Request
from modelyard.workloads.planner.roofline import Machine


def machine(instance: InstanceType, gpu: Gpu, peak_tflops: float) -> Machine:
    """An instance type as the formulas see it; a share of a GPU has that share of everything."""
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


def unavailable(request: Request, instance: InstanceType, price: Price | None) -> str | None:
    """Why the instance type cannot be had as asked, or None where it can."""
    region = request.region
    if region and not instance.sold_in(region):
        return f"not sold in {region}, only in {', '.join(instance.regions)}"
    if price is not None:
        return None
    kind = "spot price" if request.spot else "price"
    if region and instance.cloud != "any":
        priced = ", ".join(entry.region for entry in instance.prices)
        return f"no {kind} in region {region}" + (f" (prices are known of {priced})" if priced else "")
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
) -> Candidate:
    """A candidate that does not do, with the reasons."""
    return Candidate(
        sku=instance.name,
        cloud=instance.cloud,
        gpu=instance.gpu,
        fits=False,
        nodes=nodes,
        gpus_per_node=instance.gpus,
        gpu_memory_gib=memory or Memory(),
        usd_per_hour=usd_per_hour,
        reasons=reasons,
    )
