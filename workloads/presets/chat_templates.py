"""Chat templates, which turn a conversation into a prompt, for models whose tokenizer brings none.

A preset names one of these:

    tokenizer        the template in the published ``tokenizer_config.json`` or ``chat_template.jinja``
    engine           a tokenizer mode of vLLM builds the prompt (``tokenizer-mode: mistral``, ``deepseek_v32``,
                     ``deepseek_v4``); a template that is published beside it is not used
    a name below     a template of ours, where the tokenizer brings none at the pinned revision
    a text           a Jinja template, in a preset of one's own

A model that was never taught a format (variant ``base``) names none.
"""

from modelyard.workloads.suggestions import suggest

TOKENIZER, ENGINE = "tokenizer", "engine"

TEMPLATES: dict[str, str] = {
    # Falcon was taught "User: ..." and "Assistant: ..." between empty lines, so that none may stand inside a message.
    # Its tokenizer got a template later than the revisions that kaito, and the presets, pin.
    "falcon-instruct": (
        "{%- for message in messages -%}"
        "{%- set text = message['content'] | trim | replace('\\r\\n', '\\n') | replace('\\n\\n', '\\n') -%}"
        "{{- text if message['role'] == 'system' else '\\n\\n' ~ (message['role'] | capitalize) ~ ': ' ~ text -}}"
        "{%- endfor -%}"
        "{{- '\\n\\nAssistant:' if add_generation_prompt else '' -}}"
    ),
}
"""Our templates by name: Jinja, with ``messages`` and ``add_generation_prompt`` as transformers gives them."""


def validate_template(name: str | None) -> str | None:
    """Return the name or the text of a template.

    Raises:
        ValueError: it is neither; the message suggests the nearest name.
    """
    names = (TOKENIZER, ENGINE, *TEMPLATES)
    if name is None or name in names or "{{" in name or "{%" in name:
        return name
    hint = suggest(name, names, most=1)
    raise ValueError(f"no template {name!r}, and no Jinja text; {hint}")


def find_template_text(name: str | None) -> str | None:
    """Return the template's text; None if the tokenizer or the engine has it, or if there is none."""
    if name is None or name in {TOKENIZER, ENGINE}:
        return None
    return TEMPLATES.get(name, name)
