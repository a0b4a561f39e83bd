"""Work of one worker from first to last: prepare, evaluate, train, evaluate, save. Ray is not needed here."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from modelyard.workloads.evaluate.perplexity import Likelihood, measure
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune import model as models
from modelyard.workloads.fine_tune.checkpoint import CheckpointStore
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.loop import Reporter, Trainer, TrainingSummary
from modelyard.workloads.fine_tune.precision import choose_format
from modelyard.workloads.fine_tune.prepare import PreparedData, prepare
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.fine_tune.worker import Worker
from modelyard.workloads.preprocess.pack import TokenRows
from modelyard.workloads.preprocess.pretrained import hide_progress_bars

log = logging.getLogger(__name__)

BEFORE = "evaluation_before.json"


def work(
    config: FineTuneConfig,
    worker: Worker,
    *,
    report: Reporter | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train from the state in the results folder; return the metrics, which the leader has also written.

    Raises:
        UserError, InternalError: see the parts.
        Stopped: `stopping` said so.
    """
    started = time.monotonic()
    hide_progress_bars()
    results = Results(config.results_folder)
    data = _prepare_data(config, worker, results)
    tokenizer = data.tokenizer()
    number_format = choose_format(config.precision, worker.device)
    if worker.is_leader:
        log.info("computing in %s: %s", number_format.name, number_format.reason)
    model = models.load(config, tokenizer)
    trainer = Trainer(model, data.train(config.sequence_tokens), config, worker, number_format)
    evaluation = _Evaluation(trainer, data.validation(config.sequence_tokens), results)

    before = evaluation.before()
    store = CheckpointStore(results.checkpoints, config.keep_checkpoints)
    first = trainer.restore(store)
    if worker.is_leader:
        results.append_history(event="started", step=first, steps=trainer.steps, workers=worker.world, pid=os.getpid())
        if first:
            log.info("resuming after step %d of %d", first, trainer.steps)
    summary = trainer.run(store, results, report=report, stopping=stopping)
    metrics = _collect_metrics(trainer, summary, before, evaluation.now())
    metrics["seconds"] = round(time.monotonic() - started, 2)
    if worker.is_leader:
        results.report_progress("saving", trainer.steps, trainer.steps, loss=summary.loss)
        new = results.model.with_name(".model.new")
        models.save(model, tokenizer, new)
        results.replace_folder(new, results.model)
        results.write("metrics.json", metrics)
    worker.wait()
    return metrics


def _prepare_data(config: FineTuneConfig, worker: Worker, results: Results) -> PreparedData:
    """Let the leader prepare the data while the others wait; a fault in them ends all workers alike."""
    user_error: UserError | None = None
    if worker.is_leader:
        results.report_progress("preparing", 0, 0)
        try:
            prepare(config, results)
        except UserError as error:
            user_error = error
    user_error = worker.broadcast(user_error)
    if user_error is not None:
        raise user_error
    return PreparedData(results.data_folder)


@dataclass(frozen=True)
class _Evaluation:
    """Evaluation on the held-out text, by all workers together."""

    trainer: Trainer
    held_out: TokenRows
    results: Results

    def before(self) -> Likelihood:
        """Measure the weights that training starts from, which may be random.

        A resumed run takes what its first start found. All workers follow the leader, who alone reads the file.
        """
        worker = self.trainer.worker
        saved = worker.broadcast(self.results.read(BEFORE) if worker.is_leader else None)
        if saved is not None:
            return Likelihood(saved["nats"], saved["tokens"])
        before = self.now()
        if worker.is_leader:
            self.results.write(BEFORE, {"nats": before.nats, "tokens": before.tokens})
        return before

    def now(self) -> Likelihood:
        """Measure the weights as they are."""
        trainer, worker = self.trainer, self.trainer.worker
        if worker.is_leader:
            self.results.report_progress("evaluating", trainer.step, trainer.steps)
        part = measure(
            trainer.model,
            self.held_out,
            batch_sequences=trainer.config.batch_sequences,
            rank=worker.rank,
            world=worker.world,
            autocast=trainer.format.autocast,
        )
        nats, tokens = worker.total(part.nats, part.tokens)
        likelihood = Likelihood(nats, round(tokens))
        if worker.is_leader:
            log.info("perplexity on %d held-out tokens: %.2f", likelihood.tokens, likelihood.perplexity)
        return likelihood


def _collect_metrics(
    trainer: Trainer, summary: TrainingSummary, before: Likelihood, after: Likelihood
) -> dict[str, Any]:
    config, worker = trainer.config, trainer.worker
    flop = config.known_preset.architecture.train_flop_per_token(config.sequence_tokens)
    cuda = worker.device.type == "cuda"
    return {
        "name": config.name,
        "preset": config.preset,
        "method": config.method,
        "perplexity_before": round(before.perplexity, 4),
        "perplexity_after": round(after.perplexity, 4),
        "validation_tokens": after.tokens,
        "loss": round(summary.loss, 6),
        "steps": summary.steps,
        "resumed_from_step": summary.first_step,
        "train_tokens": summary.steps * config.step_sequences * config.sequence_tokens,
        "train_text_tokens": trainer.sequences.tokens,
        "tokens_per_second": round(summary.tokens_per_second, 1),
        "model_tflop_per_second": round(summary.tokens_per_second * flop / 1e12, 4),
        "train_seconds": round(summary.seconds, 2),
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "workers": worker.world,
        "device": torch.cuda.get_device_name(worker.device) if cuda else "cpu",
        "peak_memory_gib": round(torch.cuda.max_memory_allocated(worker.device) / 2**30, 3) if cuda else None,
        "precision": trainer.format.name,
        "precision_reason": trainer.format.reason,
        "torch": torch.__version__,
    }
