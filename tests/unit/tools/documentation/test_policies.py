"""The page of the policies names every rule and setting."""

from modelyard.policies.rules import RULES, Settings

from tools.documentation.policies import render_page


def test_every_rule_and_every_setting_is_on_the_page():
    page = render_page()

    assert all(f"| `{name}` | " in page for name in RULES)
    assert all(f"| `{field.alias}` | " in page for field in Settings.model_fields.values())


def test_every_rule_gives_requirement_reason_and_fix():
    for rule in RULES.values():
        for text in (rule.requirement, rule.reason, rule.fix):
            assert text.endswith("."), (rule.name, text)
        assert rule.source, rule.name
