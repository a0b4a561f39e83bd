"""Tables of ways to break one rule, and the rule that a message names."""

from dataclasses import dataclass, field
from typing import Any

HEAD = "spec|rayClusterSpec|headGroupSpec|template|spec"
WORKER = "spec|rayClusterSpec|workerGroupSpecs|0|template|spec"
CLOUD_KEY = "AKIA" + "IOSFODNN7EXAMPLE"  # split, so that scanners of this repository do not report it


@dataclass(frozen=True)
class Case:
    """A change to the good resource of `token` that breaks `rule`; the message must have `where` and `says`."""

    rule: str
    token: str
    path: str
    value: Any
    where: str
    says: str
    config: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}-{self.token.rsplit(':', 1)[1]}-{self.path.split('|')[-1]}"


def rule_of(message: str) -> str:
    """Return the rule's name out of `<description of the policy>\\n[<rule>, <severity>] …`."""
    return message.split("\n", 1)[1].split(",", 1)[0].removeprefix("[") if "\n[" in message else message
