"""Prompt of a conversation, by the tokenizer's chat template, the preset's, or a plain default."""

from typing import Any

from transformers import PreTrainedTokenizerFast

DEFAULT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
"""Transcript, for models that know no format: one line per message, and the beginning of the answer's line."""

DEFAULT_STOP = ("\nuser:", "\nsystem:")
"""Texts that end an answer with the default template, after which a model goes on with the next speaker."""


class ChatTemplate:
    """Tokenizer with a chat template: its own, the preset's or the default."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, preset_template: str | None) -> None:
        self._tokenizer = tokenizer
        own: Any = tokenizer.chat_template  # of type str, unless a tokenizer has several
        self._template = own or preset_template or DEFAULT_TEMPLATE
        self.stop: tuple[str, ...] = DEFAULT_STOP if self._template == DEFAULT_TEMPLATE else ()
        """Texts that end an answer besides the model's own end of text."""

    def prompt(self, messages: list[dict[str, str]]) -> str:
        """Return the text that the model continues with the answer."""
        return str(
            self._tokenizer.apply_chat_template(
                messages, chat_template=self._template, add_generation_prompt=True, tokenize=False
            )
        )
