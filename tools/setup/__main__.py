"""Command line of the set-up: `python3 -m tools.setup up|test|existing|unit|lint|doctor`."""

import argparse
import fcntl
import json
import sys
import time

from tools.setup import doctor, plan
from tools.setup.display import Display, clock
from tools.setup.locations import LOCAL, cache
from tools.setup.tasks import SetupFailedError, remembered_durations, run_lanes


def main() -> int:
    """Run one command, and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tools.setup",
        description="Install everything that a goal needs; parts that are installed already are skipped.",
        epilog="example: python3 -m tools.setup up && .venv/bin/python -m tools.up",
    )
    parser.add_argument(
        "goal", choices=[*plan.GOALS, "doctor"], help="; ".join(f"{k}: {v}" for k, v in plan.GOALS.items())
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON on standard output")
    arguments = parser.parse_args()
    if arguments.goal == "doctor":
        return _doctor(as_json=arguments.json)
    return _bring_up(arguments.goal, as_json=arguments.json)


def _doctor(*, as_json: bool) -> int:
    findings = doctor.examine()
    print(json.dumps(doctor.format_json(findings), indent=2) if as_json else doctor.format_table(findings))
    return 0 if all(finding.ok for finding in findings) else 1


def _bring_up(goal: str, *, as_json: bool) -> int:
    LOCAL.mkdir(exist_ok=True)
    cache().mkdir(parents=True, exist_ok=True)
    log = LOCAL / "setup.log"
    began = time.monotonic()
    with (cache() / "setup.lock").open("w") as lock, remembered_durations() as durations:
        _wait_for(lock)
        lanes = plan.lanes(goal)
        try:
            seconds_by_task = run_lanes(lanes, log, Display(dict(durations)))
        except SetupFailedError as error:
            print(f"set-up failed\n{error}", file=sys.stderr)
            return 1
        # The longest run counts: a task with a cached result would lower the estimate of a real one.
        durations.update({name: max(seconds_by_task[name], durations.get(name, 0.0)) for name in seconds_by_task})
    seconds = time.monotonic() - began
    (LOCAL / "setup.json").write_text(
        json.dumps({"goal": goal, "seconds": seconds, "tasks": seconds_by_task}, indent=1)
    )
    if as_json:
        print(json.dumps({"goal": goal, "seconds": round(seconds, 1), "tasks": seconds_by_task}))
    elif seconds_by_task:
        print(f"  set-up for `{goal}` took {clock(seconds)}", file=sys.stderr)
    return 0


def _wait_for(lock: object) -> None:
    """Wait for another set-up of this user, with a message: two at once would compile everything twice."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        print("  another set-up of this user is running; waiting for it", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)  # type: ignore[arg-type]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted; run the same command again to continue", file=sys.stderr)
        sys.exit(130)
