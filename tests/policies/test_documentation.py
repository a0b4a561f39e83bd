from pathlib import Path

from modelyard.policies.rules import RULES, Settings
from modelyard.policies.rules.documentation import markdown

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == markdown(), "run: python -m modelyard.policies.rules --markdown > docs/policies.md"


def test_every_rule_and_every_setting_is_on_the_page():
    page = markdown()

    assert all(f"| `{name}` | " in page for name in RULES)
    assert all(f"| `{field.alias}` | " in page for field in Settings.model_fields.values())


def test_every_rule_tells_what_why_and_how_in_a_sentence():
    for rule in RULES.values():
        for text in (rule.requirement, rule.reason, rule.fix):
            assert text.endswith("."), (rule.name, text)
        assert rule.source, rule.name
