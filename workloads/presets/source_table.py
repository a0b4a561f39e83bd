"""The table of sources in the documentation: where each preset's facts were read.

    python -m modelyard.workloads.presets.source_table > docs/presets-sources.md

writes it anew.
"""

import sys
from typing import get_args

from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.preset import Preset
from modelyard.workloads.presets.sources import SOURCES, Sourced

FIELDS: tuple[Sourced, ...] = get_args(Sourced)

NONE = "none"
"""The preset says something that no source is given for."""


def source_of(preset: Preset, field: Sourced) -> str:
    """The source of a field; `NONE` where the field says something without one, nothing where it says nothing."""
    vllm = preset.runtimes.vllm
    said = {
        "revision": preset.revision != "main",
        "download": preset.download_gib is not None,
        "tool_call_parser": vllm is not None and vllm.tool_call_parser is not None,
        "reasoning_parser": vllm is not None and vllm.reasoning_parser is not None,
    }
    if not said.get(field, preset.huggingface_id is not None):
        return ""
    if field == "download" and "download" not in preset.sources:
        return "computed"
    return preset.sources.get(field, NONE)


def table() -> str:
    """The page: sources by their short names, a row per preset, and how many facts have none."""
    loaded = [presets.load(name) for name in presets.names()]
    lines = [
        "<!-- Generated: python -m modelyard.workloads.presets.source_table > docs/presets-sources.md -->",
        "",
        "# Where the facts in presets were read",
        "",
        "Short names of the sources, which a preset's `sources` gives field by field:",
        "",
        *(f"- `{name}`: {place}" for name, place in SOURCES.items()),
        "",
        "`none`: written from general knowledge of the model. `computed`: from the shape and the published form.",
        "Every shape is also built with transformers and its weights counted there.",
        "",
        f"| preset | {' | '.join(field.replace('_', ' ') for field in FIELDS)} |",
        f"|---|{'---|' * len(FIELDS)}",
        *(f"| `{one.name}` | {' | '.join(source_of(one, field) for field in FIELDS)} |" for one in loaded),
        "",
    ]
    counts = {field: sum(source_of(one, field) == NONE for one in loaded) for field in FIELDS}
    missing = ", ".join(f"{field.replace('_', ' ')} {count}" for field, count in counts.items() if count)
    lines.append(f"Without a source: {missing}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
