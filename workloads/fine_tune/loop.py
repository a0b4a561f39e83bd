"""Training loop: plain torch, on one CPU, one GPU, or several workers whose gradients are averaged.

Everything random is a function of the seed and the step (order of the data, dropout), so that a run that is resumed
from a checkpoint computes what it would have computed without the interruption; on a CPU in fp32, bit by bit. A step's
loss is the mean over all its tokens; sequences are of one length, so the mean of the workers' means is that mean.

Nothing in the loop waits for the GPU except the reports of progress and the checkpoints.
"""

import contextlib
import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune.checkpoint import CheckpointStore
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.precision import NumberFormat
from modelyard.workloads.fine_tune.results import Results
from modelyard.workloads.fine_tune.schedule import compute_learning_rate, count_steps, select_sequences, select_share
from modelyard.workloads.fine_tune.worker import Worker
from modelyard.workloads.preprocess.pack import TokenRows
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

log = logging.getLogger(__name__)

BETAS = (0.9, 0.95)
"""AdamW's decay of its moments, as in GPT-3's training (Brown et al. 2020, appendix B)."""


CHECK_STEPS = 20
"""Steps between checks that the loss is still a number; each check waits for the GPU."""


class StopRequested(Exception):  # noqa: N818 - not an error: the process was asked to end, and its state is saved
    """End of a run on request; the checkpoint of its last step is written."""


class Reporter(Protocol):
    """Receiver of a report after every checkpoint, e.g. Ray Train's. All workers call it equally often."""

    def __call__(self, step: int, metrics: dict[str, float]) -> None:
        """Report that the checkpoint of `step` is written."""


@dataclass(frozen=True)
class TrainingSummary:
    """Result of the loop in this process, which in a resumed run took only the last steps."""

    first_step: int
    steps: int
    loss: float
    """Mean loss of the last step, in nats per token."""
    tokens_per_second: float
    seconds: float


class Trainer:
    """Model in training, with its optimiser and this process as one of the workers."""

    def __init__(
        self,
        model: nn.Module,
        sequences: TokenRows,
        config: FineTuneConfig,
        worker: Worker,
        number_format: NumberFormat,
    ) -> None:
        self.model = model.to(worker.device)
        self.sequences = sequences
        self.config = config
        self.worker = worker
        self.format = number_format
        self.steps = count_steps(len(sequences.rows), config.epochs, config.step_sequences, config.max_steps)
        self.optimizer = _build_optimizer(self.model, config)
        self.scaler = torch.amp.GradScaler(worker.device.type, enabled=number_format.scales_loss)
        self.step = 0
        if worker.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True

    def restore(self, store: CheckpointStore) -> int:
        """Load the newest whole checkpoint, if there is one; return the step from which the run goes on.

        The leader chooses, and every worker reads the same one.
        """
        checkpoint = store.read_newest(self.worker.device)
        chosen = self.worker.broadcast(checkpoint.step if checkpoint else 0)
        if checkpoint and checkpoint.step == chosen:
            self.model.load_state_dict(checkpoint.state["model"])
            self.optimizer.load_state_dict(checkpoint.state["optimizer"])
            self.scaler.load_state_dict(checkpoint.state["scaler"])
            self.step = checkpoint.step
        elif chosen:
            raise RuntimeError(
                f"worker {self.worker.rank} cannot read the checkpoint of step {chosen} that the leader reads"
            )
        return self.step

    def run(
        self,
        store: CheckpointStore,
        results: Results,
        *,
        report: Reporter | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> TrainingSummary:
        """Train to the last step, with checkpoints on the way and at the end.

        Raises:
            UserError: the loss is no longer a number.
            InternalError: a checkpoint cannot be written.
            Stopped: `stopping` said so.
        """
        config, worker = self.config, self.worker
        # DDP averages the gradients while the backward pass still runs.
        forward: nn.Module = DistributedDataParallel(self.model) if worker.world > 1 else self.model
        if config.compile:
            forward = torch.compile(forward)  # type: ignore[assignment]  # torch types it as a function
        self.model.train()
        first, started = self.step, time.monotonic()
        reported_at, reported_step = started, first
        loss = torch.tensor(math.nan)
        while self.step < self.steps:
            loss = self._one_step(forward)
            self.step += 1
            now = time.monotonic()
            last = self.step == self.steps
            stop_requested = stopping()
            saves_checkpoint = last or stop_requested or self.step % config.checkpoint_every_steps == 0
            if saves_checkpoint or self.step % CHECK_STEPS == 0:
                self._check_divergence(loss)
            reports_progress = worker.is_leader and (
                last or saves_checkpoint or now - reported_at >= config.progress_seconds
            )
            if saves_checkpoint or reports_progress:
                value = loss.item()
                now = time.monotonic()
                if reports_progress:
                    speed = self._tokens(self.step - reported_step) / max(now - reported_at, 1e-9)
                    left = (self.steps - self.step) * (now - started) / (self.step - first)
                    results.report_progress(
                        "training", self.step, self.steps, loss=value, tokens_per_second=speed, seconds_left=left
                    )
                    results.append_history(
                        step=self.step, loss=value, learning_rate=self._rate(self.step - 1), tokens_per_second=speed
                    )
                    reported_at, reported_step = now, self.step
                if saves_checkpoint:
                    self._save(store)
                    if report:
                        report(self.step, {"loss": value, "step": self.step, "steps": self.steps})
            if stop_requested and not last:
                raise StopRequested(
                    f"stopped after step {self.step} of {self.steps}; the checkpoint of that step is written"
                )
        seconds = time.monotonic() - started
        speed = self._tokens(self.step - first) / seconds if self.step > first else 0.0
        return TrainingSummary(first, self.steps, loss.item(), speed, seconds)

    def _one_step(self, forward: nn.Module) -> torch.Tensor:
        """Take one optimiser step; return its mean loss over all workers, still on the device."""
        config, worker = self.config, self.worker
        rows = select_sequences(self.step, config.step_sequences, len(self.sequences.rows), config.seed)
        _seed_step(config.seed, self.step, worker)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(self.step)
        total = torch.zeros((), device=worker.device)
        for micro_step in range(config.gradient_accumulation):
            row_share = select_share(rows, micro_step, worker.rank, worker.world, config.batch_sequences)
            ids = self._to_device(row_share)
            with self._gradients_wait(forward, micro_step):
                with self.format.autocast():
                    loss = next_token_loss(forward, ids) / config.gradient_accumulation
                self.scaler.scale(loss).backward()
            total += loss.detach()
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.model.parameters(), config.gradient_clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        if worker.world > 1:
            torch.distributed.all_reduce(total)
            total /= worker.world
        return total

    def _to_device(self, rows: Any) -> torch.Tensor:
        ids = torch.from_numpy(self.sequences.rows[rows].astype("int64"))
        if self.worker.device.type == "cuda":
            ids = ids.pin_memory()
        return ids.to(self.worker.device, non_blocking=True)

    @contextlib.contextmanager
    def _gradients_wait(self, forward: nn.Module, micro_step: int) -> Iterator[None]:
        """Exchange gradients only in the last backward pass of a step."""
        last = micro_step == self.config.gradient_accumulation - 1
        parallel = getattr(forward, "_orig_mod", forward)
        if last or not isinstance(parallel, DistributedDataParallel):
            yield
        else:
            with parallel.no_sync():
                yield

    def _check_divergence(self, loss: torch.Tensor) -> None:
        """Stop if the loss is no number. Workers check at the same steps and share the loss, so all stop together."""
        value = loss.item()
        if not math.isfinite(value):
            raise UserError(
                f"the loss is {value} at step {self.step}: training has diverged; lower learning_rate "
                f"({self.config.learning_rate:g} now) or raise warmup_fraction ({self.config.warmup_fraction:g} now)"
            )

    def _save(self, store: CheckpointStore) -> None:
        if self.worker.is_leader:
            store.save(
                self.step,
                {
                    "model": self.model.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "scaler": self.scaler.state_dict(),
                },
            )
        self.worker.wait()

    def _rate(self, step: int) -> float:
        config = self.config
        return compute_learning_rate(step, self.steps, config.learning_rate, config.warmup_fraction, config.schedule)

    def _tokens(self, steps: int) -> int:
        return steps * self.config.step_sequences * self.config.sequence_tokens


def next_token_loss(model: nn.Module, ids: torch.Tensor) -> torch.Tensor:
    """Compute the mean negative log-likelihood of each token given those before it in its sequence."""
    logits = model(input_ids=ids, use_cache=False).logits
    # The targets are shifted instead of the logits, which are by far the larger and would be copied.
    targets = functional.pad(ids[:, 1:], (0, 1), value=-100)
    return functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=-100)


def _build_optimizer(model: nn.Module, config: FineTuneConfig) -> torch.optim.AdamW:
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in trainable if parameter.dim() >= 2]
    vectors = [parameter for parameter in trainable if parameter.dim() < 2]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": config.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=config.learning_rate,
        betas=BETAS,
        fused=True,
    )


def _seed_step(seed: int, step: int, worker: Worker) -> None:
    """Seed dropout by seed, step and rank, so that no random state needs to be saved."""
    digest = hashlib.blake2b(f"{seed}/{step}/{worker.rank}".encode(), digest_size=8).digest()
    torch.manual_seed(int.from_bytes(digest, "big") >> 1)
