"""The fine-tune as a Ray Train job: a thin edge around `work`, the only part that knows Ray.

Ray Train starts the workers, connects them, and replaces the group when one dies. Where a run goes on is decided by our
own checkpoints in the results folder, not by Ray's: Ray registers a checkpoint only when its controller next looks, and
a worker that dies in between would start from nothing. Ray is given a pointer to each checkpoint, so that its dashboard
and `Result` show them. Name and storage path are stable, so a restarted driver takes up the same Ray run.
"""

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import ray
import ray.train
from modelyard.workloads.failure import InternalError, UserError
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.place import PATIENCE, Place, device_for
from modelyard.workloads.fine_tune.results import Results
from ray.train import Checkpoint, CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer

log = logging.getLogger(__name__)


def fit(config: FineTuneConfig) -> dict[str, Any]:
    """Trains on Ray's workers; returns the metrics that the leading worker wrote.

    Raises:
        UserError: a worker found something to be put right.
        InternalError: workers died more often than max_failures allows, or one failed for another reason.
    """
    results = Results(config.results_folder)
    if not ray.is_initialized():
        # In a pod, RAY_ADDRESS or the head on this machine is found; elsewhere a private instance is started.
        ray.init(include_dashboard=False, log_to_driver=True, logging_level=logging.WARNING)
    use_gpu = _use_gpu(config)
    resources = {"CPU": config.cpus_per_worker}
    if use_gpu:
        resources["GPU"] = config.gpus_per_worker
    storage = results.folder / "ray"
    _drop_foreign_state(storage / config.name)
    trainer = TorchTrainer(
        _worker,
        train_loop_config={"config": config.model_dump(mode="json"), "use_gpu": use_gpu},
        torch_config=TorchConfig(timeout_s=int(PATIENCE.total_seconds())),
        scaling_config=ScalingConfig(num_workers=config.workers, use_gpu=use_gpu, resources_per_worker=resources),
        run_config=RunConfig(
            name=config.name,
            storage_path=str(storage),
            failure_config=FailureConfig(max_failures=config.max_failures),
            checkpoint_config=CheckpointConfig(num_to_keep=config.keep_checkpoints),
        ),
    )
    try:
        trainer.fit()
    except Exception as wrong:
        if (mistake := _mistake(results)) is not None:
            raise UserError(mistake) from wrong
        raise InternalError(f"training failed on Ray: {_cause(wrong)}") from wrong
    if (mistake := _mistake(results)) is not None:
        raise UserError(mistake)
    metrics = results.read("metrics.json")
    if metrics is None:
        raise InternalError(f"training ended, but {results.folder / 'metrics.json'} is not there")
    return metrics


def _worker(settings: dict[str, Any]) -> None:
    """Runs in every worker process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    from modelyard.workloads.fine_tune.work import work  # noqa: PLC0415 - imports transformers, only in workers

    config = FineTuneConfig.model_validate(settings["config"])
    context = ray.train.get_context()
    if _mistake(Results(config.results_folder)) is not None:
        return
    try:
        device = device_for(settings["use_gpu"] and None, context.get_local_rank())
        place = Place(context.get_world_rank(), context.get_world_size(), device)
        work(config, place, report=_Reporter(config))
    except UserError as wrong:
        # The driver finds the marker. What cannot succeed is not to be tried again, so a worker that is alone just
        # ends; of several, the others may be waiting for this one, and only a failure ends them. The next group ends
        # at once, as above.
        Results(config.results_folder).failed("user", str(wrong))
        if context.get_world_size() > 1:
            raise


def _mistake(results: Results) -> str | None:
    """What a worker of this run found for the user to put right; the driver removed the marker of earlier runs."""
    failed = results.read("FAILED")
    return str(failed["reason"]) if failed is not None and failed.get("kind") == "user" else None


class _Reporter:
    """Tells Ray Train of every checkpoint. All workers call it; only the leader's pointer is kept."""

    def __init__(self, config: FineTuneConfig) -> None:
        self.config = config

    def __call__(self, step: int, metrics: dict[str, float]) -> None:
        if ray.train.get_context().get_world_rank() != 0:
            ray.train.report(metrics)
            return
        with tempfile.TemporaryDirectory() as folder:
            at = self.config.results_folder / "checkpoints" / f"step-{step:08d}"
            Path(folder, "pointer.json").write_text(json.dumps({"checkpoint": str(at), "step": step}))
            ray.train.report(metrics, checkpoint=Checkpoint.from_directory(folder))


def _use_gpu(config: FineTuneConfig) -> bool:
    """Whether workers get GPUs: as configured, or if the Ray cluster has enough of them."""
    if config.use_gpu is not None:
        return config.use_gpu and config.gpus_per_worker > 0
    return config.gpus_per_worker > 0 and ray.cluster_resources().get("GPU", 0) >= (
        config.workers * config.gpus_per_worker
    )


def _drop_foreign_state(folder: Path) -> None:
    """Ray refuses a state that another version of it has written; ours does not need it."""
    try:
        written_by = json.loads((folder / "checkpoint_manager_snapshot.json").read_text()).get("ray_version")
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        written_by = None
    if written_by != ray.__version__:
        log.warning("the state that Ray %s left in %s is dropped; our checkpoints stay", written_by, folder)
        shutil.rmtree(folder, ignore_errors=True)


def _cause(wrong: BaseException) -> str:
    """The innermost message of what Ray wrapped."""
    failures = getattr(wrong, "worker_failures", None)
    if failures:
        rank, first = sorted(failures.items())[0]
        return f"worker {rank}: {_last_line(str(first))}"
    return _last_line(str(wrong)) or type(wrong).__name__


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
