"""Sources of the facts in presets: project, version and place, by the short name in a preset's file.

docs/presets-sources.md lists them field by field. Facts without a source were written from general knowledge of the
model.
"""

from typing import Literal

SourcedFact = Literal[
    "architecture", "context", "licence", "revision", "download", "tool_call_parser", "reasoning_parser"
]
"""Fact of a preset that may have a source."""

Source = Literal[
    "aiconfigurator",
    "deepseek-r1",
    "flag-embedding",
    "gpt-2",
    "granite-3.3",
    "hub",
    "kaito-best-effort",
    "kaito-catalogue",
    "kaito-generator",
    "kaito-models",
    "kimi-k2",
    "litgpt",
    "llama-models",
    "megatron-bridge",
    "metaseq",
    "minimax-m2",
    "open-llms",
    "qwen2.5",
    "qwen3",
    "stable-diffusion",
    "transformers",
    "vllm-reasoning",
    "vllm-tool-calling",
]

SOURCES: dict[Source, str] = {
    "aiconfigurator": "ai-dynamo/aiconfigurator@095f58a51c:aic-core/src/aiconfigurator_core/model_configs "
    "(the models' own config.json, of the same model or of one with the same shape)",
    "deepseek-r1": "deepseek-ai/DeepSeek-R1@0cf78561f1:README.md",
    "flag-embedding": "FlagOpen/FlagEmbedding@7ed43d67ec:README.md",
    "gpt-2": "openai/gpt-2@9b63575ef4:LICENSE (MIT with a request to name the model)",
    "granite-3.3": "ibm-granite/granite-3.3-language-models@cdb1681879:README.md",
    "hub": "huggingface.co/models@stored pages: config.json or card of the model, or of one that was made from it",
    "kaito-best-effort": "kaito-project/kaito@5708247fb:presets/workspace/models/supported_models_best_effort.yaml "
    "(in its history only)",
    "kaito-catalogue": "kaito-project/kaito@056b8280b1:presets/workspace/models/model_catalog.yaml "
    "(widths, layers and heads; the rest of a shape follows from the size of the files)",
    "kaito-generator": "kaito-project/kaito@056b8280b1:presets/workspace/generator/generator.go",
    "kaito-models": "kaito-project/kaito@056b8280b1:presets/workspace/models/supported_models.yaml",
    "kimi-k2": "MoonshotAI/Kimi-K2@c6157be853:README.md and LICENSE",
    "litgpt": "Lightning-AI/litgpt@26857050fe:litgpt/config.py",
    "llama-models": "meta-llama/llama-models@a9c89c471f:README.md and models/*/LICENSE",
    "megatron-bridge": "NVIDIA-NeMo/Megatron-Bridge@067f987df0:docs/models and src/megatron/bridge/recipes",
    "metaseq": "facebookresearch/metaseq@f7ffa5fd61:metaseq/launcher/opt_job_constants.py "
    "and projects/OPT/MODEL_LICENSE.md",
    "minimax-m2": "MiniMax-AI/MiniMax-M2@2e575efec1:LICENSE and docs/vllm_deploy_guide.md",
    "open-llms": "eugeneyan/open-llms@78a2524e08:README.md",
    "qwen2.5": "QwenLM/Qwen3@b0f4642263:README.md (the repository was Qwen2.5's)",
    "qwen3": "QwenLM/Qwen3@7a2f61ffc7:README.md and docs/source",
    "stable-diffusion": "CompVis/stable-diffusion@21f890f9da:LICENSE",
    "transformers": "huggingface/transformers@5.23.0: defaults of the model's configuration class",
    "vllm-reasoning": "vllm-project/vllm@00256d59e6:docs/features/reasoning_outputs.md",
    "vllm-tool-calling": "vllm-project/vllm@0064cc9cb1:docs/features/tool_calling.md",
}
