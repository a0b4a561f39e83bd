"""One way to break one rule, for the tables of the tests."""

from dataclasses import dataclass, field
from typing import Any


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
