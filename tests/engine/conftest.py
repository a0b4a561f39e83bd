"""Fixtures of all suites that run the real Pulumi engine."""

from collections.abc import Iterator

import pulumi  # noqa: F401 - before tools.plugins.protocol, which would register a bare package in its place
import pytest

from tests.engine.api_server import ApiServer, running
from tools import plugins


@pytest.fixture(scope="session", autouse=True)
def installed_plugins() -> None:
    """Links to the offline plugins as this commit has them: a checkout may have moved since its last set-up."""
    plugins.install()


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    """A real Kubernetes API without nodes, shared by all tests of a run; each test uses names of its own."""
    with running() as server:
        yield server
