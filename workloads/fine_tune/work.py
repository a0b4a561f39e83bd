"""What one worker does from first to last: prepare, evaluate, train, evaluate, save. Ray is not needed here."""

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
from modelyard.workloads.fine_tune.loop import Reporter, Trained, Trainer
from modelyard.workloads.fine_tune.place import Place
from modelyard.workloads.fine_tune.precision import choose
from modelyard.workloads.fine_tune.prepare import Prepared, prepare
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.preprocess.pack import Packed
from modelyard.workloads.preprocess.pretrained import no_bars

log = logging.getLogger(__name__)

BEFORE = "evaluation_before.json"


def work(
    config: FineTuneConfig,
    place: Place,
    *,
    report: Reporter | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Trains from wherever the results folder says the run is; returns the metrics, which the leader has also written.

    Raises:
        UserError, InternalError: see the parts.
        Stopped: `stopping` said so.
    """
    started = time.monotonic()
    no_bars()
    results = Results(config.results_folder)
    prepared = _prepared(config, place, results)
    tokenizer = prepared.tokenizer()
    number_format = choose(config.precision, place.device)
    if place.leads:
        log.info("computing in %s: %s", number_format.name, number_format.reason)
    model = models.load(config, tokenizer)
    trainer = Trainer(model, prepared.train(config.sequence_tokens), config, place, number_format)
    evaluation = _Evaluation(trainer, prepared.validation(config.sequence_tokens), results)

    before = evaluation.before()
    store = CheckpointStore(results.checkpoints, config.keep_checkpoints)
    first = trainer.restore(store)
    if place.leads:
        results.history(event="started", step=first, steps=trainer.steps, workers=place.world, pid=os.getpid())
        if first:
            log.info("resuming after step %d of %d", first, trainer.steps)
    trained = trainer.run(store, results, report=report, stopping=stopping)
    metrics = _metrics(trainer, trained, before, evaluation.now())
    metrics["seconds"] = round(time.monotonic() - started, 2)
    if place.leads:
        results.progress("saving", trainer.steps, trainer.steps, loss=trained.loss)
        new = results.model.with_name(".model.new")
        models.save(model, tokenizer, new)
        results.replace_folder(new, results.model)
        results.write("metrics.json", metrics)
    place.wait()
    return metrics


def _prepared(config: FineTuneConfig, place: Place, results: Results) -> Prepared:
    """The data, made ready by the leader while the others wait; what is wrong with them ends all workers alike."""
    trouble: UserError | None = None
    if place.leads:
        results.progress("preparing", 0, 0)
        try:
            prepare(config, results)
        except UserError as wrong:
            trouble = wrong
    trouble = place.from_leader(trouble)
    if trouble is not None:
        raise trouble
    return Prepared(results.prepared)


@dataclass(frozen=True)
class _Evaluation:
    """The held-out text, measured by all workers together."""

    trainer: Trainer
    held_out: Packed
    results: Results

    def before(self) -> Likelihood:
        """Of the weights that training starts from; of a model built from nothing, its random weights.

        A resumed run takes what its first start found. All workers follow the leader, who alone reads the file.
        """
        place = self.trainer.place
        known = place.from_leader(self.results.read(BEFORE) if place.leads else None)
        if known is not None:
            return Likelihood(known["nats"], known["tokens"])
        before = self.now()
        if place.leads:
            self.results.write(BEFORE, {"nats": before.nats, "tokens": before.tokens})
        return before

    def now(self) -> Likelihood:
        """Of the weights as they are."""
        trainer, place = self.trainer, self.trainer.place
        if place.leads:
            self.results.progress("evaluating", trainer.step, trainer.steps)
        mine = measure(
            trainer.model,
            self.held_out,
            batch_sequences=trainer.config.batch_sequences,
            rank=place.rank,
            world=place.world,
            autocast=trainer.format.autocast,
        )
        nats, tokens = place.total(mine.nats, mine.tokens)
        found = Likelihood(nats, round(tokens))
        if place.leads:
            log.info("perplexity on %d held-out tokens: %.2f", found.tokens, found.perplexity)
        return found


def _metrics(trainer: Trainer, trained: Trained, before: Likelihood, after: Likelihood) -> dict[str, Any]:
    config, place = trainer.config, trainer.place
    flop = config.known_preset.architecture.train_flop_per_token(config.sequence_tokens)
    cuda = place.device.type == "cuda"
    return {
        "name": config.name,
        "preset": config.preset,
        "method": config.method,
        "perplexity_before": round(before.perplexity, 4),
        "perplexity_after": round(after.perplexity, 4),
        "validation_tokens": after.tokens,
        "loss": round(trained.loss, 6),
        "steps": trained.steps,
        "resumed_from_step": trained.first_step,
        "train_tokens": trained.steps * config.step_sequences * config.sequence_tokens,
        "train_text_tokens": trainer.packed.tokens,
        "tokens_per_second": round(trained.tokens_per_second, 1),
        "model_tflop_per_second": round(trained.tokens_per_second * flop / 1e12, 4),
        "train_seconds": round(trained.seconds, 2),
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "workers": place.world,
        "device": torch.cuda.get_device_name(place.device) if cuda else "cpu",
        "peak_memory_gib": round(torch.cuda.max_memory_allocated(place.device) / 2**30, 3) if cuda else None,
        "precision": trainer.format.name,
        "precision_reason": trainer.format.reason,
        "torch": torch.__version__,
    }
