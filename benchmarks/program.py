"""Processor time of a plan, by its parts: `python benchmarks/program.py`.

Previews a generated environment (one AKS cluster, 12 pools, 100 workspaces of 10 teams) through the real engine and the
simulated Azure, policies included, and splits the program's processor time: loading modules, own code, Pulumi's SDK.
Then brings `aks-prod` up, with a real Kubernetes API as its cluster, and times `up` without a change. Writes
`benchmarks/results/program.json` and `.png`.

The program is sampled every millisecond of processor time. A sample belongs to `import` if a module is being loaded,
else to the innermost frame that is modelyard's or an SDK's; what pydantic or yaml do for own code counts as own code.
"""

import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))  # run as a file: its own folder would be searched first

import yaml  # noqa: E402
from modelyard.stacks.environment.environment import KEY  # noqa: E402

from simulator.preview.plan import read_plan  # noqa: E402
from simulator.preview.project import SimulatedStack, prepare_stack  # noqa: E402
from tests.engine.clouds import in_cluster  # noqa: E402
from tests.engine.clouds.environment import Environment  # noqa: E402
from tools.up.stack import Event  # noqa: E402

RESULTS = CHECKOUT / "benchmarks" / "results"
REPEATS = 3
POOLS, TEAMS, WORKSPACES_PER_TEAM = 12, 10, 10
GOAL_OWN_SHARE = 0.10  # of the processor time of the program, which is stricter than of the time that a preview takes
GOAL_UP_SECONDS = 15.0  # for an `up` of aks-prod without a change

#: Runs the stacks' program with a sampler. Its findings are written when the interpreter ends, after the last request
#: to the engine was answered.
SAMPLED = """
import atexit, collections, json, os, resource, signal, sys, time

counts = collections.Counter()
OWN = tuple({checkout!r} + f"/{{part}}/" for part in ("components", "stacks", "workloads", "cli", "policies"))


def owner(frame):
    found = ""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return "import"
        if not found:
            if file.startswith(OWN):
                found = "own code"
            elif "/site-packages/pulumi" in file or "/site-packages/grpc" in file:
                found = "SDK"
        frame = frame.f_back
    return found or "the rest"


def sample(number, frame):
    counts[owner(frame)] += 1


def finish():
    signal.setitimer(signal.ITIMER_PROF, 0)
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {{
        "samples": counts,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }}
    with open({report!r}, "w") as stream:
        json.dump(found, stream)


signal.signal(signal.SIGPROF, sample)
signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
atexit.register(finish)
sys.path[0] = {stacks!r}
exec(compile(open({main!r}).read(), {main!r}, "exec"))
"""


def main() -> int:
    """Measure, write and print; return 0 when the goals are met."""
    previews = [preview() for _ in range(REPEATS)]
    typical = sorted(previews, key=lambda run: run["seconds"])[REPEATS // 2]
    ups, used = unchanged_ups()
    measured = {
        "at": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[1]:.1f} (5 minutes)",
        "preview": {"pools": POOLS, "workspaces": TEAMS * WORKSPACES_PER_TEAM, **typical},
        "up_without_change": {
            "environment": "aks-prod",
            "seconds": round(statistics.median(ups), 2),
            "processor_seconds": round(used, 2),
            "goal_seconds": GOAL_UP_SECONDS,
        },
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "program.json").write_text(json.dumps(measured, indent=2) + "\n")
    plot(measured, RESULTS / "program.png")
    print(json.dumps(measured, indent=2))
    return 0 if typical["own_share"] < GOAL_OWN_SHARE and statistics.median(ups) < GOAL_UP_SECONDS else 1


def preview() -> dict[str, Any]:
    """One preview of the generated environment: seconds, and the program's part by who spends it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Pulumi.large.yaml"
        file.write_text(yaml.safe_dump({"config": {KEY: large()}}))
        with prepare_stack(str(file)) as stack:
            report = sampled(stack)
            events: list[Event] = []
            began = time.monotonic()
            stack.preview(events.append)
            seconds = time.monotonic() - began
            program = json.loads(report.read_text())
    samples = program["samples"]
    each = program["processor_seconds"] / sum(samples.values())
    parts = {part: round(samples.get(part, 0) * each, 2) for part in ("import", "own code", "SDK", "the rest")}
    return {
        "resources": len(read_plan("large", events).steps),
        "seconds": round(seconds, 2),
        "program_processor_seconds": {"total": round(program["processor_seconds"], 2), **parts},
        "own_share": round(parts["own code"] / program["processor_seconds"], 3),
        "goal_own_share": GOAL_OWN_SHARE,
        "peak_mib": {
            "program": round(program["peak_mib"]),
            "largest process of all": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        },
    }


def sampled(stack: SimulatedStack) -> Path:
    """Put the sampler around the stack's program; returns the file that it will write."""
    folder = stack.workspace.folder
    report = folder / "samples.json"
    (folder / "program").mkdir()
    code = SAMPLED.format(
        checkout=str(CHECKOUT),
        report=str(report),
        stacks=str(CHECKOUT / "stacks"),
        main=str(CHECKOUT / "stacks" / "__main__.py"),
    )
    (folder / "program" / "__main__.py").write_text(code)
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    project["main"] = "program"
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    return report


def large() -> dict[str, Any]:
    """An environment of 12 pools and 100 workspaces, half of which train and half serve."""
    environment = yaml.safe_load((CHECKOUT / "Pulumi.aks-prod.yaml").read_text())["config"][KEY]
    environment["name"] = "large"
    environment["cluster"]["aks"] |= {"max_nodes": 200, "vcpu_quota": {}}
    environment["node_pools"] = [
        {"name": f"pool{number}", "instance_type": "Standard_NC24ads_A100_v4", "max_nodes": 10}
        for number in range(POOLS)
    ]
    environment["teams"] = [_team(number) for number in range(TEAMS)]
    return environment


def _team(number: int) -> dict[str, Any]:
    kinds = [
        {
            "kind": "fine-tune",
            "preset": "gpt2",
            "model": "hf://openai-community/gpt2",
            "train_data": "pvc://prose/data",
            "results": "pvc://prose/results",
            "worker": {"cpus": 4, "memory": "32GiB", "gpus": 1},
        },
        {
            "kind": "serve",
            "preset": "gpt2",
            "model": "hf://openai-community/gpt2",
            "replica": {"cpus": 4, "memory": "32GiB", "gpus": 1},
        },
    ]
    return {
        "name": f"team-{number}",
        "owner": "research",
        "cost_center": "research",
        "quota": {"cpus": 100, "memory": "1000GiB", "gpus": 8, "pool": f"pool{number}"},
        "volumes": [{"claim": "prose", "size": "500GiB"}],
        "workspaces": [{"name": f"work-{number}-{index}", **kinds[index % 2]} for index in range(WORKSPACES_PER_TEAM)],
    }


def unchanged_ups() -> tuple[list[float], float]:
    """Measure the seconds of each `up` of aks-prod without a change, and the processor time of one."""
    with tempfile.TemporaryDirectory() as folder, in_cluster.cluster() as server:
        stack = Environment(Path(folder), "aks-prod", server.kubeconfig)
        stack.go()
        before = _processor_seconds()
        runs = [stack.go() for _ in range(REPEATS)]
        used = (_processor_seconds() - before) / REPEATS
    for run in runs:
        assert run.changes == {}, run.text
    return [run.seconds for run in runs], used


def _processor_seconds() -> float:
    """Processor time of all ended child processes: engine, language host, program and providers."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def plot(measured: dict[str, Any], file: Path) -> None:
    """The time of a preview by who spends it, and of an `up` without a change."""
    mpl.use("Agg")

    plan, up = measured["preview"], measured["up_without_change"]
    parts = {name: value for name, value in plan["program_processor_seconds"].items() if name != "total"}
    parts["engine, plugins, policies, waiting"] = max(0.0, plan["seconds"] - sum(parts.values()))
    figure, axes = pyplot.subplots(figsize=(8, 3.6), layout="constrained")
    preview_row = f"preview, {plan['resources']} resources"
    left = 0.0
    for name, value in parts.items():
        axes.barh([preview_row], [value], left=left, label=f"{name} ({value:.1f} s)")
        left += value
    label = f"{up['seconds']:.1f} s, {up['processor_seconds']:.1f} s of a processor (goal {GOAL_UP_SECONDS:g} s)"
    bars = axes.barh(["up of aks-prod,\nno change"], [up["seconds"]], color="lightgray")
    axes.bar_label(bars, [label], padding=3)
    axes.set(xlabel="seconds", title=f"own code {plan['own_share']:.1%} of the program; {measured['machine']}")
    axes.title.set_fontsize("medium")
    axes.invert_yaxis()
    axes.margins(x=0.05)
    # Room for the text beside the shorter bar, however short the longer one is.
    axes.set_xlim(right=max(left, 2.2 * up["seconds"]) * 1.05)
    figure.legend(fontsize="small", loc="outside lower center", ncols=3)
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    raise SystemExit(main())
