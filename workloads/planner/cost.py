"""What hardware costs: per token, per run, idle, and when it starts from nothing."""

from modelyard.workloads.hardware.instance import InstanceType

HOURS_PER_MONTH = 730
"""8760 / 12, as clouds count."""

NODE_START_SECONDS = 300
"""From the autoscaler's decision to a ready GPU node with its driver. Our estimate; clouds publish none."""
IMAGE_GIB = 10
"""Compressed size of a serving image with CUDA and torch. Our estimate, from vllm/vllm-openai."""
DOWNLOAD_GIB_PER_S = 0.5
"""What one node gets from a model hub or object store, where its network allows it. Our estimate."""
LOAD_GIB_PER_S = 1.0
"""From disk to GPU. Our estimate: one NVMe disk reads 2 GiB/s, and tensors are copied twice."""

INTERRUPTIONS_PER_HOUR = 0.02
"""Of a spot node. Our assumption: AWS's Spot Advisor puts most GPU types above 20 % a month, often in bursts."""
REDONE_HOURS = 0.25
"""Lost per interruption: work since the last checkpoint, and the next node's start. Our estimate."""

_NOTICE = {"azure": "30 s", "aws": "120 s"}


def usd_per_million(usd_per_hour: float | None, tokens_per_second: float | None) -> float | None:
    """USD per million tokens at that rate, all hours used."""
    if usd_per_hour is None or not tokens_per_second:
        return None
    return usd_per_hour / (tokens_per_second * 3600) * 1e6


def cold_start_seconds(instance: InstanceType, download_gib: float, weights_gib: float) -> float:
    """Seconds from no node to the first answer: node, image, download, load (weights_gib is one node's share)."""
    rate = min(DOWNLOAD_GIB_PER_S, instance.network_gbit_per_s / 8 * 0.5 or DOWNLOAD_GIB_PER_S)
    return NODE_START_SECONDS + (IMAGE_GIB + download_gib) / rate + weights_gib / LOAD_GIB_PER_S


def run_hours(hours: float, nodes: int, *, spot: bool) -> float:
    """Hours of a run with what interruptions make it do again."""
    if not spot:
        return hours
    return hours * (1 + INTERRUPTIONS_PER_HOUR * nodes * REDONE_HOURS)


def spot_risk(cloud: str, nodes: int, *, spot: bool) -> str:
    """In words, how spot nodes end and how often that is to be expected."""
    if not spot:
        return "none"
    notice = _NOTICE.get(cloud, "no")
    each = 1 / (INTERRUPTIONS_PER_HOUR * nodes)
    return f"interrupted about every {each:.0f} h (assumed), {notice} notice"
