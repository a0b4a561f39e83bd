"""Kaito 0.12's figures of a model: the size of its files and its cache per token, from which its estimate starts.

Its catalogue lists 60 models; of any other it reads the files' sizes and the ``config.json`` from the hub. Its figures
are not ours: it sums files that lie there twice (gpt-oss), and takes every layer for full attention in 16 bit, so that
windows, recurrent layers and compressed caches count whole. This command writes the table below::

    python -m modelyard.workloads.planner.kaito.models model_catalog.yaml

Source: kaito v0.12.0 (commit 056b8280b1), ``presets/workspace/models/model_catalog.yaml``; the rule for the cache is
``presets/workspace/generator/generator.go``.
"""

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.frozen import Frozen
from modelyard.workloads.planner.model import Model
from modelyard.workloads.presets.architecture import Architecture
from pydantic import Field


class KaitoModel(Frozen):
    """One entry of kaito's catalogue."""

    huggingface_id: str
    file_gib: str = Field(pattern=r"^\d+(\.\d+)?$")
    """Size of the files as the catalogue writes it: kaito computes with the decimal number."""
    kv_bytes_per_token: int = Field(gt=0)


def find_kaito_model(huggingface_id: str | None) -> KaitoModel | None:
    """Find the catalogue's entry of that model, in any case of letters, as kaito does; None if it has none."""
    return None if huggingface_id is None else _models().get(huggingface_id.lower())


def list_kaito_models() -> tuple[KaitoModel, ...]:
    """Return the whole catalogue, in its order."""
    return tuple(_models().values())


def cache_bytes_per_token(architecture: Architecture) -> int:
    """Return the cache of one token by kaito's rule: all layers, 16 bit, full attention or the latent part of MLA."""
    mla = architecture.mla
    if mla is not None:
        return (mla.kv_lora_rank + mla.rope_head_size) * architecture.layers * 2
    return 2 * architecture.key_value_heads * architecture.width_of_head * architecture.layers * 2


@dataclass(frozen=True, slots=True)
class KaitoFigures:
    """Figures of a model from which kaito's estimate starts."""

    file_gib: float | str
    kv_bytes_per_token: int
    listed: bool
    """True if the figures are those of kaito's catalogue."""


def find_kaito_figures(
    model: Model,
    *,
    huggingface_id: str | None = None,
    weights_gib: float | None = None,
    kv_bytes_per_token: int | None = None,
) -> KaitoFigures:
    """Find kaito's figures for a model of ours: those that are given, else its catalogue's, else by its rules.

    Args:
        model: its weights stand for the size of files that the catalogue does not list.
        huggingface_id: id of the published model; None for another one (quantised otherwise, or from a file).
        weights_gib: size of the files in place of the known one.
        kv_bytes_per_token: cache in place of the known one.
    """
    entry = find_kaito_model(huggingface_id)
    if entry is not None:
        size, cache = entry.file_gib, entry.kv_bytes_per_token
    elif model.architecture is not None:
        size, cache = model.weights_gib, cache_bytes_per_token(model.architecture)
    else:
        size, cache = model.weights_gib, model.kv_bytes_per_token
    return KaitoFigures(
        size if weights_gib is None else weights_gib,
        cache if kv_bytes_per_token is None else kv_bytes_per_token,
        listed=entry is not None and (weights_gib is None or kv_bytes_per_token is None),
    )


def render_table(catalogue: Mapping[str, Any]) -> str:
    """Render the lines of the table below from the content of kaito's file."""
    lines = (
        f"{entry['name']} {entry['modelFileSize'].removesuffix('Gi')} {_cache(entry)}" for entry in catalogue["models"]
    )
    return "".join(f"{line}\n" for line in lines)


def _cache(entry: Mapping[str, Any]) -> int:
    layers = entry["numHiddenLayers"]
    if entry.get("kvLoraRank"):
        return (entry["kvLoraRank"] + entry["qkRopeHeadDim"]) * layers * 2
    head_size = entry.get("headDim") or entry["hiddenSize"] // entry["numAttentionHeads"]
    return 2 * entry["numKeyValueHeads"] * head_size * layers * 2


@functools.cache
def _models() -> dict[str, KaitoModel]:
    lines = (line.split() for line in _TABLE.splitlines())
    return {
        name.lower(): KaitoModel(huggingface_id=name, file_gib=size, kv_bytes_per_token=int(cache))
        for name, size, cache in lines
    }


_TABLE = """\
microsoft/phi-4 27.31 204800
microsoft/Phi-4-mini-instruct 7.15 131072
deepseek-ai/DeepSeek-R1-Distill-Llama-8B 14.96 131072
deepseek-ai/DeepSeek-R1-Distill-Qwen-14B 27.51 196608
microsoft/Phi-3-mini-4k-instruct 7.12 393216
microsoft/Phi-3-mini-128k-instruct 7.12 393216
microsoft/Phi-3-medium-4k-instruct 26.00 204800
microsoft/Phi-3-medium-128k-instruct 26.00 204800
microsoft/Phi-3.5-mini-instruct 7.12 393216
Qwen/Qwen2.5-Coder-7B-Instruct 14.19 57344
Qwen/Qwen2.5-Coder-32B-Instruct 61.03 262144
openai/gpt-oss-20b 25.63 49152
openai/gpt-oss-120b 121.54 73728
meta-llama/Llama-3.1-8B-Instruct 14.96 131072
meta-llama/Llama-3.3-70B-Instruct 131.42 327680
mistralai/Mistral-7B-v0.3 13.50 131072
mistralai/Mistral-7B-Instruct-v0.3 13.50 131072
mistralai/Ministral-3-3B-Instruct-2512 4.35 106496
mistralai/Ministral-3-8B-Instruct-2512 9.70 139264
mistralai/Ministral-3-14B-Instruct-2512 14.65 163840
google/gemma-3-4b-it 8.01 139264
google/gemma-3-27b-it 51.10 507904
deepseek-ai/DeepSeek-R1-0528 641.30 70272
deepseek-ai/DeepSeek-V3-0324 641.30 70272
mistralai/Mistral-Large-3-675B-Instruct-2512 634.70 70272
nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16 230.25 90112
nvidia/Nemotron-Cascade-2-30B-A3B 58.82 53248
nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16 58.82 53248
nvidia/NVIDIA-Nemotron-Nano-12B-v2-VL-BF16 24.55 253952
nvidia/NVIDIA-Nemotron-Nano-9B-v2 16.56 229376
nvidia/NVIDIA-Nemotron-3-Nano-4B-BF16 7.40 172032
Qwen/Qwen3-8B-AWQ 5.68 147456
google/gemma-4-31B-it 58.25 983040
google/gemma-4-26B-A4B-it 48.07 245760
google/gemma-4-E4B-it 14.89 86016
google/gemma-4-E2B-it 9.54 35840
mistralai/Mistral-Small-4-119B-2603 112.63 23040
mistralai/Mistral-Small-4-119B-2603-NVFP4 65.95 23040
Qwen/Qwen3.5-2B 4.24 49152
Qwen/Qwen3.5-4B 8.68 131072
Qwen/Qwen3.5-9B 17.98 131072
Qwen/Qwen3.5-122B-A10B-GPTQ-Int4 73.47 98304
Qwen/Qwen3.5-122B-A10B 232.99 98304
Qwen/Qwen3.6-35B-A3B-FP8 34.90 81920
Qwen/Qwen3.6-35B-A3B 66.97 81920
Qwen/Qwen3.6-27B 51.75 262144
Qwen/Qwen3.5-397B-A17B-GPTQ-Int4 219.56 122880
moonshotai/Kimi-K2.5 554.32 70272
moonshotai/Kimi-K2.6 554.32 70272
MiniMaxAI/MiniMax-M2.7 214.34 253952
mistralai/Mistral-Medium-3.5-128B 124.43 360448
deepseek-ai/DeepSeek-V4-Flash-0731 155.43 88064
deepseek-ai/DeepSeek-V4-Pro 805.34 124928
google/gemma-4-12B-it 22.28 393216
zai-org/GLM-5.2-FP8 703.75 89856
moonshotai/Kimi-K2.7-Code 554.32 70272
nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4 328.13 110592
deepseek-ai/DeepSeek-V3.2 642.14 70272
ibm-granite/granite-4.1-8b 16.38 163840
Qwen/Qwen3.8-27B 51.75 262144
"""
"""Lines of name, GiB of the files, and bytes of cache per token."""


if __name__ == "__main__":
    import yaml

    sys.stdout.write(render_table(yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))))
