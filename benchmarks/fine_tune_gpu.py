"""Speed of fine-tuning GPT-2 (124 M weights) on one GPU: our loop on a ladder of settings, and transformers' Trainer.

    python benchmarks/fine_tune_gpu.py

Writes fine_tune_gpu.json (every figure, the machine, the versions) and fine_tune_gpu.png into benchmarks/results. The
weights are random and the tokens too: speed does not depend on them, and nothing needs to be downloaded. Every rung
trains with the product's own `Trainer`; the peer is Hugging Face's on the same model, the same batch and the same
tokens, in the same process. Needs torch and transformers, not Ray. On a machine without a GPU, `--smoke` runs each rung
for two steps of a tiny model; where matplotlib is missing, fine_tune_gpu_plot.py draws the plot later.
"""

import argparse
import gc
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fine_tune_gpu_plot import plot
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.fine_tune.loop import Trainer
from modelyard.workloads.fine_tune.precision import choose_format
from modelyard.workloads.fine_tune.worker import Worker
from modelyard.workloads.preprocess.pack import TokenRows
from modelyard.workloads.presets import preset as presets
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, TrainerCallback, TrainingArguments
from transformers import Trainer as HuggingFaceTrainer

DENSE_TFLOPS = {"H200": 989, "H100": 989, "A100": 312, "T4": 65, "L4": 121, "V100": 125}
"""Dense bf16 (fp16 where there is no bf16) peaks of NVIDIA's data sheets, by a part of the device's name."""

SEQUENCE_TOKENS = 1024

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Rung:
    """One configuration of our loop."""

    name: str
    precision: str
    batch: int
    tf32: bool = True
    compile: bool = False
    vocabulary: int | None = None


LADDER = (
    Rung("fp32", "fp32", 8, tf32=False),
    Rung("TF32", "fp32", 8),
    Rung("bf16", "bf16", 8),
    Rung("bf16, batch 16", "bf16", 16),
    Rung("bf16, batch 32", "bf16", 32),
    Rung("bf16, compiled", "bf16", 8, compile=True),
    Rung("bf16, compiled, batch 16", "bf16", 16, compile=True),
    Rung("bf16, compiled, batch 32", "bf16", 32, compile=True),
    Rung("bf16, compiled, batch 32, vocabulary 50304", "bf16", 32, compile=True, vocabulary=50304),
    Rung("fp16 with scaled loss", "fp16", 8),
)


@dataclass(frozen=True)
class Peer:
    """One configuration of Hugging Face's Trainer."""

    name: str
    batch: int
    bf16: bool = False
    tf32: bool = False
    compile: bool = False


PEERS = (
    Peer("Trainer, defaults (fp32)", 8),
    Peer("Trainer, bf16 + TF32", 8, bf16=True, tf32=True),
    Peer("Trainer, bf16 + TF32, batch 32", 32, bf16=True, tf32=True),
    Peer("Trainer, bf16 + TF32, compiled, batch 32", 32, bf16=True, tf32=True, compile=True),
)


@dataclass(frozen=True)
class Setting:
    """The machine and the size of the measurement."""

    device: torch.device
    preset: str
    sequence_tokens: int
    warm_up: int
    steps: int
    repeats: int

    def build(self, vocabulary: int | None = None) -> PreTrainedModel:
        shape = presets.load(self.preset).architecture
        torch.manual_seed(0)
        configuration = AutoConfig.for_model(
            "gpt2",
            num_hidden_layers=shape.layers,
            hidden_size=shape.hidden_size,
            num_attention_heads=shape.attention_heads,
            vocab_size=vocabulary or shape.vocabulary,
            max_position_embeddings=shape.max_context_tokens,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=None,
            eos_token_id=None,
        )
        model = AutoModelForCausalLM.from_config(configuration, attn_implementation="sdpa", dtype=torch.float32)
        model.config.use_cache = False
        return model

    def tokens(self, rows: int) -> np.ndarray:
        vocabulary = presets.load(self.preset).architecture.vocabulary
        return np.random.default_rng(0).integers(0, vocabulary, (rows, self.sequence_tokens)).astype(np.uint16)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="DIR", help="(default benchmarks/results)")
    parser.add_argument("--steps", type=int, default=20, help="steps per timing (default 20)")
    parser.add_argument("--repeats", type=int, default=3, help="timings per rung; the median counts (default 3)")
    parser.add_argument("--only", default="", metavar="TEXT", help="rungs and peers whose name contains this")
    parser.add_argument("--smoke", action="store_true", help="a tiny model and two steps, on any machine")
    options = parser.parse_args()
    file = options.output / "fine_tune_gpu.json"
    cuda = torch.cuda.is_available()
    if not cuda and not options.smoke:
        sys.stderr.write("error: no CUDA device; on a machine without a GPU only --smoke is meaningful\n")
        return 2
    device = torch.device("cuda" if cuda else "cpu")
    setting = (
        Setting(device, "gpt2-tiny", 64, 1, 2, 1)
        if options.smoke
        else Setting(device, "gpt2", SEQUENCE_TOKENS, 10, options.steps, options.repeats)
    )
    runs = [(rung.name, "ours", partial(ours, setting, rung)) for rung in LADDER]
    runs += [(peer.name, "peer", partial(peer_of, setting, peer)) for peer in PEERS]
    rows = [_measured(name, kind, run, setting) for name, kind, run in runs if options.only in name]
    size = {"preset": setting.preset, "sequence_tokens": setting.sequence_tokens}
    timing = {"steps": setting.steps, "repeats": setting.repeats}
    report = {"machine": _machine(device), "setting": size | timing, "rows": rows}
    options.output.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=2) + "\n")
    try:
        plot(report, file.with_suffix(".png"))
    except ImportError:
        print("matplotlib is not installed here; where it is, run benchmarks/fine_tune_gpu_plot.py")
    return 0 if all("error" not in row for row in rows) else 1


def _measured(name: str, kind: str, run: Callable[[], dict[str, Any]], setting: Setting) -> dict[str, Any]:
    """One row, whatever happens: a rung that does not fit into memory is a result too."""
    cuda = setting.device.type == "cuda"
    gc.collect()
    torch._dynamo.reset()
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    row: dict[str, Any] = {"name": name, "kind": kind}
    try:
        row |= run()
    except Exception as error:  # noqa: BLE001 - the other rungs are measured all the same
        row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        print(f"{name:<45} {row['error']}", flush=True)
        return row
    speed = row["tokens_per_second"]
    flop = presets.load(setting.preset).architecture.train_flop_per_token(setting.sequence_tokens)
    row["tflops"] = round(speed * flop / 1e12, 2)
    peak = _peak(setting.device)
    row["mfu"] = round(speed * flop / (peak * 1e12), 4) if peak else None
    row["peak_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2) if cuda else None
    mfu = f"MFU {row['mfu']:.1%}" if row["mfu"] else ""
    print(f"{name:<45} {speed:>12,.0f} tokens/s  {mfu}  {row['peak_memory_gib'] or ''} GiB", flush=True)
    return row


def ours(setting: Setting, rung: Rung) -> dict[str, Any]:
    """The product's loop, without checkpoints and reports."""
    batch = 2 if setting.preset == "gpt2-tiny" else rung.batch
    precision = rung.precision if setting.device.type == "cuda" or rung.precision != "fp16" else "fp32"
    config = FineTuneConfig.model_validate(
        {
            "name": "benchmark", "preset": setting.preset, "train_data": "/none", "results": "/none",
            "sequence_tokens": setting.sequence_tokens, "batch_sequences": batch, "gradient_accumulation": 1,
            "precision": precision, "compile": rung.compile, "epochs": 1000, "learning_rate": 1e-4,
        }
    )  # fmt: skip
    total = setting.warm_up + setting.steps * setting.repeats
    sequences = TokenRows(setting.tokens(batch * 64), np.zeros(0, dtype=np.uint16))
    worker = Worker(0, 1, setting.device)
    trainer = Trainer(
        setting.build(rung.vocabulary), sequences, config, worker, choose_format(config.precision, setting.device)
    )
    torch.backends.cuda.matmul.allow_tf32 = rung.tf32
    trainer.model.train()
    forward = torch.compile(trainer.model) if rung.compile else trainer.model
    assert total <= trainer.steps

    def step() -> torch.Tensor:
        loss = trainer._one_step(forward)  # type: ignore[arg-type]
        trainer.step += 1
        return loss

    started = time.monotonic()
    loss = step()
    _wait(setting.device)
    first_step_seconds = time.monotonic() - started
    for _ in range(setting.warm_up - 1):
        step()
    speeds = []
    for _ in range(setting.repeats):
        _wait(setting.device)
        started = time.monotonic()
        for _ in range(setting.steps):
            loss = step()
        _wait(setting.device)
        speeds.append(setting.steps * batch * setting.sequence_tokens / (time.monotonic() - started))
    return _speeds(speeds) | {
        "batch": batch,
        "first_step_seconds": round(first_step_seconds, 2),
        "last_loss": round(loss.item(), 4),
    }


def peer_of(setting: Setting, peer: Peer) -> dict[str, Any]:
    """Hugging Face's Trainer on the same model and tokens."""
    batch = 2 if setting.preset == "gpt2-tiny" else peer.batch
    rows = torch.from_numpy(setting.tokens(batch * 64).astype("int64"))
    data = [{"input_ids": row, "labels": row} for row in rows]
    clock = _Clock(setting)
    # The switch outlives a Trainer that does not name it, so the default is set by hand.
    torch.backends.cuda.matmul.allow_tf32 = peer.tf32
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=batch,
            max_steps=setting.warm_up + setting.steps * setting.repeats,
            learning_rate=1e-4,
            bf16=peer.bf16,
            torch_compile=peer.compile,
            logging_strategy="no",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=setting.device.type == "cpu",
        )
        HuggingFaceTrainer(model=setting.build(), args=arguments, train_dataset=data, callbacks=[clock]).train()
    return _speeds(clock.speeds(batch)) | {"batch": batch}


class _Clock(TrainerCallback):
    """Reads the time after the warm-up and after every so many steps."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.times: list[float] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - theirs
        since = state.global_step - self.setting.warm_up
        if since >= 0 and since % self.setting.steps == 0:
            _wait(self.setting.device)
            self.times.append(time.monotonic())

    def speeds(self, batch: int) -> list[float]:
        tokens = self.setting.steps * batch * self.setting.sequence_tokens
        return [tokens / (end - start) for start, end in zip(self.times, self.times[1:], strict=False)]


def _speeds(speeds: list[float]) -> dict[str, Any]:
    return {
        "tokens_per_second": round(float(np.median(speeds)), 1),
        "slowest": round(min(speeds), 1),
        "fastest": round(max(speeds), 1),
    }


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _peak(device: torch.device) -> float | None:
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak for part, peak in DENSE_TFLOPS.items() if part in name), None)


def _machine(device: torch.device) -> dict[str, Any]:
    import transformers  # noqa: PLC0415 - only its version

    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "cpu",
        "dense_peak_tflops": _peak(device),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


if __name__ == "__main__":
    sys.exit(main())
