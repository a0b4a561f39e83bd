"""One run from configuration to marker: the only place that decides how a run ends."""

import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import yaml
from modelyard.workloads.failure import EXIT_INTERNAL, EXIT_SUCCEEDED, InternalError, UserError
from modelyard.workloads.fine_tune import config as configs
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.preprocess.text import glance

log = logging.getLogger(__name__)

EXIT_STOPPED = 143
"""Exit code 128 + SIGTERM: stopped on request with the state saved; the next start goes on."""


def run(file: Path, *, local: bool) -> int:
    """Run the fine-tune that `file` configures; return the exit code, after the marker is written."""
    results: Results | None = None
    try:
        config = configs.read(file)
        results = Results(config.results_folder)
        return _run_local(config, results) if local else _run_on_ray(config, results)
    except (UserError, InternalError) as error:
        kind, reason, code = error.kind, str(error), error.exit_code
    except Exception as error:
        log.exception("the run failed")
        kind, reason, code = "internal", f"{type(error).__name__}: {error}", EXIT_INTERNAL
    if results is None:
        results = _find_results(file)
    # Those who wait for the results must learn of it; another run's results are left as they are.
    if results is not None and (results.is_ours or results.claim_unused()):
        results.write_failure(kind, reason)
    sys.stderr.write(f"error: {reason}\n")
    return code


def _find_results(file: Path) -> Results | None:
    """Read the results folder of a configuration that has faults elsewhere; None if it has none."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))  # JSON is YAML too
        folder = parse(content["results"]).path
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        return None
    return Results(folder) if folder is not None else None


def _run_on_ray(config: FineTuneConfig, results: Results) -> int:
    # The driver has few resources: it only glances at the data, and the leading worker reads them.
    if results.open(config):
        return _report_complete(results)
    results.report_progress("starting", 0, 0)
    _check_data(config)
    from modelyard.workloads.fine_tune import ray_train  # noqa: PLC0415 - Ray only where it is used

    _finish(results, ray_train.fit(config))
    return EXIT_SUCCEEDED


def _run_local(config: FineTuneConfig, results: Results) -> int:
    """Train in this process, or in those that torchrun has started."""
    from modelyard.workloads.fine_tune import loop, work, worker  # noqa: PLC0415 - they import torch

    stopping = _stop_on_sigterm()
    with worker.join_workers(config.use_gpu) as process:
        if process.world != config.workers:
            raise UserError(
                f"workers is {config.workers}, but {process.world} process(es) run; without Ray, start them with "
                f"torchrun: torchrun --nproc-per-node {config.workers} -m modelyard.workloads.fine_tune --config FILE"
            )
        user_error: UserError | None = None
        complete = False
        if process.is_leader:
            try:
                complete = results.open(config)
                _check_data(config)
            except UserError as error:
                user_error = error
        user_error, complete = process.broadcast((user_error, complete))
        if complete:
            return _report_complete(results)
        if user_error is not None:
            raise user_error
        try:
            metrics = work.work(config, process, stopping=stopping)
        except loop.StopRequested as error:
            log.warning("%s", error)
            return EXIT_STOPPED
        if process.is_leader:
            _finish(results, metrics)
    return EXIT_SUCCEEDED


def _check_data(config: FineTuneConfig) -> None:
    glance(config.train_data, field="train_data")
    if config.validation_data is not None:
        glance(config.validation_data, field="validation_data")


def _report_complete(results: Results) -> int:
    log.info("this run is complete: %s", results.model)
    return EXIT_SUCCEEDED


def _finish(results: Results, metrics: dict[str, Any]) -> None:
    results.write_success(metrics)
    # Whoever cannot read the results folder reads this sentence (tools/up/watch.py).
    log.info(
        "perplexity %.2f before, %.2f after; the model is in %s",
        metrics["perplexity_before"],
        metrics["perplexity_after"],
        results.model,
    )


def _stop_on_sigterm() -> Callable[[], bool]:
    """Return a test for SIGTERM, which Kubernetes sends early enough before a kill for one checkpoint."""
    stop_requested = False

    def request_stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stop_requested
        stop_requested = True

    signal.signal(signal.SIGTERM, request_stop)
    return lambda: stop_requested
