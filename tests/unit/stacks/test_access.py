"""The program asks for access before anything is made: what is missing is told, and no token ever is."""

import base64
import json
import os
import runpy
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from modelyard.components.testing import SECRET
from modelyard.stacks.deploy import deploy
from modelyard.stacks.platforms.platform import AccessError
from modelyard.stacks.validation.read import read_environment
from modelyard.stacks.validation.validated import ValidatedEnvironment

from tests.components.rosa.ocm.server import FakeOcm
from tests.unit.stacks.conftest import KEY, environment
from tests.unit.stacks.rosa import rosa_engine

EXPIRED = "expired-and-secret"


def token(**claims: Any) -> str:
    """A JSON web token with these claims; its signature is a secret to look for."""
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims))
    return f"{head}.{body}.{EXPIRED}"


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(("RHCS_", "OCM_")):
            monkeypatch.delenv(name)
    yield
    pulumi.runtime.set_all_config({})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "no credentials for OpenShift Cluster Manager"),
        ({"RHCS_CLIENT_ID": "id"}, "RHCS_CLIENT_SECRET is missing"),
        ({"RHCS_TOKEN": "none"}, "not a JSON web token"),
        ({"RHCS_TOKEN": token(typ="Offline", exp=1_700_000_000)}, "the offline token of OCM expired on 2023-11-14"),
        ({"OCM_TOKEN": token(typ="Bearer", exp=1_700_000_000)}, "the access token of OCM expired on 2023-11-14"),
    ],
)
def test_refused_credentials_come_with_the_mend(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AccessError, match=said) as refused:
        authenticate(read_environment(environment("rosa-dev"), "Pulumi.rosa-dev.yaml"))
    assert EXPIRED not in str(refused.value)
    assert "RHCS_CLIENT_" in str(refused.value)


def test_credentials_that_red_hat_takes_are_enough(monkeypatch: pytest.MonkeyPatch):
    with FakeOcm() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        authenticate(read_environment(environment("rosa-dev"), "Pulumi.rosa-dev.yaml"))


def test_login_without_its_secret_is_refused_first():
    with pytest.raises(AccessError, match="pulumi config set --secret modelyard:loginSecret"):
        authenticate(with_login())


def test_a_login_keeps_its_secret():
    engine = rosa_engine(stack="rosa-prod")
    pulumi.runtime.set_config("modelyard:loginSecret", EXPIRED)
    deploy(with_login(), None)
    engine.finish()
    (login,) = [resource.inputs for resource in engine.registered if resource.type.endswith(":IdentityProvider")]

    assert EXPIRED not in repr(engine.registered)
    assert (login["name"], login["open_id"]) == ("entra", SECRET)


def test_other_clusters_need_no_credentials_of_cluster_manager():
    authenticate(read_environment(environment("aks-dev"), "Pulumi.aks-dev.yaml"))


def test_the_program_stops_before_it_registers_anything():
    engine = started(preview=False)
    with pytest.raises(pulumi.RunError, match="no credentials for OpenShift Cluster Manager"):
        runpy.run_module("modelyard.stacks", run_name="__main__")
    engine.finish()
    assert [resource.type for resource in engine.registered] == []


def test_a_preview_needs_no_credentials():
    engine = started(preview=True)
    runpy.run_module("modelyard.stacks", run_name="__main__")
    engine.finish()
    assert "rosa-dev" in engine.names("pulumi-python:dynamic/rosa:HcpCluster")


def authenticate(validated: ValidatedEnvironment) -> None:
    validated.platform.authenticate(validated.environment)


def with_login() -> ValidatedEnvironment:
    given = environment("rosa-prod")
    login = {"name": "entra", "issuer": "https://login.example/v2.0", "client_id": "platform", "groups_claim": "groups"}
    given["cluster"]["rosa"]["login"] = {**login, "admins": ["ada@example.com"]}
    return read_environment(given, "Pulumi.rosa-prod.yaml")


def started(*, preview: bool) -> Any:
    engine = rosa_engine(stack="rosa-dev", preview=preview)
    pulumi.runtime.set_config(KEY, json.dumps(environment("rosa-dev")))
    return engine
