"""Command line of the set-up: `python3 -m tools.setup up|test|existing|unit|doctor`."""

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
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tools.setup",
        description="Brings the machine to the point where a goal can run; does nothing twice.",
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
    print(json.dumps(doctor.as_json(findings), indent=2) if as_json else doctor.as_table(findings))
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
            took = run_lanes(lanes, log, Display(dict(durations)))
        except SetupFailedError as error:
            print(f"set-up failed.\n{error}", file=sys.stderr)
            return 1
        # Only a real run tells how long a task takes: a cached result would teach the estimate that compiling is free.
        durations.update({name: max(took[name], durations.get(name, 0.0)) for name in took})
    seconds = time.monotonic() - began
    (LOCAL / "setup.json").write_text(json.dumps({"goal": goal, "seconds": seconds, "tasks": took}, indent=1))
    if as_json:
        print(json.dumps({"goal": goal, "seconds": round(seconds, 1), "tasks": took}))
    elif took:
        print(f"  set-up for `{goal}` took {clock(seconds)}", file=sys.stderr)
    return 0


def _wait_for(lock: object) -> None:
    """Two set-ups at once would compile everything twice; the second waits, and says so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        print("  another set-up of this user is running; waiting for it", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)  # type: ignore[arg-type]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted; run the same command again and it goes on from here", file=sys.stderr)
        sys.exit(130)
