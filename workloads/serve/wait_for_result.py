"""Init container of a server, which waits for the result of a fine-tune.

    python -m modelyard.workloads.serve.wait_for_result --result /mnt/wikitext/results

A fine-tune ends by writing one marker, SUCCEEDED or FAILED, into its results folder. This command looks for it every
few seconds. It ends with 0 once the run succeeded and its model is there, with 2 and the reason once it failed, and
with 3 when the time is up. A failure that is not the user's is given some time, in which the job may be tried again:
the next try takes the marker away. Only the standard library is used: it starts at once and needs little memory.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

EXIT_READY = 0
EXIT_FAILED = 2
EXIT_TIME_UP = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m modelyard.workloads.serve.wait_for_result",
        description="Waits for a fine-tune's result. Exit codes: 0 it is there, 2 the run failed, 3 time is up.",
        epilog="example: %(prog)s --result /mnt/wikitext/results --timeout 7200",
    )
    parser.add_argument("--result", type=Path, required=True, metavar="FOLDER", help="results folder of the fine-tune")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="give up after so long (default: never)")
    parser.add_argument(
        "--patience",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="how long an internal failure may wait for the job's next try (default 300)",
    )
    parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="time between looks (default 2)")
    options = parser.parse_args(arguments)
    try:
        return wait(options.result, timeout=options.timeout, patience=options.patience, every=options.every)
    except KeyboardInterrupt:
        return 130


def wait(result: Path, *, timeout: float | None, patience: float, every: float) -> int:
    """Look for the marker until it is there or `timeout` seconds have passed; return the exit code."""
    end = None if timeout is None else time.monotonic() + timeout
    failed_since: float | None = None
    last_line = ""
    while True:
        failure = _read(result / "FAILED")
        if failure is not None:
            failed_since = failed_since or time.monotonic()
            kind, reason = failure.get("kind", "internal"), failure.get("reason", "no reason given")
            line = f"the fine-tune in {result} failed ({kind}): {reason}"
            if kind == "user" or time.monotonic() - failed_since >= patience:
                _print_line(line)
                return EXIT_FAILED
            line += "; waiting for the next try"
        elif _read(result / "SUCCEEDED") is not None and (result / "model" / "config.json").is_file():
            _print_line(f"the result is in {result}")
            return EXIT_READY
        else:
            failed_since = None
            line = _describe_progress(result)
        if end is not None and time.monotonic() >= end:
            _print_line(f"no result in {result} after {timeout:g} s")
            return EXIT_TIME_UP
        if line != last_line:
            _print_line(line)
            last_line = line
        time.sleep(every)


def _describe_progress(result: Path) -> str:
    progress = _read(result / "progress.json")
    if not progress:
        return f"waiting for {result}: not started"
    return f"waiting for {result}: {progress.get('stage')}, step {progress.get('step')} of {progress.get('steps')}"


def _read(file: Path) -> dict[str, Any] | None:
    """Read the file's object; an empty one if it is not readable as JSON, None if there is no file."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
