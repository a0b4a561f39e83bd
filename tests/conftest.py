"""Fixtures of every suite. Only the standard library and pytest: three virtual environments load this file."""

import pytest


@pytest.fixture(autouse=True)
def _no_person_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own Pulumi and Kubernetes settings must not reach a test, nor a test's calls their clusters."""
    for name in ("KUBECONFIG", "PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL", "PULUMI_STACK"):
        monkeypatch.delenv(name, raising=False)
