"""Price of a token on small GPUs and on an A100, at each load: the table in docs/planner.md.

python -m tools.documentation.planner_comparison
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from modelyard.workloads.planner.model import Model
from modelyard.workloads.planner.plan import plan
from modelyard.workloads.planner.request import Request
from modelyard.workloads.presets.preset import load

MACHINES = ("Standard_NC4as_T4_v3", "g5.xlarge", "Standard_NV36ads_A10_v5", "Standard_NC24ads_A100_v4")
"""A T4, an A10G, an A10 and an A100 of 80 GB, one each."""

CASES = (("gpt2", "none"), ("qwen2.5-3b-instruct", "none"), ("llama-3.1-8b", "none"), ("llama-3.1-8b", "awq-int4"))
"""Presets and quantisations: models that a T4 holds, and one that it holds only in 4 bit."""


@dataclass(frozen=True, slots=True)
class Load:
    """Speed and price of one model on one machine under one load; None where it does not fit."""

    model: str
    sku: str
    load: str
    tokens_per_second: float | None
    usd_per_hour: float | None
    usd_per_million_tokens: float | None


def compare(context_tokens: int = 1024, small_batch: int = 4) -> Iterator[Load]:
    """Compare each case on each machine: a few sequences at once (serving), and as many as fit (offline batch)."""
    for preset, quantisation in CASES:
        model = Model.from_preset(load(preset), quantisation="awq-int4" if quantisation == "awq-int4" else None)
        for sku in MACHINES:
            for task, concurrency in (("serve", small_batch), ("batch", None)):
                request = Request.model_validate(
                    {
                        "model": model,
                        "task": task,
                        "sku": sku,
                        "context_tokens": context_tokens,
                        "concurrency": concurrency,
                        "max_nodes": 1,
                    }
                )
                candidate = plan(request).candidates[0]
                name = preset if quantisation == "none" else f"{preset} {quantisation}"
                yield Load(
                    name,
                    sku,
                    f"{task}, {candidate.concurrency} sequences" if candidate.fits else task,
                    candidate.tokens_per_second,
                    candidate.usd_per_hour,
                    candidate.usd_per_million_tokens,
                )


def render_table() -> str:
    """Render the comparison in Markdown."""
    lines = ["| model | machine | load | tokens/s | USD/h | USD per million tokens |", "|---|---|---|---|---|---|"]
    for row in compare():
        if row.tokens_per_second is None or row.usd_per_million_tokens is None:
            lines.append(f"| {row.model} | {row.sku} | {row.load} | does not fit | | |")
        else:
            lines.append(
                f"| {row.model} | {row.sku} | {row.load} | {row.tokens_per_second:,.0f} | "
                f"{row.usd_per_hour:.2f} | {row.usd_per_million_tokens:.3f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(render_table() + "\n")
