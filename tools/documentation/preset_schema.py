"""JSON schema of a preset file.

    python -m tools.documentation.preset_schema > workloads/presets/schema.json

writes it anew; editors that know YAML check a preset while it is written.
"""

import json
import sys
from typing import Any

from modelyard.workloads.presets.preset import Preset


def build_schema() -> dict[str, Any]:
    """Build the schema of one preset file (JSON Schema 2020-12)."""
    generated = Preset.model_json_schema(mode="validation")
    sizes = generated["$defs"]["Architecture"]["properties"]
    sizes["parameters"].pop("default")  # Left out, it is counted.
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated, "title": "modelyard model preset"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n")
