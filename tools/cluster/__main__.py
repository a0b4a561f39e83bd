"""Command line of the local cluster: `python -m tools.cluster up|down|status|logs`."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.cluster.errors import ClusterError
from tools.cluster.instance import Instance
from tools.cluster.stages import Event, Report, silent
from tools.cluster.state import FIRST_INSTANCE

EXAMPLE = """\
example:
  python -m tools.cluster up --gpus 2          a cluster called "local" whose node has two pretend GPUs
  python -m tools.cluster status
  python -m tools.cluster logs kubelet --lines 50
  python -m tools.cluster up --instance trial --kwok-nodes 32   a second cluster, with 256 simulated GPUs
  python -m tools.cluster down --instance trial

Kubernetes runs for real: etcd, API server, controller manager, scheduler, kubelet on containerd, kube-proxy, CoreDNS,
all in a network namespace without a way out. `up` again repairs; `down` leaves nothing.
The kubeconfig is $MODELYARD_STATE/<instance>/kubeconfig (default /var/lib/modelyard/local/kubeconfig).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 for an unhealthy cluster or a refusal (2 is a usage error)."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(Instance.from_name(options.instance), options)
    except ClusterError as error:
        if getattr(options, "json", False):
            print(json.dumps({"error": str(error)}))
        else:
            print(f"tools.cluster: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"tools.cluster: {error.filename} is readable by root only: run it with sudo", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tools.cluster: interrupted; `up` again continues where it stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.cluster",
        description="A real single-machine Kubernetes for the local environment and the tests.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--instance", default=FIRST_INSTANCE, metavar="NAME", help="which cluster (default: local)")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    up = commands.add_parser("up", parents=[common, as_json], help="start the cluster, or repair it")
    up.add_argument("--gpus", type=_count, metavar="N", help="pretend GPUs of the node (default: as before, else 1)")
    up.add_argument(
        "--kwok-nodes", type=_count, metavar="N", help="simulated nodes of 8 GPUs (default: as before, else 0)"
    )
    up.set_defaults(run=_up)

    down = commands.add_parser("down", parents=[common, as_json], help="remove the cluster from the machine")
    down.add_argument("--keep-data", action="store_true", help="keep the state folder for a later up")
    down.set_defaults(run=_down)

    status = commands.add_parser("status", parents=[common, as_json], help="tell how every component is")
    status.set_defaults(run=_status)

    logs = commands.add_parser("logs", parents=[common], help="print a component's log")
    logs.add_argument("component", metavar="NAME", help="containerd, etcd, apiserver, kubelet, …")
    logs.add_argument(
        "--lines", type=_count, default=100, metavar="N", help="how many of the last lines (default: 100)"
    )
    logs.set_defaults(run=_logs)
    return parser


def _count(text: str) -> int:
    value = int(text) if text.isdigit() else -1
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 1000")
    return value


def _up(instance: Instance, options: argparse.Namespace) -> int:
    with _progress(quiet=options.json) as report:
        outcome = instance.up(options.gpus, options.kwok_nodes, report=report)
    facts = {
        "instance": instance.name,
        "number": instance.number,
        "node": instance.name,
        "api": instance.api_url,
        "kubeconfig": str(instance.kubeconfig),
        "started": outcome.started,
        "seconds": outcome.seconds | {"total": round(sum(outcome.seconds.values()), 2)},
    }
    if options.json:
        print(json.dumps(facts))
        return 0
    started = ", ".join(outcome.started) or "nothing, every component was running"
    print(f"cluster {instance.name} is ready in {facts['seconds']['total']:.1f} s; started: {started}")
    print(f"next: kubectl --kubeconfig {instance.kubeconfig} get nodes")
    return 0


def _down(instance: Instance, options: argparse.Namespace) -> int:
    with _progress(quiet=options.json) as report:
        instance.down(keep_data=options.keep_data, report=report)
    if options.json:
        print(json.dumps({"instance": instance.name, "kept": options.keep_data}))
    else:
        print(f"cluster {instance.name} is gone" + (f"; its data is in {instance.state}" if options.keep_data else ""))
    return 0


def _status(instance: Instance, options: argparse.Namespace) -> int:
    states = instance.status()
    if options.json:
        rows = [dataclasses.asdict(state) for state in states]
        print(json.dumps({"instance": instance.name, "number": instance.number, "components": rows}))
    else:
        table = Table(title=f"cluster {instance.name}")
        for heading in ("component", "state", "pid", "detail"):
            table.add_column(heading)
        for state in states:
            table.add_row(state.name, state.state, str(state.pid or ""), state.detail)
        Console().print(table)
    return 0 if all(state.state == "running" for state in states) else 1


def _logs(instance: Instance, options: argparse.Namespace) -> int:
    path = instance.log_path(options.component)
    if not path.exists():
        raise ClusterError(f"{options.component} of instance {instance.name!r} has no log yet: {path}")
    for line in _tail(path, options.lines):
        print(line)
    return 0


def _tail(path: Path, lines: int) -> list[str]:
    return path.read_text(errors="replace").splitlines()[-lines:] if lines else []


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Report]:
    """Yield a report of the stages: a spinner on a terminal, a line per finished stage elsewhere, silence if quiet."""
    console = Console(highlight=False)
    if quiet or not console.is_terminal:
        yield silent if quiet else _plain
        return
    spinner = console.status("")

    def show(event: Event) -> None:
        if event.seconds is None:
            spinner.update(f"{event.stage} …")
            spinner.start()
            return
        spinner.stop()
        console.print(f"[green]✓[/green] {event.stage} [dim]{event.seconds:.1f} s[/dim]")

    try:
        yield show
    finally:
        spinner.stop()  # a refusal must not be written into a turning line


def _plain(event: Event) -> None:
    if event.seconds is not None:
        print(f"{event.stage}: {event.seconds:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
