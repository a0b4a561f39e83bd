"""How a conversation becomes a prompt: which models' tokenizers bring a template, and templates for those without.

A preset names one of these:

    tokenizer        the template in the published ``tokenizer_config.json`` or ``chat_template.jinja``
    engine           a tokenizer mode of vLLM builds the prompt (``tokenizer-mode: mistral``, ``deepseek_v32``,
                     ``deepseek_v4``); a template that is published beside it is not used
    a name below     a template of ours, where the tokenizer brings none at the pinned revision
    a text           a Jinja template, in a preset of one's own

A model that was never taught a format (variant ``base``) names none.
"""

from difflib import get_close_matches

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
"""Templates of ours, by name: Jinja, with ``messages`` and ``add_generation_prompt`` as transformers gives them."""


def known(name: str | None) -> str | None:
    """The name of a template, or a template's text.

    Raises:
        ValueError: it is neither; the nearest name is suggested.
    """
    names = (TOKENIZER, ENGINE, *TEMPLATES)
    if name is None or name in names or "{{" in name or "{%" in name:
        return name
    close = get_close_matches(name, names, n=1)
    nearest = f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}, and a Jinja template's text"
    raise ValueError(f"no template {name!r}; {nearest}")


def text(name: str | None) -> str | None:
    """The template's text; None where the tokenizer or the engine has it, or where there is none."""
    if name is None or name in {TOKENIZER, ENGINE}:
        return None
    return TEMPLATES.get(name, name)
