"""Speed of the planner, and its agreement with kaito's formula: `python benchmarks/planner.py`.

Three measures, written to `benchmarks/results/planner.json` and `.png`:

- every preset planned against every instance type for every task, in one process (goal: below 1 s in total);
- `modelyard plan` from the shell, as a process of its own, several times (goal: below 0.5 s);
- kaito 0.12's answers of tests/unit/workloads/planner/kaito/vectors.yaml (goal: all reproduced).
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import matplotlib as mpl
from matplotlib import pyplot

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))  # run as a file: its own folder would be searched first

import yaml  # noqa: E402
from modelyard.workloads.hardware import catalogue  # noqa: E402
from modelyard.workloads.planner.kaito.estimate import estimate  # noqa: E402
from modelyard.workloads.planner.kaito.skus import find_kaito_node, parse_file_bytes  # noqa: E402
from modelyard.workloads.planner.model import Model  # noqa: E402
from modelyard.workloads.planner.plan import plan  # noqa: E402
from modelyard.workloads.planner.request import Request, Task  # noqa: E402
from modelyard.workloads.presets import preset as presets  # noqa: E402

RESULTS = CHECKOUT / "benchmarks" / "results"
VECTORS = CHECKOUT / "tests" / "unit" / "workloads" / "planner" / "kaito" / "vectors.yaml"
REPEATS = 7
GOAL_ALL_SECONDS = 1.0
GOAL_SHELL_SECONDS = 0.5
COMMAND = ["plan", "--preset", "llama-3.1-8b-instruct"]


def main() -> int:
    by_task = planning_seconds()
    shell = [shell_seconds() for _ in range(REPEATS)]
    agreed, vectors = kaito_agreement()
    results = {
        "at": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[1]:.1f} (5 minutes)",
        "presets": len(presets.list_names()),
        "instance_types": len(catalogue.list_instance_types()),
        "plans": len(presets.list_names()) * len(by_task),
        "seconds_all_presets": {task: round(seconds, 3) for task, seconds in by_task.items()},
        "seconds_all_presets_all_tasks": round(sum(by_task.values()), 3),
        "goal_all_presets_all_tasks": GOAL_ALL_SECONDS,
        "shell_command": " ".join(["modelyard", *COMMAND]),
        "seconds_shell_median": round(statistics.median(shell), 3),
        "seconds_shell_worst": round(max(shell), 3),
        "goal_shell": GOAL_SHELL_SECONDS,
        "kaito_vectors": vectors,
        "kaito_vectors_reproduced": agreed,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "planner.json").write_text(json.dumps(results, indent=2) + "\n")
    plot(results, RESULTS / "planner.png")
    print(json.dumps(results, indent=2))
    return 0 if agreed == vectors else 1


def planning_seconds() -> dict[str, float]:
    """Seconds of processor time per task, for all presets; reading the files is not counted, computing is.

    Processor time, since others use this machine as well; the planner waits for nothing.
    """
    models = [Model.from_preset(presets.load(name)) for name in presets.list_names()]
    catalogue.list_instance_types()
    seconds = {}
    for task in get_args(Task):
        began = time.process_time()
        for model in models:
            plan(Request(model=model, task=task))
        seconds[task] = time.process_time() - began
    return seconds


def shell_seconds() -> float:
    """Seconds on the clock of one command, bytecode cached as in an installed package."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    command = [sys.executable, "-m", "modelyard.cli", *COMMAND]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return time.perf_counter() - began


def kaito_agreement() -> tuple[int, int]:
    """Count the published vectors with the same nodes and parallelism here, and all of them."""
    vectors = yaml.safe_load(VECTORS.read_text())
    agreed = total = 0
    for model in vectors["models"].values():
        for sku, answer in zip(vectors["skus"], model["answers"], strict=True):
            result = estimate(parse_file_bytes(model["gib"]), model["kv_bytes_per_token"], find_kaito_node(sku))
            split = (result.nodes, result.tensor_parallel, result.pipeline_parallel, result.data_parallel)
            total += 1
            agreed += "/".join(map(str, split)) == str(answer)
    return agreed, total


def plot(results: dict, file: Path) -> None:
    mpl.use("Agg")

    figure, (tasks, shell) = pyplot.subplots(2, 1, figsize=(8, 4.6), layout="constrained", height_ratios=(5, 1))
    presets, types = results["presets"], results["instance_types"]
    figure.suptitle(f"{presets} presets x {types} instance types; {results['machine']}", fontsize="medium")
    values = {**results["seconds_all_presets"], "all tasks": results["seconds_all_presets_all_tasks"]}
    goal, shell_goal = results["goal_all_presets_all_tasks"], results["goal_shell"]
    tasks.bar_label(tasks.barh(list(values), list(values.values())), fmt="%.2f s", padding=3)
    tasks.axvline(goal, linestyle="--", color="gray")
    tasks.set(xlabel=f"seconds of a processor (goal for all tasks: {goal:g})")
    bars = shell.barh(["one plan\nfrom the shell"], [results["seconds_shell_median"]])
    shell.bar_label(bars, fmt="%.2f s", padding=3)
    shell.axvline(shell_goal, linestyle="--", color="gray")
    shell.set(xlabel=f"seconds, {results['shell_command']} (goal: {shell_goal:g})")
    for axes in (tasks, shell):
        axes.invert_yaxis()
        axes.margins(x=0.15)
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    raise SystemExit(main())
