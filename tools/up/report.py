"""Result of `make up`: a table for a person, the same facts as JSON for a script."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.cluster.state import write_private


@dataclass(kw_only=True)
class Report:
    """Facts of one `make up`; the field names are those of `.local/up.json`."""

    stack: str
    resources: int = 0
    """Resources in the stack."""
    changed: int = 0
    """Resources that this run created, updated or replaced."""
    kubeconfig: str = ""
    perplexity_before: float | None = None
    """Perplexity on held-out text of the model that the fine-tune started from."""
    perplexity_after: float | None = None
    checkpoint: str | None = None
    """Folder that `transformers` loads the fine-tuned model from."""
    endpoint: str | None = None
    """Base URL of the OpenAI-compatible server."""
    model: str | None = None
    """Name of the served model at the endpoint."""
    question: str | None = None
    answer: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    """Duration of each stage."""

    def write(self, file: Path) -> None:
        """Write the facts as JSON."""
        write_private(file, json.dumps(asdict(self), indent=2) + "\n")

    def show(self, console: Console, next_steps: dict[str, str]) -> None:
        """Print the facts as a table, and the commands to type next."""
        table = Table(title=f"modelyard: stack {self.stack}", show_header=False, title_justify="left")
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in self._rows():
            table.add_row(name, value)
        console.print(table)
        console.print("next:", style="bold")
        for purpose, command in next_steps.items():
            # Not wrapped: a command must survive being copied.
            console.print(f"  # {purpose}\n  {command}", highlight=False, soft_wrap=True)

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("resources", f"{self.resources} in the stack, {self.changed} changed by this run"),
            ("kubeconfig", self.kubeconfig),
        ]
        if self.perplexity_before is not None and self.perplexity_after is not None:
            change = f"{self.perplexity_before:.1f} → {self.perplexity_after:.1f} on held-out text"
            rows.append(("perplexity", f"{change} ({self.perplexity_before / self.perplexity_after:.1f}x lower)"))
        if self.checkpoint:
            rows.append(("checkpoint", self.checkpoint))
        if self.endpoint:
            rows.append(("endpoint", self.endpoint))
        if self.answer is not None:
            rows.append(("asked", self.question or ""))
            # On one line: a model in miniature often answers with empty lines.
            rows.append(("answered", " ".join(self.answer.split())))
        total = sum(self.seconds.values())
        rows.append(("seconds", f"{total:.0f}: " + ", ".join(f"{k} {v:.0f}" for k, v in self.seconds.items())))
        return rows
