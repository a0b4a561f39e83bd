"""Model to train: loaded from a folder, the hub or an object store, or built from a preset's architecture."""

import shutil
from pathlib import Path
from typing import Any

import torch
from modelyard.workloads.engines import engine as engines
from modelyard.workloads.failure import UserError
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.preprocess.pretrained import open_source, read_first_line
from modelyard.workloads.presets.preset import Architecture
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

DROPOUTS = ("resid_pdrop", "embd_pdrop", "attn_pdrop", "attention_dropout", "hidden_dropout", "residual_dropout")
"""Names of dropout rates in the families' configurations."""


def load(config: FineTuneConfig, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Load or build the model of a run, in fp32 on the CPU, ready to train on packed sequences.

    Raises:
        UserError: it is not there, is of another family than the preset, or does not fit tokenizer or sequence length.
    """
    torch.manual_seed(config.seed)
    architecture = config.known_preset.architecture
    model = (
        _build_random(architecture, config.preset)
        if config.model is None
        else _load_pretrained(config.model, architecture)
    )
    for dropout in DROPOUTS:
        if hasattr(model.config, dropout):
            setattr(model.config, dropout, config.dropout)
    _set_dropout(model, config.dropout)
    _check(model, config, tokenizer)
    for settings in (model.config, model.generation_config):
        settings.bos_token_id = tokenizer.bos_token_id
        settings.eos_token_id = tokenizer.eos_token_id
        settings.pad_token_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    # With a cache, transformers lets packed sequences attend across their borders, in training too.
    model.config.use_cache = False
    return model


def save(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write model and tokenizer in transformers' layout, with the cache switched on again for generation."""
    shutil.rmtree(folder, ignore_errors=True)
    model.config.use_cache = True
    try:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    finally:
        model.config.use_cache = False


def _build_random(architecture: Architecture, preset: str) -> PreTrainedModel:
    shape: dict[str, Any] = {
        "num_hidden_layers": architecture.layers,
        "hidden_size": architecture.hidden_size,
        "num_attention_heads": architecture.attention_heads,
        "vocab_size": architecture.vocabulary,
        "max_position_embeddings": architecture.max_context_tokens,
        "tie_word_embeddings": architecture.tied_embeddings,
    }
    # GPT-2's configuration has its own names for the rest, and no key_value_heads: all its heads have keys and values.
    if architecture.family == "gpt2":
        shape |= {"n_inner": architecture.intermediate_size, "bos_token_id": None, "eos_token_id": None}
    else:
        shape |= {
            "intermediate_size": architecture.intermediate_size,
            "num_key_value_heads": architecture.key_value_heads,
        }
        if architecture.head_size is not None:
            shape["head_dim"] = architecture.head_size
    try:
        configuration = AutoConfig.for_model(architecture.family, **shape)
        return AutoModelForCausalLM.from_config(configuration, attn_implementation="sdpa", dtype=torch.float32)
    except ValueError as error:
        raise UserError(
            f"preset {preset} cannot be built: transformers has no causal language model of family "
            f"{architecture.family!r}; give the folder or id of its weights as model"
        ) from error


def _load_pretrained(uri: str, architecture: Architecture) -> PreTrainedModel:
    with open_source(uri, "model") as (source, revision):
        try:
            # Before the weights are fetched, which may take an hour.
            config = AutoConfig.from_pretrained(source, revision=revision)
            engines.require_loaded(config, "full")
            model = AutoModelForCausalLM.from_pretrained(
                source, revision=revision, dtype=torch.float32, attn_implementation="sdpa"
            )
        except (OSError, ValueError, KeyError) as error:
            advice = (
                "; without a way to the hub, give the folder of a copy, or set HF_ENDPOINT to a mirror"
                if parse(uri).hub_id
                else ""
            )
            raise UserError(f"model {uri} cannot be loaded: {read_first_line(error)}{advice}") from error
    # The files' type: a model that also sees is published under one type, and its text part loads under another.
    if config.model_type != architecture.family:
        raise UserError(
            f"model {uri} is of family {config.model_type!r}, but the preset is of family {architecture.family!r}"
        )
    return model


def _set_dropout(model: torch.nn.Module, rate: float) -> None:
    """Set the dropout rate of a model that is built already; some attention modules keep it as a number."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = rate
        elif isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = rate  # type: ignore[assignment]  # a number, not a submodule


def _check(model: PreTrainedModel, config: FineTuneConfig, tokenizer: PreTrainedTokenizerFast) -> None:
    embeddings: Any = model.get_input_embeddings()
    rows = embeddings.weight.shape[0]
    if len(tokenizer) > rows:
        raise UserError(
            f"the tokenizer has {len(tokenizer)} tokens, but the model's vocabulary is {rows}; "
            "give the tokenizer that belongs to the model"
        )
    longest = getattr(model.config, "max_position_embeddings", None)
    if longest is not None and config.sequence_tokens > longest:
        raise UserError(f"sequence_tokens is {config.sequence_tokens}, but the model has {longest} positions")
