"""Any options of `modelyard plan`: a plan, a no, or one sentence; never a traceback or broken JSON."""

import contextlib
import io
import json
import sys
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelyard.cli.main import main

NUMBERS = st.sampled_from(["1", "2", "16", "1000", "2048"] * 4 + ["0", "-1", "nan", "inf", "-inf", "1e400", "", "abc"])
OPTIONS = {
    "--weights-gib": NUMBERS,
    "--parameters": NUMBERS,
    "--kv-bytes-per-token": NUMBERS,
    "--context": NUMBERS,
    "--concurrency": NUMBERS,
    "--max-usd-per-hour": NUMBERS,
    "--max-nodes": NUMBERS,
    "--epochs": NUMBERS,
    "--batch": NUMBERS,
    "--sequence": NUMBERS,
    "--cloud": st.sampled_from(["azure", "aws", "any"]),
    "--sku": st.sampled_from(["g5.xlarge", "Standard_NC24ads_A100_v4", "generic-8xh200", "nope", ""]),
    "--region": st.sampled_from(["westeurope", "us-east-1", "eu-west-1", "", "mars"]),
    "--estimator": st.sampled_from(["kaito", "modelyard"]),
    "--quantisation": st.sampled_from(["none", "int8", "awq-int4", "fp8", "mxfp4", ""]),
    "--sharding": st.sampled_from(["none", "zero1", "fsdp"]),
}
TASKS = st.sampled_from(["serve", "batch", "full", "lora", "qlora", "prompt", "prefix"])
PRESETS = st.sampled_from(["gpt2", "llama-3.1-8b", "gpt-oss-20b", "deepseek-v3.2", "bge-m3", "stable-diffusion-v1-5"])


def not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@given(
    preset=st.none() | PRESETS,
    task=TASKS,
    options=st.lists(st.sampled_from(sorted(OPTIONS)).flatmap(lambda name: st.tuples(st.just(name), OPTIONS[name]))),
    flags=st.sets(st.sampled_from(["--spot", "--json", "--all"])),
)
@settings(max_examples=60, deadline=None)
def test_any_options_end_with_a_known_exit_code(preset, task, options, flags):
    arguments = ["plan", "--task", task, *(["--preset", preset] if preset else []), *sorted(flags)]
    arguments += [part for option in options[:4] for part in option]
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["modelyard", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as exit_info,
    ):
        main()
    code = exit_info.value.code or 0
    assert code in {0, 1, 2}
    assert bool(out.getvalue()) == (code != 2)
    assert bool(err.getvalue()) or code != 2
    if code != 2 and "--json" in flags:
        fits = [candidate["fits"] for candidate in json.loads(out.getvalue(), parse_constant=not_json)["candidates"]]
        assert any(fits) == (code == 0)
