"""How a conversation becomes a prompt: by the tokenizer's chat template, the preset's, or a plain default."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

DEFAULT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
"""A transcript, for models that were never taught a format: one line per message, and the answer's line begun."""

DEFAULT_STOP = ("\nuser:", "\nsystem:")
"""With the default template a model goes on with the next speaker; the answer ends there."""


class ChatTemplate:
    """A tokenizer with a template, wherever the template came from."""

    def __init__(self, tokenizer: "PreTrainedTokenizerFast", preset_template: str | None) -> None:
        self._tokenizer = tokenizer
        self._template = tokenizer.chat_template or preset_template or DEFAULT_TEMPLATE
        self.stop: tuple[str, ...] = DEFAULT_STOP if self._template == DEFAULT_TEMPLATE else ()
        """Texts that end an answer besides the model's own end of text."""

    def prompt(self, messages: list[dict[str, str]]) -> str:
        """The text that the model continues with the answer."""
        return str(
            self._tokenizer.apply_chat_template(
                messages, chat_template=self._template, add_generation_prompt=True, tokenize=False
            )
        )
