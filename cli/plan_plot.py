"""A plan as a picture: throughput against cost, one point per candidate that fits.

A line joins those that nothing beats: no other is as fast for less money. They bear their names, as far as these do not
hide each other.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelyard.cli.complaints import BadRequestError

_FORMATS = (".png", ".svg", ".pdf")
_PLACES = (((-6, 5), "right"), ((6, -9), "left"), ((6, 5), "left"), ((-6, -9), "right"))
"""Where a name may stand beside its point, in points of print, and how it is aligned; the first that is free."""


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
        BadRequestError: no candidate that fits has a price and a speed, or the file cannot be written.
    """
    if plan["estimator"] == "kaito":
        raise BadRequestError("--plot: kaito estimates no speed, so there is nothing to draw; leave --estimator away")
    points = [
        candidate
        for candidate in plan["candidates"]
        if candidate["fits"] and candidate["usd_per_hour"] and candidate["tokens_per_second"]
    ]
    if not points:
        raise BadRequestError("--plot: nothing to draw, since no candidate that fits has a price and a speed")
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only a picture should cost

    mpl.use("Agg")
    from matplotlib import pyplot, ticker  # noqa: PLC0415

    figure, axes = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    for cloud in sorted({point["cloud"] for point in points}):
        own = [point for point in points if point["cloud"] == cloud]
        axes.scatter(*_places(own), label=cloud, zorder=3)
    best = unbeaten(points)
    axes.plot(*_places(best), color="grey", linewidth=1, zorder=2, label="nothing is faster for less")
    axes.set(xscale="log", yscale="log", xlabel="USD per hour", ylabel="tokens per second", title=_title(plan))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.margins(0.12)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(loc="lower right")
    _name(figure, axes, best)
    try:
        figure.savefig(file, dpi=120)
    except OSError as wrong:
        raise BadRequestError(f"--plot: {file} cannot be written: {wrong.strerror}") from wrong
    finally:
        pyplot.close(figure)


def unbeaten(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those than which nothing as cheap is as fast, from the cheapest to the fastest; one percent does not count."""
    found: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda point: (point["usd_per_hour"], -point["tokens_per_second"])):
        if not found or point["tokens_per_second"] > 1.01 * found[-1]["tokens_per_second"]:
            found.append(point)
    return found


def _places(points: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    return [point["usd_per_hour"] for point in points], [point["tokens_per_second"] for point in points]


def _title(plan: dict[str, Any]) -> str:
    asked = plan.get("fine_tune")
    length = f"sequences of {asked['sequence_tokens']:,}" if asked else f"{plan['context_tokens']:,} tokens of context"
    return f"{plan['model']['name']}, {plan['task']}, {length}{', spot' if plan['spot'] else ''}"


def _name(figure: Any, axes: Any, points: list[dict[str, Any]]) -> None:
    """Write names beside points, each where it is free; a name that finds no place is left out."""
    figure.canvas.draw()
    taken: list[Any] = []
    for point in points:
        for offset, side in _PLACES:
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
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()
