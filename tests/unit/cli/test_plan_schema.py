"""Published form of a plan: the file is current, and the command's output follows it."""

import json
from pathlib import Path

import jsonschema
import pytest

from tools.documentation import planner_schema as schema

FILE = Path(__file__).parents[3] / "docs" / "planner-schema.json"


def test_the_schema_file_is_current():
    assert FILE.read_text() == schema.render_schema(), "python -m tools.documentation"


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema.build_schema())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--preset", "gpt2"],
        ["--preset", "deepseek-v3.2", "--cloud", "aws", "--concurrency", "4"],
        ["--weights-gib", "9", "--kv-bytes-per-token", "9", "--spot"],
        ["--preset", "llama-3.1-8b", "--estimator", "kaito"],
        ["--preset", "gpt2", "--task", "lora"],
    ],
    ids=" ".join,
)
def test_printed_json_follows_the_schema(modelyard, arguments):
    output = json.loads(modelyard("plan", *arguments, "--json").out)
    jsonschema.validate(output, schema.build_schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_refuses_unknown_fields(modelyard):
    output = json.loads(modelyard("plan", "--preset", "gpt2", "--sku", "g5.xlarge", "--json").out)
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.validate({**output, "colour": "blue"}, schema.build_schema(), cls=jsonschema.Draft202012Validator)
