"""Amounts: each has one spelling, and a wrong one is answered with the right one."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.stacks.environment.amounts import cores, memory_mib, seconds, whole


@pytest.mark.parametrize(
    ("text", "mib"), [("1MiB", 1), ("8GiB", 8192), ("1.5GiB", 1536), ("2TiB", 2097152), (" 1 GiB ", 1024)]
)
def test_memory(text, mib):
    assert memory_mib(text) == mib


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8G", "unit 'G' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"),
        ("8GB", "unit 'GB' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"),
        ("8Gi", "unit 'Gi' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"),
        ("512M", "unit 'M' is not allowed; write '512MiB' (units: MiB, GiB, TiB)"),
        ("8gib", "unit 'gib' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"),
        ("8", "unit '' is not allowed; write '8GiB' (units: MiB, GiB, TiB)"),
        (8, "is not an amount of memory; write it as '512MiB' or '8GiB'"),
        ("much", "is not an amount of memory; write it as '512MiB' or '8GiB'"),
        ("-8GiB", "is not an amount of memory; write it as '512MiB' or '8GiB'"),
        ("0GiB", "must be a whole number of MiB, above 0"),
        ("0.0001GiB", "must be a whole number of MiB, above 0"),
    ],
)
def test_memory_that_is_refused(text, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        memory_mib(text)


@given(st.integers(1, 10**6), st.sampled_from(["MiB", "GiB", "TiB"]))
def test_memory_is_what_its_unit_says(number, unit):
    assert memory_mib(f"{number}{unit}") * 2**20 == number * {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}[unit]


@pytest.mark.parametrize("parser", [memory_mib, seconds, cores, whole])
@given(text=st.text(max_size=12))
def test_no_text_crashes_a_parser(parser, text):
    with contextlib.suppress(ValueError):
        assert parser(text) is not None


@pytest.mark.parametrize(
    ("text", "want"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1d12h", 129600), ("1h1s", 3601)]
)
def test_duration(text, want):
    assert seconds(text) == want


@pytest.mark.parametrize("text", ["", "2", 2, "2 hours", "h", "1s1h", "-1h", "1.5h", None])
def test_duration_that_is_refused(text):
    with pytest.raises(ValueError, match="not a duration; write it as '90s', '30m', '2h' or '1d12h'"):
        seconds(text)


def test_no_time_is_no_duration():
    with pytest.raises(ValueError, match="must be longer than 0"):
        seconds("0s")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 100), st.integers(0, 100))
def test_durations_add_up(days, hours, minutes, rest):
    total = days * 86400 + hours * 3600 + minutes * 60 + rest
    if total:
        assert seconds(f"{days}d{hours}h{minutes}m{rest}s") == total


@pytest.mark.parametrize(("value", "want"), [(2, 2.0), (0.5, 0.5), ("0.3", 0.3), ("2", 2.0), (0.001, 0.001)])
def test_cores(value, want):
    assert cores(value) == want


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("500m", "write cores as a number: 0.5"),
        ("two", "is not a number of cores; write it as 2 or 0.5"),
        (None, "is not a number of cores; write it as 2 or 0.5"),
        (0, "must be above 0, in steps of 0.001"),
        (-1, "must be above 0, in steps of 0.001"),
        (0.0005, "must be above 0, in steps of 0.001"),
        (True, "must be above 0, in steps of 0.001"),
        ("nan", "must be above 0, in steps of 0.001"),
        ("inf", "must be above 0, in steps of 0.001"),
    ],
)
def test_cores_that_are_refused(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cores(value)


@given(st.integers(1, 10**6))
def test_cores_are_exact_to_the_thousandth(millis):
    assert round(cores(millis / 1000) * 1000) == millis


@pytest.mark.parametrize(("value", "want"), [(2, 2), (2.0, 2), ("2", 2), (0, 0)])
def test_whole_numbers_as_pulumi_may_bring_them(value, want):
    assert whole(value) == want


@pytest.mark.parametrize("value", [True, 1.5, "1.5", "", None, "two"])
def test_what_is_no_whole_number(value):
    with pytest.raises(ValueError, match="expected a whole number"):
        whole(value)
