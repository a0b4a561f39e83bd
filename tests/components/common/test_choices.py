"""Closed choices, with their texts and the nearest one, and ranges of numbers."""

import enum
from typing import Any

import pytest
from modelyard.components.common.choices import validate_choice, validate_range
from modelyard.components.common.errors import ArgumentError


class Size(enum.Enum):
    SMALL = "Small"
    LARGE = "Large"


@pytest.mark.parametrize("value", [Size.SMALL, "Small"])
def test_a_member_and_its_text_are_accepted(value: Any):
    assert validate_choice("pool", "size", value, Size) is Size.SMALL


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("smal", "pool: size = 'smal': must be one of Small, Large; did you mean 'Small'? (a source)"),
        ("LARGE", "pool: size = 'LARGE': must be one of Small, Large; did you mean 'Large'? (a source)"),
        ("other", "pool: size = 'other': must be one of Small, Large (a source)"),
        (1, "pool: size = 1: must be one of Small, Large (a source)"),
        ([], "pool: size = []: must be one of Small, Large (a source)"),
    ],
)
def test_any_other_value_is_refused(value: Any, message: str):
    with pytest.raises(ArgumentError) as error:
        validate_choice("pool", "size", value, Size, "a source")
    assert str(error.value) == message


def test_both_limits_of_a_range_are_accepted():
    assert [validate_range("pool", "disk_gib", value, (64, 128)) for value in (64, 65.0, 128)] == [64, 65, 128]


@pytest.mark.parametrize("value", [63, 129, 128.5])
def test_a_number_out_of_range_is_refused(value: float):
    with pytest.raises(ArgumentError) as error:
        validate_range("pool", "disk_gib", value, (64, 128), "a source")
    assert str(error.value) == f"pool: disk_gib = {value}: must be 64 to 128 (a source)"
