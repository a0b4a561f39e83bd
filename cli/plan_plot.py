"""A plan as a picture: throughput against cost, one point per candidate that fits.

A line joins the candidates for which no other is as fast for less money. These are labelled, as far as the labels do
not overlap.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelyard.cli.errors import BadRequestError

_FORMATS = (".png", ".svg", ".pdf")
_LABEL_POSITIONS = (((-6, 5), "right"), ((6, -9), "left"), ((6, 5), "left"), ((-6, -9), "right"))
"""Positions of a label beside its point, in points of print, with its alignment, in order of preference."""


def check_plot(file: Path) -> None:
    """Refuse a picture that cannot be drawn, before anything is computed.

    Raises:
        BadRequestError: matplotlib is missing, the format is unknown, or the folder does not exist.
    """
    if find_spec("matplotlib") is None:
        raise BadRequestError("--plot: matplotlib is not installed; run `pip install matplotlib`")
    if file.suffix.lower() not in _FORMATS:
        raise BadRequestError(f"--plot = {file.name!r}: must end with {', '.join(_FORMATS)}")
    if not file.parent.is_dir():
        raise BadRequestError(f"--plot: no folder {file.parent}; make it first")


def draw_plan(plan: dict[str, Any], file: Path) -> None:
    """Draw a plan, given in its JSON form, into a file.

    Raises:
        BadRequestError: no candidate that fits has a price and a speed, or the file cannot be written.
    """
    if plan["estimator"] == "kaito":
        raise BadRequestError("--plot: not allowed with --estimator kaito, which estimates no speed; leave it out")
    points = [
        candidate
        for candidate in plan["candidates"]
        if candidate["fits"] and candidate["usd_per_hour"] and candidate["tokens_per_second"]
    ]
    if not points:
        raise BadRequestError("--plot: no candidate that fits has a price and a speed")
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    for cloud in sorted({point["cloud"] for point in points}):
        members = [point for point in points if point["cloud"] == cloud]
        axes.scatter(*_coordinates(members), label=cloud, zorder=3)
    best = find_frontier(points)
    axes.plot(*_coordinates(best), color="grey", linewidth=1, zorder=2, label="nothing is faster for less")
    axes.set(xscale="log", yscale="log", xlabel="USD per hour", ylabel="tokens per second", title=_title(plan))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.margins(0.12)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(loc="lower right")
    _label_points(figure, axes, best)
    try:
        figure.savefig(file, dpi=120)
    except OSError as error:
        raise BadRequestError(f"--plot: {file} cannot be written: {error.strerror}") from error
    finally:
        pyplot.close(figure)


def find_frontier(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the points without a cheaper one as fast within one percent, from the cheapest to the fastest."""
    frontier: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda point: (point["usd_per_hour"], -point["tokens_per_second"])):
        if not frontier or point["tokens_per_second"] > 1.01 * frontier[-1]["tokens_per_second"]:
            frontier.append(point)
    return frontier


def _coordinates(points: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    return [point["usd_per_hour"] for point in points], [point["tokens_per_second"] for point in points]


def _title(plan: dict[str, Any]) -> str:
    settings = plan.get("fine_tune")
    length = (
        f"sequences of {settings['sequence_tokens']:,}" if settings else f"{plan['context_tokens']:,} tokens of context"
    )
    return f"{plan['model']['name']}, {plan['task']}, {length}{', spot' if plan['spot'] else ''}"


def _label_points(figure: Any, axes: Any, points: list[dict[str, Any]]) -> None:
    """Label the points, each at the first free position; a label without one is left out."""
    figure.canvas.draw()
    boxes: list[Any] = []
    for point in points:
        for offset, side in _LABEL_POSITIONS:
            label = axes.annotate(
                point["sku"],
                (point["usd_per_hour"], point["tokens_per_second"]),
                xytext=offset,
                textcoords="offset points",
                fontsize=7,
                horizontalalignment=side,
                zorder=4,
            )
            box = label.get_window_extent()
            inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1
            if inside and not any(box.overlaps(other) for other in boxes):
                boxes.append(box)
                break
            label.remove()
