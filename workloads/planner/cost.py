"""Prices of hardware: per token, per run, idle, and at a cold start."""

from modelyard.workloads.hardware.instance import InstanceType

HOURS_PER_MONTH = 730
"""Hours of a year over 12, as clouds count a month."""

NODE_START_SECONDS = 300
"""Time from the autoscaler's decision to a ready GPU node with its driver. Our estimate; clouds publish none."""
IMAGE_GIB = 10
"""Compressed size of a serving image with CUDA and torch. Our estimate, from vllm/vllm-openai."""
DOWNLOAD_GIB_PER_S = 0.5
"""Rate of one node's download from a model hub or object store, if its network allows it. Our estimate."""
LOAD_GIB_PER_S = 1.0
"""Rate from disk to GPU. Our estimate: one NVMe disk reads 2 GiB/s, and tensors are copied twice."""

INTERRUPTIONS_PER_HOUR = 0.02
"""Interruptions of one spot node. Our assumption: AWS's Spot Advisor puts most GPU types above 20 % a month, often in
bursts."""
REDONE_HOURS = 0.25
"""Hours lost per interruption: work since the last checkpoint, and the next node's start. Our estimate."""

_NOTICE = {"azure": "30 s", "aws": "120 s"}


def usd_per_million(usd_per_hour: float | None, tokens_per_second: float | None) -> float | None:
    """Return USD per million tokens at that rate, all hours used; None without a price or a rate."""
    if usd_per_hour is None or not tokens_per_second:
        return None
    return usd_per_hour / (tokens_per_second * 3600) * 1e6


def cold_start_seconds(instance: InstanceType, download_gib: float, weights_gib: float) -> float:
    """Return the seconds from no node to the first answer: node, image, download, load of a node's `weights_gib`."""
    rate = min(DOWNLOAD_GIB_PER_S, instance.network_gbit_per_s / 8 * 0.5 or DOWNLOAD_GIB_PER_S)
    return NODE_START_SECONDS + (IMAGE_GIB + download_gib) / rate + weights_gib / LOAD_GIB_PER_S


def run_hours(hours: float, nodes: int, *, spot: bool) -> float:
    """Return the hours of a run with the work that interruptions of spot nodes repeat."""
    if not spot:
        return hours
    return hours * (1 + INTERRUPTIONS_PER_HOUR * nodes * REDONE_HOURS)


def describe_spot_risk(cloud: str, nodes: int, *, spot: bool) -> str:
    """Describe the interruptions to expect of spot nodes, and their notice."""
    if not spot:
        return "none"
    notice = _NOTICE.get(cloud, "no")
    hours = 1 / (INTERRUPTIONS_PER_HOUR * nodes)
    return f"interrupted about every {hours:.0f} h (assumed), {notice} notice"
