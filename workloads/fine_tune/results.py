"""Results folder of a run, which its readers watch and from which a later start resumes.

| file            | is                                                                                  |
|-----------------|-------------------------------------------------------------------------------------|
| run.json        | what decides the run's outcome; a run with other settings may not resume from here   |
| progress.json   | where it is now: stage, step, steps, loss, tokens_per_second, seconds_left           |
| history.jsonl   | one line per report of progress, and one per start                                   |
| checkpoints/    | see `checkpoint`                                                                     |
| prepared/       | tokenizer and token ids                                                              |
| model/          | model and tokenizer, in transformers' layout                                         |
| metrics.json    | perplexity before and after, speed, precision and why                                |
| SUCCEEDED       | last of all: the run is complete                                                     |
| FAILED          | the run is over, with the reason and its kind (``user``, ``internal``)               |
"""

import json
import logging
import os
import shutil
import time
from pathlib import Path
from typing import Any

from modelyard.workloads.failure import Kind, UserError
from modelyard.workloads.fine_tune.config import FineTuneConfig

log = logging.getLogger(__name__)

TERMINATION_LOG = Path("/dev/termination-log")
"""File that Kubernetes reads for a container's last message (terminationMessagePath's default)."""

_CHANGEABLE = {
    "workers", "batch_sequences", "gradient_accumulation", "cpus_per_worker", "gpus_per_worker", "use_gpu",
    "checkpoint_every_steps", "keep_checkpoints", "max_failures", "progress_seconds", "results", "precision", "compile",
}  # fmt: skip
"""Settings that a resumed run may change: they do not change its result."""


class Results:
    """Results folder of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.data_folder = folder / "prepared"
        self.model = folder / "model"
        self.is_ours = False
        """True once this run has claimed the folder, and so may leave markers there."""

    def open(self, config: FineTuneConfig) -> bool:
        """Claim the folder for this run; return true if the run is already complete there.

        Raises:
            UserError: the folder cannot be written, or holds a run with other settings.
        """
        identity = _identify_run(config)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / ".writable").write_text("")
            (self.folder / ".writable").unlink()
        except OSError as error:
            raise UserError(f"results folder {self.folder} cannot be written: {error.strerror}") from error
        previous = self.read("run.json")
        if previous is not None and previous != identity:
            differing = sorted(
                key for key in previous.keys() | identity.keys() if previous.get(key) != identity.get(key)
            )
            raise UserError(
                f"results folder {self.folder} holds run {previous.get('name')!r} with other settings "
                f"({', '.join(differing)}); give another results folder, or remove that one"
            )
        self.is_ours = True
        self.write("run.json", identity)
        (self.folder / "FAILED").unlink(missing_ok=True)
        return previous is not None and (self.folder / "SUCCEEDED").exists()

    def claim_unused(self) -> bool:
        """Claim a folder that no run has used, to leave a marker; return false if that is not possible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.is_ours = not (self.folder / "run.json").exists()
        except OSError:
            self.is_ours = False
        return self.is_ours

    def report_progress(
        self,
        stage: str,
        step: int,
        steps: int,
        *,
        loss: float | None = None,
        tokens_per_second: float | None = None,
        seconds_left: float | None = None,
    ) -> None:
        """Report the stage of the run in progress.json and as one line of the log."""
        progress = {
            "stage": stage,
            "step": step,
            "steps": steps,
            "loss": loss,
            "tokens_per_second": tokens_per_second and round(tokens_per_second, 1),
            "seconds_left": seconds_left and round(seconds_left, 1),
            "updated": round(time.time(), 3),
        }
        self.write("progress.json", progress)
        parts = [f"{stage:<10} step {step}/{steps}"]
        if loss is not None:
            parts.append(f"loss {loss:.4f}")
        if tokens_per_second:
            parts.append(f"{tokens_per_second:,.0f} tokens/s")
        if seconds_left:
            parts.append(f"{_format_duration(seconds_left)} left")
        log.info("  ".join(parts))

    def append_history(self, **event: Any) -> None:
        """Add a line to history.jsonl."""
        with (self.folder / "history.jsonl").open("a") as stream:
            stream.write(json.dumps(event | {"time": round(time.time(), 3)}) + "\n")

    def write_success(self, metrics: dict[str, Any]) -> None:
        """Write the marker of a complete run; nothing may be written after it."""
        steps = metrics["steps"]
        self.report_progress(
            "done", steps, steps, loss=metrics.get("loss"), tokens_per_second=metrics["tokens_per_second"]
        )
        self.write("SUCCEEDED", {"model": str(self.model), **metrics})

    def write_failure(self, kind: Kind, reason: str) -> None:
        """Write the marker of a failed run, as far as the disk allows."""
        try:
            if self.folder.is_dir():
                self.write("FAILED", {"kind": kind, "reason": reason, "time": round(time.time(), 3)})
        except OSError as error:
            log.warning("the marker FAILED cannot be written to %s: %s", self.folder, error.strerror)
        try:
            if TERMINATION_LOG.exists():
                TERMINATION_LOG.write_text(f"{kind}: {reason}\n")
        except OSError:
            log.debug("%s cannot be written", TERMINATION_LOG)

    def read(self, name: str) -> dict[str, Any] | None:
        """Read one of the folder's JSON files; None if there is no such file or it is damaged."""
        try:
            content = json.loads((self.folder / name).read_text())
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Replace one of the folder's JSON files at once: a reader sees the old or the new one."""
        temporary = self.folder / f".{name}.{os.getpid()}.new"
        temporary.write_text(json.dumps(content, indent=2) + "\n")
        temporary.replace(self.folder / name)

    def replace_folder(self, temporary: Path, target: Path) -> None:
        """Put a finished folder in the place of an older one."""
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        temporary.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _identify_run(config: FineTuneConfig) -> dict[str, Any]:
    settings = {key: value for key, value in config.model_dump(mode="json").items() if key not in _CHANGEABLE}
    return settings | {"step_sequences": config.step_sequences}


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
