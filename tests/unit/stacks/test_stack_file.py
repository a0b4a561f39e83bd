"""Stack files that are no YAML, or hold no environment: the file, the line and the mend are named."""

from pathlib import Path

import pytest
from modelyard.stacks.validation.messages import EnvironmentFileError
from modelyard.stacks.validation.stack_file import read_config

ENVIRONMENT = "config:\n  modelyard:environment:\n    name: a\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"config:\n\ta: 1\n", "line 2, column 1: not YAML: ", id="a tab"),
        pytest.param(
            b"config:\n\ta: 1\n",
            "line 2, column 1: not YAML: found character that cannot start any token; "
            "indent with spaces instead of tabs",
            id="a tab, with the mend",
        ),
        pytest.param(b"config: 2026-13-45\n", "not YAML: month must be in 1..12", id="a date that is none"),
        pytest.param(b"config: " + b"9" * 5000, "not YAML: Exceeds the limit", id="a number without end"),
        pytest.param(
            b"config: \0\n",
            "not YAML: unacceptable character #x0000: control characters are not allowed in ",
            id="a control character",
        ),
        pytest.param(b"config: [a\n", "line 2, column 1: not YAML: ", id="an open bracket"),
        pytest.param(
            "owner: Jos\u00e9".encode("latin-1"), "must be UTF-8, and the byte at 10 is not; save", id="latin-1"
        ),
        pytest.param(b"just text\n", "config: expected an object of keys and values; add the environment", id="text"),
        pytest.param(
            b"configuration:\n  a: 1\n",
            "config: expected an object of keys and values; rename 'configuration' to 'config'",
            id="a key that is nearly config",
        ),
        pytest.param(
            b"config:\n  modelyard:enviroment: {}\n",
            "config.modelyard:environment: expected an object of keys and values; rename 'modelyard:enviroment' to",
            id="a key that is nearly the environment",
        ),
        pytest.param(f"{ENVIRONMENT}    name: b\n".encode(), "line 4, column 5: ", id="a key that stands twice"),
    ],
)
def test_refusals_name_the_file_and_the_mend(tmp_path: Path, content: bytes, line: str):
    file = tmp_path / "Pulumi.a.yaml"
    file.write_bytes(content)
    with pytest.raises(EnvironmentFileError) as refused:
        read_config(file)
    assert str(refused.value).startswith(f"Pulumi.a.yaml: {line}")


def test_marks_and_line_ends_of_other_systems_are_read(tmp_path: Path):
    file = tmp_path / "Pulumi.a.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + ENVIRONMENT.replace("\n", "\r\n").encode())
    assert read_config(file) == {"modelyard:environment": {"name": "a"}}
