"""Table of presets."""

from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import Preset

HEAD = """\
<!-- Generated: `python -m tools.documentation`. Edit workloads/presets/models instead. -->

# All presets

| preset | weights | active | published as | download, GiB | context | cache per token | tools, reasoning | licence |
|---|--:|--:|---|--:|--:|--:|---|---|
"""


def render_page() -> str:
    """Render one row per preset: sizes in billions of weights, GiB, tokens and KiB."""
    return HEAD + "".join(_row(presets.load(name)) for name in presets.list_names())


def _row(preset: Preset) -> str:
    shape = preset.architecture
    vllm = preset.runtimes.vllm
    parsers = [] if vllm is None else [parser for parser in (vllm.tool_call_parser, vllm.reasoning_parser) if parser]
    form = preset.dtype if preset.quantisation == "none" else preset.quantisation
    cells = [
        f"`{preset.name}`",
        _weights(shape.parameters),
        _weights(shape.active_parameters) if shape.active_parameters < shape.parameters else "",
        form,
        "" if preset.download_gib is None else f"{preset.download_gib:,.2f}",
        f"{shape.max_context_tokens:,}",
        f"{shape.kv_bytes_per_token() / 1024:,.0f} KiB" if shape.kind == "decoder" else "",
        ", ".join(parsers),
        preset.licence.removeprefix("LicenseRef-") + (" (gated)" if preset.gated else ""),
    ]
    return f"| {' | '.join(cells)} |\n"


def _weights(count: int) -> str:
    return f"{count / 1e9:,.1f}B" if count >= 1e9 else f"{count / 1e6:,.1f}M"
