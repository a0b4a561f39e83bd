from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.policies.rules import parse_quantity

# Answers of k8s.io/apimachinery resource.MustParse for the same texts, in the unit of the resource.
KNOWN = {
    "0": 0,
    "500m": Fraction(1, 2),
    "0.5": Fraction(1, 2),
    ".5": Fraction(1, 2),
    "1.": 1,
    "+3": 3,
    "-1": -1,
    "2k": 2000,
    "1Ki": 1024,
    "1.5Gi": 3 * 2**29,
    "8Gi": 8 * 2**30,
    "1G": 10**9,
    "1E": 10**18,
    "1e3": 1000,
    "1E3": 1000,
    "2e-3": Fraction(1, 500),
    "100n": Fraction(1, 10**7),
    "3u": Fraction(3, 10**6),
    "1Ei": 2**60,
}


@pytest.mark.parametrize(("text", "amount"), KNOWN.items())
def test_texts_of_kubernetes_mean_what_they_mean_there(text, amount):
    assert parse_quantity(text) == amount


@pytest.mark.parametrize(
    "value", ["", "8 Gi", "8GB", "8gi", "Gi", "1.2.3", "0x10", "1e", "NaN", "inf", None, True, [], {}]
)
def test_what_is_no_quantity_is_refused_with_an_example(value):
    with pytest.raises(ValueError, match="is not a Kubernetes quantity; write a number with an optional unit, such as"):
        parse_quantity(value)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["", "m", "k", "Ki", "M", "Mi", "Gi", "u", "n"]))
def test_units_scale_exactly_and_equal_amounts_are_equal(number, unit):
    assert parse_quantity(f"{number}{unit}") == number * parse_quantity(f"1{unit}")
    assert parse_quantity(f"{number}k") == parse_quantity(f"{number * 1000}")
    assert parse_quantity(f"{number}") == parse_quantity(f"{number * 1000}m")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_from_the_wire_keep_their_value(number):
    assert float(parse_quantity(number)) == number


@given(st.text())
def test_any_text_is_parsed_or_refused(text):
    try:
        amount = parse_quantity(text)
    except ValueError:
        return
    assert isinstance(amount, Fraction)
