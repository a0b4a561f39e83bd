"""Draws what fine_tune_gpu.py measured: `python benchmarks/fine_tune_gpu_plot.py [FILE.json]`. Needs no torch."""

import json
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS / "fine_tune_gpu.json"
    plot(json.loads(file.read_text()), file.with_suffix(".png"))
    return 0


def plot(report: dict[str, Any], file: Path) -> None:
    """Bars of tokens per second, with MFU and memory beside them."""
    import matplotlib as mpl  # noqa: PLC0415 - a GPU machine may lack it, and needs it only here

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of backend

    rows = [row for row in report["rows"] if "error" not in row][::-1]
    figure, axes = plt.subplots(figsize=(10, 0.45 * len(rows) + 1.6), constrained_layout=True)
    colours = {"ours": "#2a6f97", "peer": "#b08968"}
    speeds = [row["tokens_per_second"] for row in rows]
    axes.barh([row["name"] for row in rows], speeds, color=[colours[row["kind"]] for row in rows])
    for position, row in enumerate(rows):
        beside = [f"{row['tokens_per_second']:,.0f}"]
        if row.get("mfu"):
            beside.append(f"MFU {row['mfu']:.0%}")
        if row.get("peak_memory_gib"):
            beside.append(f"{row['peak_memory_gib']:.1f} GiB")
        axes.text(row["tokens_per_second"], position, "  " + ", ".join(beside), va="center", fontsize=8)
    axes.margins(x=0.3)
    axes.set_xlabel("training tokens per second")
    size = report["setting"]
    title = f"{size['preset']}, sequences of {size['sequence_tokens']} tokens, {report['machine']['device']}"
    axes.set_title(title, fontsize=10)
    figure.savefig(file, dpi=130)


if __name__ == "__main__":
    sys.exit(main())
