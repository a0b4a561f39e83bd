"""Reader of a Hugging Face ``config.json`` of any family into an `Architecture`.

Missing keys are taken from the family's defaults, or assumed with a warning: never in silence. An unknown family is
read as a plain decoder, and the result is marked as not exact.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.presets import config_attention
from modelyard.workloads.presets import config_keys as keys
from modelyard.workloads.presets.architecture import Architecture
from modelyard.workloads.presets.families import FAMILIES, anatomy
from modelyard.workloads.presets.field_errors import describe_errors
from modelyard.workloads.presets.layer_pattern import read_layer_pattern
from modelyard.workloads.presets.sizes import MOST_LAYERS
from pydantic import ValidationError

ASSUMED_CONTEXT_TOKENS = 2048
"""Context for a file without one, as kaito 0.12 assumes (generator.go)."""


class InvalidConfigError(ValueError):
    """File that is no model's configuration, or an impossible one; the message names the key."""


@dataclass(frozen=True, slots=True)
class ParsedConfig:
    """Architecture in a configuration, with warnings about assumptions."""

    architecture: Architecture
    warnings: tuple[str, ...]
    exact: bool
    """True if weights are counted as transformers counts them; False: by a plain decoder's formula."""


def read_config(source: Mapping[str, Any] | Path) -> ParsedConfig:
    """Read the architecture in a ``config.json``, given as its content or as its path.

    Raises:
        InvalidConfigError: not JSON, no model in it, or numbers that cannot be.
    """
    reader = _Reader(load_config(source) if isinstance(source, Path) else source)
    try:
        architecture = Architecture.model_validate(reader.read_shape())
    except ValidationError as error:
        raise InvalidConfigError("config.json: " + "; ".join(describe_errors(error))) from error
    return ParsedConfig(architecture, tuple(reader.warnings), architecture.exact)


def load_config(file: Path) -> Mapping[str, Any]:
    """Load the content of a ``config.json``.

    Raises:
        InvalidConfigError: the file cannot be read, is not JSON, or holds no object.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfigError(f"{file.name}: not JSON: {error}") from error
    except OSError as error:
        raise InvalidConfigError(f"{file.name}: cannot be read: {error.strerror}") from error
    if not isinstance(content, dict):
        raise InvalidConfigError(f"{file.name}: must be an object with a model's sizes")
    return content


def _is_list_of(value: Any, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(member, kinds) for member in value)


class _Reader:
    """Reader of one configuration, which collects warnings about assumptions."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self.warnings: list[str] = []
        nested = next((name for name in keys.NESTED if isinstance(whole.get(name), Mapping)), None)
        text: Mapping[str, Any] = whole if nested is None else whole[nested]
        self.family = str(whole.get("model_type") or text.get("model_type") or "")
        inner = str(text.get("model_type") or self.family)
        inner = keys.WRAPPED.get(inner, inner)
        if not self.family:
            self.warnings.append("model_type is missing: read as a plain decoder")
            self.family = inner = "unknown"
        elif self.family not in FAMILIES and inner not in FAMILIES:
            self.warnings.append(
                f"model_type {self.family!r} is not known: read as a plain decoder, sizes are near only"
            )
        # A wrapper that is not in the table (a vision model around Llama) counts as what it wraps.
        self.family = self.family if self.family in FAMILIES or inner not in FAMILIES else inner
        self.inner = inner
        self.config = {**keys.DEFAULTS.get(inner, {}), **whole, **text}
        self.top = whole
        if any(isinstance(whole.get(part), Mapping) for part in ("vision_config", "audio_config")):
            self.warnings.append("weights of the vision or audio tower are not in the file and not counted")
        if self.config.get("num_nextn_predict_layers"):
            self.warnings.append("layers for multi-token prediction are not counted")

        self._check_types()

    def _check_types(self) -> None:
        for key, value in self.config.items():
            if value is None:
                continue
            if key in keys.WHOLE_NUMBERS and (isinstance(value, bool) or not isinstance(value, int)):
                raise InvalidConfigError(f"config.json: {key} = {value!r}: must be a whole number")
            plain = _is_list_of(value, (str, int))
            if key in keys.LISTS and not plain:
                raise InvalidConfigError(f"config.json: {key} = {value!r}: must be a list of names or numbers")
            if key in keys.OBJECTS and not isinstance(value, Mapping):
                raise InvalidConfigError(f"config.json: {key} = {value!r}: must be an object")
            if key in keys.LISTS_OF_NUMBERS and not _is_list_of(value, int):
                raise InvalidConfigError(f"config.json: {key} = {value!r}: must be a list of whole numbers")
            if key in keys.LETTERS_OR_LISTS and not (plain or isinstance(value, str)):
                raise InvalidConfigError(f"config.json: {key} = {value!r}: must be letters or a list of names")

    def read_shape(self) -> dict[str, Any]:
        hidden, layers = self._require(keys.HIDDEN), self._layers()
        for key in config_attention.list_required_keys(self.family, self.config):
            self._require((key,))
        heads = self._require(keys.HEADS)
        context, intermediate = self._context(), self._intermediate(hidden)
        shape: dict[str, Any] = {
            "family": self.family,
            "kind": "encoder" if self.family in keys.ENCODERS else "decoder",
            "layers": layers,
            "hidden_size": hidden,
            "attention_heads": heads,
            "key_value_heads": self._key_value_heads(heads),
            "vocabulary": self._require(keys.VOCABULARY),
            "max_context_tokens": context,
            "intermediate_size": intermediate,
            "tied_embeddings": bool(self._tied()),
            **read_layer_pattern(self.inner, self.config, layers),
            **config_attention.read_latent(self.family, self.config, layers),
            **config_attention.read_compressed(self.family, self.config),
            **self._experts(layers),
            **config_attention.read_global(self.inner, {**self.config, "intermediate_size": intermediate}),
            **self._biases(),
        }
        size = self._first(keys.HEAD_SIZE)
        if size and "mla" not in shape and size * heads != hidden:
            shape["head_size"] = size
        if self.family == "opt":
            narrow = self.config.get("word_embed_proj_dim", hidden)
            shape |= {"embedding_size": narrow} if narrow != hidden else {}
            shape |= {"final_norm": False} if self.config.get("do_layer_norm_before") is False else {}
        return shape | (self._encoder() if self.family in keys.ENCODERS else {})

    def _first(self, names: Sequence[str]) -> Any:
        return next((self.config[name] for name in names if self.config.get(name) is not None), None)

    def _require(self, names: Sequence[str]) -> Any:
        value = self._first(names)
        if value is None:
            raise InvalidConfigError(f"config.json: {' or '.join(names)}: is missing")
        return value

    def _layers(self) -> Any:
        blocks = self.config.get("layers_block_type") or self.config.get("hybrid_override_pattern")
        layers = len(blocks) if blocks else self._require(keys.LAYERS)
        if not 0 < layers <= MOST_LAYERS:
            raise InvalidConfigError(f"config.json: layers = {layers}: must be 1 to {MOST_LAYERS}")
        return layers

    def _key_value_heads(self, heads: Any) -> Any:
        if self.family == "falcon":
            if self.config.get("new_decoder_architecture"):
                return self._first(keys.KEY_VALUE_HEADS) or heads
            return 1 if self.config.get("multi_query", True) else heads
        if self.config.get("multi_query"):
            return 1
        return self._first(keys.KEY_VALUE_HEADS) or heads

    def _context(self) -> Any:
        context = self._first(keys.CONTEXT)
        if context is None:
            self.warnings.append(f"no length of context in the file: {ASSUMED_CONTEXT_TOKENS} tokens are assumed")
            return ASSUMED_CONTEXT_TOKENS
        return context - anatomy(self.family).position_offset if self.family in {"roberta", "xlm-roberta"} else context

    def _intermediate(self, hidden: Any) -> Any:
        if self.family == "granitemoehybrid" and not self._first(keys.EXPERTS):
            return self._first(keys.SHARED_WIDTH)
        width = self._first(keys.INTERMEDIATE)
        if width is None:
            width = self.config.get("moe_intermediate_size") if self._first(keys.EXPERTS) else None
        if width is None:
            if self.family not in {"gpt2", "gptj", "gpt_bigcode", "bloom", "falcon"}:
                self.warnings.append("no width of the feed-forward layer in the file: 4 x hidden_size is assumed")
            width = 4 * hidden
        return width

    def _tied(self) -> Any:
        # The key of the language model itself goes before that of the whole.
        for config in (self.config, self.top):
            if config.get("tie_word_embeddings") is not None:
                return config["tie_word_embeddings"]
        return self.family in keys.TIED or self.inner in keys.TIED

    def _biases(self) -> dict[str, Any]:
        if self.family == "falcon":
            bias = bool(self.config.get("bias", False))
            parallel = self.config.get("parallel_attn", True)
            two = not parallel or self.config.get("new_decoder_architecture", False)
            norms = self.config.get("num_ln_in_parallel_attn") or (2 if two else 1)
            return {"attention_bias": "all" if bias else "none", "mlp_bias": bias, "norms_per_layer": norms}
        fields: dict[str, Any] = {}
        flag = self.config.get("attention_bias", self.config.get("use_bias") if self.family == "starcoder2" else None)
        if flag is not None and flag != (anatomy(self.family).attention_bias == "all"):
            fields["attention_bias"] = "all" if flag else "none"
        if anatomy(self.family).attention_bias == "qkv":
            fields.pop("attention_bias", None)
        bias = self.config.get("mlp_bias")
        return fields | ({"mlp_bias": True} if bias and not anatomy(self.family).mlp_bias else {})

    def _experts(self, layers: int) -> dict[str, Any]:
        experts = self._first(keys.EXPERTS)
        if not experts:
            return {}
        fields = {"experts": experts, "experts_per_token": self._first(keys.EXPERTS_PER_TOKEN) or 1}
        if self.config.get("moe_intermediate_size"):
            fields["expert_intermediate_size"] = self.config["moe_intermediate_size"]
        if self.config.get("moe_latent_size"):
            fields["expert_latent_size"] = self.config["moe_latent_size"]
        if self._first(keys.SHARED_WIDTH):
            fields["shared_expert_intermediate_size"] = self._first(keys.SHARED_WIDTH)
        elif self.config.get("n_shared_experts"):
            fields["shared_experts"] = self.config["n_shared_experts"]
        kinds = self.config.get("mlp_layer_types")
        dense = self.config.get("first_k_dense_replace") or 0
        dense = kinds.index("sparse") if kinds and "sparse" in kinds else dense
        dense_indices = sorted(self.config.get("mlp_only_layers") or [])
        if dense_indices and dense_indices != list(range(len(dense_indices))):
            self.warnings.append("dense layers among those with experts are counted as if they came first")
        if dense or dense_indices:
            fields["dense_layers"] = min(layers, dense or len(dense_indices))
        if (self.config.get("decoder_sparse_step") or 1) > 1:
            fields["expert_every"] = self.config["decoder_sparse_step"]
        return fields

    def _encoder(self) -> dict[str, Any]:
        classes = self.config.get("architectures") or []
        classifies = any(str(name).endswith("ForSequenceClassification") for name in classes)
        labels = len(self.config.get("id2label") or {}) or self.config.get("num_labels") or 2
        return {
            "tied_embeddings": True,
            "token_types": 0 if self.family == "distilbert" else self.config.get("type_vocab_size", 2),
            "pooler": classifies or self.family != "distilbert",
            "labels": labels if classifies else 0,
        }
