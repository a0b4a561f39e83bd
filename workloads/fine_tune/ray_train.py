"""Fine-tune as a Ray Train job: a thin edge around `work`, and the only part that knows Ray.

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
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.fine_tune.worker import PATIENCE, Worker, choose_device
from ray.train import Checkpoint, CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer

log = logging.getLogger(__name__)


def fit(config: FineTuneConfig) -> dict[str, Any]:
    """Train on Ray's workers; return the metrics that the leading worker wrote.

    Raises:
        UserError: a worker found something to be put right.
        InternalError: workers died more often than max_failures allows, or one failed for another reason.
    """
    results = Results(config.results_folder)
    if not ray.is_initialized():
        # In a pod, RAY_ADDRESS or the head on this machine is found; elsewhere a private instance is started.
        ray.init(include_dashboard=False, log_to_driver=True, logging_level=logging.WARNING)
    use_gpu = _choose_gpu(config)
    resources = {"CPU": config.cpus_per_worker}
    if use_gpu:
        resources["GPU"] = config.gpus_per_worker
    storage = results.folder / "ray"
    _drop_foreign_state(storage / config.name)
    trainer = TorchTrainer(
        _run_worker,
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
    except Exception as error:
        if (user_error := _find_user_error(results)) is not None:
            raise UserError(user_error) from error
        raise InternalError(f"training failed on Ray: {_describe_cause(error)}") from error
    if (user_error := _find_user_error(results)) is not None:
        raise UserError(user_error)
    metrics = results.read("metrics.json")
    if metrics is None:
        raise InternalError(f"training ended, but {results.folder / 'metrics.json'} is not there")
    return metrics


def _run_worker(settings: dict[str, Any]) -> None:
    """Run one worker process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    from modelyard.workloads.fine_tune.work import work  # noqa: PLC0415 - imports transformers, only in workers

    config = FineTuneConfig.model_validate(settings["config"])
    context = ray.train.get_context()
    if _find_user_error(Results(config.results_folder)) is not None:
        return
    try:
        device = choose_device(settings["use_gpu"] and None, context.get_local_rank())
        worker = Worker(context.get_world_rank(), context.get_world_size(), device)
        work(config, worker, report=_Reporter(config))
    except UserError as error:
        # The driver finds the marker. What cannot succeed is not to be tried again, so a worker that is alone just
        # ends; of several, the others may be waiting for this one, and only a failure ends them. The next group ends
        # at once, as above.
        Results(config.results_folder).write_failure("user", str(error))
        if context.get_world_size() > 1:
            raise


def _find_user_error(results: Results) -> str | None:
    """Return the user error that a worker of this run met; the driver removed the marker of earlier runs."""
    marker = results.read("FAILED")
    return str(marker["reason"]) if marker is not None and marker.get("kind") == "user" else None


class _Reporter:
    """Reporter of checkpoints to Ray Train. All workers call it; only the leader's pointer is kept."""

    def __init__(self, config: FineTuneConfig) -> None:
        self.config = config

    def __call__(self, step: int, metrics: dict[str, float]) -> None:
        if ray.train.get_context().get_world_rank() != 0:
            ray.train.report(metrics)
            return
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = self.config.results_folder / "checkpoints" / f"step-{step:08d}"
            Path(folder, "pointer.json").write_text(json.dumps({"checkpoint": str(checkpoint), "step": step}))
            ray.train.report(metrics, checkpoint=Checkpoint.from_directory(folder))


def _choose_gpu(config: FineTuneConfig) -> bool:
    """Return true if workers get GPUs: as configured, or where the Ray cluster has enough of them."""
    if config.use_gpu is not None:
        return config.use_gpu and config.gpus_per_worker > 0
    return config.gpus_per_worker > 0 and ray.cluster_resources().get("GPU", 0) >= (
        config.workers * config.gpus_per_worker
    )


def _drop_foreign_state(folder: Path) -> None:
    """Remove a state that another version of Ray has written: Ray refuses it, and the run does not need it."""
    try:
        written_by = json.loads((folder / "checkpoint_manager_snapshot.json").read_text()).get("ray_version")
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        written_by = None
    if written_by != ray.__version__:
        log.warning("the state that Ray %s left in %s is dropped; our checkpoints stay", written_by, folder)
        shutil.rmtree(folder, ignore_errors=True)


def _describe_cause(error: BaseException) -> str:
    """Return the innermost message of an error that Ray wrapped."""
    failures = getattr(error, "worker_failures", None)
    if failures:
        rank, first = sorted(failures.items())[0]
        return f"worker {rank}: {_find_last_line(str(first))}"
    return _find_last_line(str(error)) or type(error).__name__


def _find_last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
