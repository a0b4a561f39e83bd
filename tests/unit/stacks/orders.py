"""The options that resources are registered with: what each comes after, what takes it along, what is kept.

orders = Orders(monkeypatch)
composed("aks-prod", kubeconfig)
assert "general" in orders.before("train")
"""

from typing import Any

import pytest
from pulumi.runtime.mocks import MockMonitor


class Orders:
    """Listens to the recorder's monitor, which hands options to nobody else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requests: dict[str, Any] = {}
        register = MockMonitor.RegisterResource

        def listening(monitor: MockMonitor, request: Any) -> Any:
            answer = register(monitor, request)
            self.requests[answer.urn] = request
            return answer

        monkeypatch.setattr(MockMonitor, "RegisterResource", listening)

    def of(self, kind: str) -> dict[str, Any]:
        """Requests for resources whose type ends with `kind`, by the resource's name."""
        return {resource.name: resource for resource in self.requests.values() if resource.type.endswith(f":{kind}")}

    def before(self, urn: str) -> set[str]:
        """URNs of everything that the engine creates before a resource, and deletes after it."""
        found: set[str] = set()
        waiting = [urn]
        while waiting:
            request = self.requests.get(waiting.pop())
            if request is None:
                continue
            for other in [*request.dependencies, *([request.parent] if request.parent else [])]:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def urn(self, kind: str, name: str) -> str:
        """URN of the resource of that name, whose type ends with `kind`."""
        found = [
            urn
            for urn, resource in self.requests.items()
            if resource.type.endswith(f":{kind}") and resource.name == name
        ]
        assert len(found) == 1, (kind, name, found)
        return found[0]
