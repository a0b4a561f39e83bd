"""How a rule of AKS is told to somebody whose cluster breaks it."""

from typing import Any


class AksRuleError(ValueError):
    """A cluster breaks a rule of Azure; the message names cluster, argument, value, rule, and where it is written."""

    def __init__(self, cluster: str, argument: str, value: Any, rule: str, source: str) -> None:
        self.cluster, self.argument, self.value, self.rule, self.source = cluster, argument, value, rule, source
        super().__init__(f"AKS cluster {cluster!r}: {argument} = {value!r}: {rule} ({source})")
