"""docs/environment.md is what the models say."""

from pathlib import Path

from modelyard.stacks.environment.reference import markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "environment.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == markdown(), "run: python -m modelyard.stacks.environment.reference > docs/environment.md"
