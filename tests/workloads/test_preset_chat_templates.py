"""Chat templates of ours, rendered as transformers renders them."""

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from modelyard.workloads.presets import preset as presets
from modelyard.workloads.presets.chat_templates import TEMPLATES

pytestmark = pytest.mark.workloads

CONVERSATION = [
    {"role": "system", "content": " Be short. "},
    {"role": "user", "content": "Who are you?\r\n\r\nSay it in one line."},
    {"role": "assistant", "content": "A model."},
    {"role": "user", "content": "Thanks."},
]


def rendered(template: str | None, messages: list[dict[str, str]], *, answer: bool) -> str:
    assert template is not None
    # transformers 5.23, utils/chat_template_utils.py: the sandbox, and blocks that leave no line behind.
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(messages=messages, add_generation_prompt=answer)


@pytest.mark.parametrize("name", ["falcon-7b-instruct", "falcon-40b-instruct"])
def test_a_conversation_with_falcon_is_in_the_form_it_was_taught(name: str):
    template = presets.load(name).template
    assert rendered(template, CONVERSATION, answer=True) == (
        "Be short.\n\nUser: Who are you?\nSay it in one line.\n\nAssistant: A model.\n\nUser: Thanks.\n\nAssistant:"
    )
    assert rendered(template, CONVERSATION[1:3], answer=False) == (
        "\n\nUser: Who are you?\nSay it in one line.\n\nAssistant: A model."
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_own_template_shows_messages_and_begins_the_answer(name: str):
    words = ["first", "second", "third"]
    messages = [
        {"role": role, "content": word} for role, word in zip(("user", "assistant", "user"), words, strict=True)
    ]
    text = rendered(TEMPLATES[name], messages, answer=True)
    assert [text.count(word) for word in words] == [1, 1, 1]
    assert sorted(words, key=text.index) == words
    assert text != rendered(TEMPLATES[name], messages, answer=False)
