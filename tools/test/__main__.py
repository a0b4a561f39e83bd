"""Run the suites, and print one line of counts at the end: `python -m tools.test [SUITE …]`."""

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from tools.setup.locations import CHECKOUT, LOCAL
from tools.test.suites import LANES, Suite

_PRINTING = threading.Lock()


def main() -> int:
    """Run the named suites, or all; return 0 if every suite passed."""
    names = [suite.name for lane in LANES for suite in lane]
    parser = argparse.ArgumentParser(
        prog="python -m tools.test", description=__doc__, epilog="example: python -m tools.test unit policies"
    )
    parser.add_argument("suite", nargs="*", metavar="SUITE", help=f"one of {', '.join(names)}; all when none is named")
    selection = parser.parse_args().suite or names
    if unknown := sorted(set(selection) - set(names)):
        parser.error(f"unknown suite {', '.join(unknown)}; known: {', '.join(names)}")
    folder = LOCAL / "test"
    folder.mkdir(parents=True, exist_ok=True)
    codes: dict[str, int] = {}
    lanes = [[suite for suite in lane if suite.name in selection] for lane in LANES]
    threads = [threading.Thread(target=_run_lane, args=(lane, folder, codes)) for lane in lanes if lane]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed_suites = [name for name, code in codes.items() if code != 0]
    passed, failed, skipped = _count_results([suite for lane in lanes for suite in lane], folder)
    if failed_suites:
        print(f"failed suites: {', '.join(failed_suites)}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed_suites or failed else 0


def _run_lane(suites: Sequence[Suite], folder: Path, codes: dict[str, int]) -> None:
    for suite in suites:
        began = time.monotonic()
        command = [*(("nice", "-n", "19") if suite.yields else ()), *suite.command]
        suite.junit(folder).unlink(missing_ok=True)
        command.append(f"--junit-xml={suite.junit(folder)}")
        print(f"== {suite.name} …", flush=True)
        log = folder / f"{suite.name}.log"
        with log.open("wb") as out:
            code = subprocess.run(
                command, cwd=CHECKOUT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
            ).returncode
        codes[suite.name] = code
        output = log.read_text(errors="replace").rstrip()
        # The closing line of a suite that passes, the whole output of one that fails.
        summary = output if code else output.rpartition("\n")[2] or "clean"
        with _PRINTING:
            print(f"== {suite.name}: {summary} [{time.monotonic() - began:.0f} s]", flush=True)


def _count_results(suites: Sequence[Suite], folder: Path) -> tuple[int, int, int]:
    """Count passed, failed and skipped tests over the result files of all suites."""
    passed = failed = skipped = 0
    for suite in suites:
        if not suite.junit(folder).exists():
            continue
        for result in ElementTree.parse(suite.junit(folder)).iter("testsuite"):  # noqa: S314 - written by our own run
            broken = int(result.get("failures", 0)) + int(result.get("errors", 0))
            omitted = int(result.get("skipped", 0))
            failed, skipped = failed + broken, skipped + omitted
            passed += int(result.get("tests", 0)) - broken - omitted
    return passed, failed, skipped


if __name__ == "__main__":
    sys.exit(main())
