"""Check of the credentials before anything is created: missing or refused ones are reported with the fix."""

from datetime import UTC, datetime

import httpx
import pulumi
import pytest
from modelyard.components.rosa.ocm.auth import FIX
from modelyard.components.rosa.ocm.connection import StackConfiguration, check_sign_in
from modelyard.components.rosa.ocm.errors import TokenError, UnreachableError

from tests.components.rosa.ocm.server import FakeOcm
from tests.components.rosa.ocm.test_client import jwt

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class EmptyConfiguration:
    def get(self, key: str) -> None:
        del key


def at_noon() -> datetime:
    return NOON


def test_accepted_service_account_passes(ocm: FakeOcm):
    check_sign_in(ocm.environment(), EmptyConfiguration())
    assert [form["grant_type"] for form in ocm.exchanges] == ["client_credentials"]
    assert ocm.requests == []


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "no credentials for OpenShift Cluster Manager"),
        ({"RHCS_CLIENT_ID": "robot"}, "RHCS_CLIENT_SECRET is missing"),
        ({"RHCS_TOKEN": "very-secret"}, "is not a JSON web token"),
        (
            {"RHCS_TOKEN": jwt(typ="Offline", exp=NOON.timestamp() - 60)},
            "offline token of OCM expired on 2026-11-21 at 11:59 UTC",
        ),
        ({"RHCS_TOKEN": jwt(typ="Bearer", exp=NOON.timestamp() - 60)}, "access token of OCM expired"),
    ],
    ids=["none", "half a pair", "no token", "expired offline", "expired access"],
)
def test_useless_credentials_are_refused_without_a_request(environment, message):
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"asked {request.url}")

    with pytest.raises(TokenError, match=message) as error:
        check_sign_in(environment, EmptyConfiguration(), transport=httpx.MockTransport(nobody), clock=at_noon)
    assert "very-secret" not in str(error.value)
    if "MISSING" not in message.upper():
        assert FIX in str(error.value)


def test_refused_credentials_are_reported_with_the_fix(ocm: FakeOcm):
    revoked = {**ocm.environment(), "RHCS_CLIENT_SECRET": "old-secret"}
    with pytest.raises(TokenError) as error:
        check_sign_in(revoked, EmptyConfiguration())
    assert "single sign-on refuses the credentials of OCM" in str(error.value)
    assert FIX in str(error.value)
    assert "old-secret" not in str(error.value)


def test_unreachable_single_sign_on_is_no_refusal():
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    with pytest.raises(UnreachableError, match="gives no answer: ConnectError"):
        check_sign_in(
            {"RHCS_CLIENT_ID": "a", "RHCS_CLIENT_SECRET": "very-secret"},
            EmptyConfiguration(),
            transport=httpx.MockTransport(down),
        )


def test_token_in_the_stacks_configuration_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PULUMI_CONFIG", '{"modelyard:ocmToken": "from-the-stack"}')
    assert StackConfiguration().get("modelyard:ocmToken") == "from-the-stack"
    assert StackConfiguration().get("modelyard:ocmClientId") is None
    assert pulumi.runtime.get_config("modelyard:ocmToken") == "from-the-stack"
