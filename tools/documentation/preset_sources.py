"""Table of the sources of each preset's facts."""

from typing import get_args

from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import Preset
from modelyard.workloads.presets.sources import SOURCES, SourcedFact

FIELDS: tuple[SourcedFact, ...] = get_args(SourcedFact)

NONE = "none"
"""Mark of a fact without a source."""


def find_source(preset: Preset, field: SourcedFact) -> str:
    """Return the source of a fact; `NONE` for a fact without one, empty where the preset states none."""
    vllm = preset.runtimes.vllm
    stated = {
        "revision": preset.revision != "main",
        "download": preset.download_gib is not None,
        "tool_call_parser": vllm is not None and vllm.tool_call_parser is not None,
        "reasoning_parser": vllm is not None and vllm.reasoning_parser is not None,
    }
    if not stated.get(field, preset.huggingface_id is not None):
        return ""
    if field == "download" and "download" not in preset.sources:
        return "computed"
    return preset.sources.get(field, NONE)


def render_page() -> str:
    """Render the page: sources by their short names, a row per preset, and the count of facts without one."""
    loaded = [presets.load(name) for name in presets.list_names()]
    lines = [
        "<!-- Generated: `python -m tools.documentation`. Edit workloads/presets/models instead. -->",
        "",
        "# Sources of the facts in presets",
        "",
        "Short names of the sources, which a preset's `sources` gives field by field:",
        "",
        *(f"- `{name}`: {origin}" for name, origin in SOURCES.items()),
        "",
        "`none`: written from general knowledge of the model. `computed`: from the shape and the published form.",
        "Every shape is also built with transformers and its weights counted there.",
        "",
        f"| preset | {' | '.join(field.replace('_', ' ') for field in FIELDS)} |",
        f"|---|{'---|' * len(FIELDS)}",
        *(f"| `{preset.name}` | {' | '.join(find_source(preset, field) for field in FIELDS)} |" for preset in loaded),
        "",
    ]
    counts = {field: sum(find_source(preset, field) == NONE for preset in loaded) for field in FIELDS}
    missing = ", ".join(f"{field.replace('_', ' ')} {count}" for field, count in counts.items() if count)
    lines.append(f"Without a source: {missing}.")
    return "\n".join(lines) + "\n"
