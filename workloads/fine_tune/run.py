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
"""128 + SIGTERM: asked to end, state saved; the next start goes on."""


def run(file: Path, *, local: bool) -> int:
    """Runs the fine-tune that `file` configures; returns the exit code, after the marker is written."""
    results: Results | None = None
    try:
        config = configs.read(file)
        results = Results(config.results_folder)
        return _run_local(config, results) if local else _run_on_ray(config, results)
    except (UserError, InternalError) as wrong:
        kind, reason, code = wrong.kind, str(wrong), wrong.exit_code
    except Exception as wrong:
        log.exception("the run failed")
        kind, reason, code = "internal", f"{type(wrong).__name__}: {wrong}", EXIT_INTERNAL
    if results is None:
        results = _intended_results(file)
    # Those who wait for the results must learn of it; another run's results are left as they are.
    if results is not None and (results.is_ours or results.claim_unused()):
        results.failed(kind, reason)
    sys.stderr.write(f"error: {reason}\n")
    return code


def _intended_results(file: Path) -> Results | None:
    """Where a configuration that is wrong elsewhere wants its results."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))  # JSON is YAML too
        folder = parse(content["results"]).path
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        return None
    return Results(folder) if folder is not None else None


def _run_on_ray(config: FineTuneConfig, results: Results) -> int:
    # The driver has few resources: it only glances at the data, and the leading worker reads them.
    if results.open(config):
        return _already_there(results)
    results.progress("starting", 0, 0)
    _glance(config)
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
                f"workers is {config.workers}, but {place.world} process(es) run; without Ray, start them with "
                f"torchrun: torchrun --nproc-per-node {config.workers} -m modelyard.workloads.fine_tune --config FILE"
            )
        trouble: UserError | None = None
        complete = False
        if place.leads:
            try:
                complete = results.open(config)
                _glance(config)
            except UserError as wrong:
                trouble = wrong
        trouble, complete = place.from_leader((trouble, complete))
        if complete:
            return _already_there(results)
        if trouble is not None:
            raise trouble
        try:
            metrics = work(config, place, stopping=stopping)
        except Stopped as stopped:
            log.warning("%s", stopped)
            return EXIT_STOPPED
        if place.leads:
            _end(results, metrics)
    return EXIT_SUCCEEDED


def _glance(config: FineTuneConfig) -> None:
    glance(config.train_data, field="train_data")
    if config.validation_data is not None:
        glance(config.validation_data, field="validation_data")


def _already_there(results: Results) -> int:
    log.info("this run is complete: %s", results.model)
    return EXIT_SUCCEEDED


def _end(results: Results, metrics: dict[str, Any]) -> None:
    results.succeeded(metrics)
    # Whoever cannot read the results folder reads this sentence (tools/up/watch.py).
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
