"""Fixture of Azure's components."""

from typing import Any

import pulumi
import pytest


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, pulumi.ResourceOptions]:
    """Options of each resource that is registered, by `Kind name`."""
    recorded: dict[str, pulumi.ResourceOptions] = {}
    original = pulumi.CustomResource.__init__

    def init(self: Any, token: str, name: str, *args: Any, **kwargs: Any) -> None:
        opts = next(arg for arg in (*args, *kwargs.values()) if isinstance(arg, pulumi.ResourceOptions))
        recorded[f"{token.rpartition(':')[2]} {name}"] = opts
        original(self, token, name, *args, **kwargs)

    monkeypatch.setattr(pulumi.CustomResource, "__init__", init)
    return recorded
