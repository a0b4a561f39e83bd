"""The repository keeps the house rules of docs/glossary.md and docs/design.md."""

import pytest

from tools.house import rules
from tools.house.source import PRODUCT, python_files

SOURCES = list(python_files())
MOST_LOCAL_IMPORTS = 20
"""Imports inside functions, outside of the command line and the tests: each has its reason beside it."""


@pytest.mark.parametrize("rule", [rules.riddles, rules.pronoun_names], ids=lambda rule: rule.__name__)
def test_the_code_is_plain_english(rule):
    assert [str(finding) for source in SOURCES for finding in rule(source)] == []


def test_few_imports_stand_in_functions():
    outside = [source for source in SOURCES if source.room not in ("cli", "tests")]

    assert len([finding for source in outside for finding in rules.local_imports(source)]) <= MOST_LOCAL_IMPORTS


def test_product_files_are_short():
    product = [source for source in SOURCES if source.room in PRODUCT]

    assert [str(finding) for source in product for finding in rules.long_files(source)] == []


def test_names_of_tests_fit_on_a_line():
    long = [finding for source in SOURCES if source.room == "tests" for finding in rules.long_test_names(source)]

    assert [str(finding) for finding in long] == []
