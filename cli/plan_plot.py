"""A plan as a picture: throughput against cost, one point per candidate that fits."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelyard.cli.complaints import BadRequestError

_FORMATS = (".png", ".svg", ".pdf")
_NAMED = 8
"""Points that bear their name; more would hide each other."""


def check_plot(file: Path) -> None:
    """Refuse a picture that cannot be drawn, before anything is computed.

    Raises:
        BadRequestError: matplotlib is missing, the format is not known, or the folder is not there.
    """
    if find_spec("matplotlib") is None:
        raise BadRequestError("--plot needs matplotlib, which modelyard does not install: pip install matplotlib")
    if file.suffix.lower() not in _FORMATS:
        raise BadRequestError(f"--plot writes {', '.join(_FORMATS)}; {file.name!r} is none of them")
    if not file.parent.is_dir():
        raise BadRequestError(f"--plot: there is no folder {file.parent}")


def draw(plan: dict[str, Any], file: Path) -> None:
    """Write the picture of a plan, given in the form of its JSON.

    Raises:
        BadRequestError: no candidate that fits has a price and a speed.
    """
    points = [
        candidate
        for candidate in plan["candidates"]
        if candidate["fits"] and candidate["usd_per_hour"] and candidate["tokens_per_second"]
    ]
    if not points:
        raise BadRequestError("--plot: nothing to draw, since no candidate that fits has a price and a speed")
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only a picture should cost

    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for cloud in sorted({point["cloud"] for point in points}):
        own = [point for point in points if point["cloud"] == cloud]
        axes.scatter(
            [point["usd_per_hour"] for point in own], [point["tokens_per_second"] for point in own], label=cloud
        )
    for point in points[:_NAMED]:
        axes.annotate(
            point["sku"],
            (point["usd_per_hour"], point["tokens_per_second"]),
            xytext=(5, 3),
            textcoords="offset points",
            fontsize=7,
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="USD per hour",
        ylabel="tokens per second",
        title=f"{plan['model']['name']}, {plan['task']}, {plan['context_tokens']:,} tokens of context",
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
