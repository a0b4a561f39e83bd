import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.plugins.kubernetes.quantities import duration_seconds, is_equivalent, quantity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1000m", "1"),
        ("1000m", 1),
        ("1Gi", "1024Mi"),
        ("1e3", "1k"),
        ("0.5", "500m"),
        ("300s", "5m0s"),
        ("1h30m", "90m"),
        ("1500ms", "1.5s"),
        (2, 2.0),
        ("a", "a"),
        (None, None),
    ],
)
def test_spellings_of_one_value(one, other):
    assert is_equivalent(one, other)
    assert is_equivalent(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "2"),
        ("1G", "1Gi"),
        ("5m", "5s"),
        ("a", "b"),
        (True, 1),
        ("true", True),
        ("", "0"),
        (None, "0"),
        ("1x", "1"),
    ],
)
def test_different_values(one, other):
    assert not is_equivalent(one, other)


@given(st.integers(min_value=0, max_value=10**9))
def test_milli_units_are_thousandths(number):
    assert quantity(f"{number * 1000}m") == quantity(number) == number


@given(st.integers(min_value=0, max_value=10**6))
def test_durations_add_up(seconds):
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)

    assert duration_seconds(f"{hours}h{minutes}m{left}s") == seconds


@given(st.text(max_size=10))
def test_any_text_is_a_value_or_none(text):
    assert quantity(text) is None or quantity(text) == quantity(text)
    seconds = duration_seconds(text)
    assert seconds is None or seconds >= 0
