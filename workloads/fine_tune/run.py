"""One run from configuration to marker: the only place that decides how a run ends."""

import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from modelyard.workloads.failure import EXIT_INTERNAL, EXIT_SUCCEEDED, InternalError, UserError
from modelyard.workloads.fine_tune import config as configs
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.results import Results

log = logging.getLogger(__name__)

EXIT_STOPPED = 143
"""128 + SIGTERM: asked to end, state saved; the next start goes on."""


def run(file: Path, *, local: bool) -> int:
    """Runs the fine-tune that `file` configures; returns the exit code, after the marker is written."""
    try:
        config = configs.read(file)
    except UserError as wrong:
        return _refuse(wrong)
    results = Results(config.results_folder)
    try:
        return _run_local(config, results) if local else _run_on_ray(config, results)
    except (UserError, InternalError) as wrong:
        results.failed(wrong.kind, str(wrong))
        return _refuse(wrong)
    except Exception as wrong:
        log.exception("the run failed")
        reason = f"{type(wrong).__name__}: {wrong}"
        results.failed("internal", reason)
        sys.stderr.write(f"error: {reason}\n")
        return EXIT_INTERNAL


def _refuse(wrong: UserError | InternalError) -> int:
    sys.stderr.write(f"error: {wrong}\n")
    return wrong.exit_code


def _run_on_ray(config: FineTuneConfig, results: Results) -> int:
    if results.open(config):
        return _already_there(results)
    results.progress("preparing", 0, 0)
    _prepare(config, results)
    from modelyard.workloads.fine_tune import ray_train  # noqa: PLC0415 - Ray only where it is used

    _end(results, ray_train.fit(config))
    return EXIT_SUCCEEDED


def _run_local(config: FineTuneConfig, results: Results) -> int:
    """In this process, or in those that torchrun has started."""
    from modelyard.workloads.fine_tune.loop import Stopped  # noqa: PLC0415 - imports torch
    from modelyard.workloads.fine_tune.place import from_environment  # noqa: PLC0415 - imports torch
    from modelyard.workloads.fine_tune.work import work  # noqa: PLC0415 - imports torch

    stopping = _stop_on_sigterm()
    with from_environment(config.use_gpu) as place:
        if place.world != config.workers:
            raise UserError(
                f"workers is {config.workers}, but {place.world} process(es) run; with --local, start as many with "
                f"torchrun: torchrun --nproc-per-node {config.workers} -m modelyard.workloads.fine_tune --local …"
            )
        trouble: Exception | None = None
        complete = False
        if place.leads:
            try:
                complete = results.open(config)
                if not complete:
                    results.progress("preparing", 0, 0)
                    _prepare(config, results)
            except (UserError, InternalError) as wrong:
                trouble = wrong
        trouble, complete = place.from_leader((trouble, complete))
        if trouble is not None:
            raise trouble
        if complete:
            return _already_there(results)
        try:
            metrics = work(config, place, stopping=stopping)
        except Stopped as stopped:
            log.warning("%s", stopped)
            return EXIT_STOPPED
        if place.leads:
            _end(results, metrics)
    return EXIT_SUCCEEDED


def _prepare(config: FineTuneConfig, results: Results) -> None:
    from modelyard.workloads.fine_tune.prepare import prepare  # noqa: PLC0415 - imports transformers

    prepare(config, results)


def _already_there(results: Results) -> int:
    log.info("this run is complete: %s", results.model)
    return EXIT_SUCCEEDED


def _end(results: Results, metrics: dict[str, Any]) -> None:
    results.succeeded(metrics)
    log.info(
        "perplexity %.2f before, %.2f after; the model is in %s",
        metrics["perplexity_before"],
        metrics["perplexity_after"],
        results.model,
    )


def _stop_on_sigterm() -> Callable[[], bool]:
    """Kubernetes sends SIGTERM before it kills: enough time for one checkpoint."""
    asked = False

    def ask(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, ask)
    return lambda: asked
