"""OcmClient repeats requests where that is safe, parses answers, and shows no token."""

# ruff: noqa: S311 - pauses are no secrets

import base64
import json
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelyard.components.rosa.ocm.auth import (
    AccessToken,
    OfflineToken,
    ServiceAccount,
    check_credentials,
    find_credentials,
)
from modelyard.components.rosa.ocm.client import CLUSTERS, OIDC_CONFIGS, OcmClient, Timing, cluster_path
from modelyard.components.rosa.ocm.errors import (
    AmbiguousError,
    ApiError,
    InvalidAnswerError,
    NotFoundError,
    TokenError,
    UnreachableError,
)
from modelyard.components.rosa.ocm.models import identities, responses
from modelyard.components.rosa.ocm.retry import Backoff, retry_after

from tests.components.rosa.ocm.server import FakeOcm

ROBOT = ServiceAccount("robot", "very-secret")


def jwt(**claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.very-secret"


def client(ocm: FakeOcm, who=ROBOT, slept: list[float] | None = None, clock=None) -> OcmClient:
    timing = Timing(
        backoff=Backoff(tries=4),
        sleep=(slept if slept is not None else []).append,
        chance=random.Random(7),
        **({"clock": clock} if clock else {}),
    )
    return OcmClient(who, url=ocm.url, token_url=f"{ocm.url}/token", timing=timing)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_read_is_repeated(ocm: FakeOcm, status):
    slept: list[float] = []
    ocm.fault("GET", "/clusters", status=status, times=2)
    assert list(client(ocm, slept=slept).pages(CLUSTERS, responses.Cluster)) == []
    assert len(slept) == 2
    assert all(0 <= pause <= 2 for pause in slept)


def test_retry_after_sets_the_pause(ocm: FakeOcm):
    slept: list[float] = []
    ocm.fault("GET", "/clusters", status=429, headers={"Retry-After": "7"})
    list(client(ocm, slept=slept).pages(CLUSTERS, responses.Cluster))
    assert slept == [7.0]


def test_too_long_retry_after_is_an_error_at_once(ocm: FakeOcm):
    slept: list[float] = []
    ocm.fault("GET", "/clusters", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(ApiError, match="429"):
        list(client(ocm, slept=slept).pages(CLUSTERS, responses.Cluster))
    assert slept == []


def test_number_of_attempts_is_limited(ocm: FakeOcm):
    ocm.fault("GET", "/clusters", status=503, times=99)
    with pytest.raises(ApiError, match="503"):
        list(client(ocm).pages(CLUSTERS, responses.Cluster))
    assert ocm.faults[0].times == 99 - 4


@pytest.mark.parametrize(("status", "sent"), [(500, 1), (502, 1), (429, 2), (503, 2)])
def test_creation_is_repeated_only_if_it_was_not_carried_out(ocm: FakeOcm, status, sent):
    ocm.fault("POST", "/oidc_configs", status=status)
    before = ocm.faults[0].times
    if sent == 1:
        with pytest.raises(AmbiguousError, match="it may have been done"):
            client(ocm).post(OIDC_CONFIGS, identities.NewOidcConfig(), responses.OidcConfig)
    else:
        client(ocm).post(OIDC_CONFIGS, identities.NewOidcConfig(), responses.OidcConfig)
    assert before - ocm.faults[0].times + len(ocm.oidc_configs) == sent


def test_all_pages_of_a_list_are_read(ocm: FakeOcm):
    ocm.oidc_configs = {f"o{number}": {"id": f"o{number}"} for number in range(250)}
    config_ids = [config.id for config in client(ocm).pages(OIDC_CONFIGS, responses.OidcConfig)]
    assert config_ids == list(ocm.oidc_configs)
    assert len([request for request in ocm.requests if request[0] == "GET"]) == 3


def test_token_is_renewed_before_it_ends(ocm: FakeOcm):
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    ocm_client = client(ocm, clock=lambda: now[0])
    for minutes in (0, 10, 4.5, 1):  # 900 s last each, less ocm_client minute of margin
        now[0] += timedelta(minutes=minutes)
        list(ocm_client.pages(CLUSTERS, responses.Cluster))
    assert len(ocm.exchanges) == 2


def test_refused_token_is_renewed_once(ocm: FakeOcm):
    ocm_client = client(ocm)
    list(ocm_client.pages(CLUSTERS, responses.Cluster))
    ocm.tokens.clear()  # revoked
    list(ocm_client.pages(CLUSTERS, responses.Cluster))
    assert len(ocm.exchanges) == 2
    ocm.fault("GET", "/clusters", status=401, times=9)
    with pytest.raises(ApiError, match="401"):
        list(ocm_client.pages(CLUSTERS, responses.Cluster))


@pytest.mark.parametrize("who", [ROBOT, OfflineToken(jwt(typ="Offline"))], ids=["service account", "offline token"])
def test_both_kinds_of_identity_get_a_token(ocm: FakeOcm, who):
    list(client(ocm, who).pages(CLUSTERS, responses.Cluster))
    assert ocm.exchanges[0]["grant_type"] in ("client_credentials", "refresh_token")


def test_api_error_has_id_code_and_operation(ocm: FakeOcm):
    with pytest.raises(NotFoundError) as error:
        client(ocm).get(cluster_path("nowhere"), responses.Cluster)
    refusal = error.value
    assert (refusal.error_id, refusal.code, refusal.operation_id) == ("404", "CLUSTERS-MGMT-404", "op-1")
    assert str(refusal) == (
        "CLUSTERS-MGMT-404: Cluster 'nowhere' not found (GET /api/clusters_mgmt/v1/clusters/nowhere, operation op-1)"
    )


@pytest.mark.parametrize("breaks", ["refused", "hangs up", "token server is down", "wrong secret"])
def test_no_error_shows_a_secret(ocm: FakeOcm, breaks):
    who = ROBOT
    if breaks == "hangs up":
        ocm.fault("POST", "/oidc_configs", hang_up=True)
    if breaks == "refused":
        ocm.fault("POST", "/oidc_configs", status=403)
    if breaks == "token server is down":
        ocm.fault("POST", "/token", status=503, times=9)
    if breaks == "wrong secret":
        who = ServiceAccount("robot", "very-secret-but-wrong")
    with pytest.raises((ApiError, UnreachableError, TokenError)) as error:
        client(ocm, who).post(OIDC_CONFIGS, identities.NewOidcConfig(), responses.OidcConfig)
    chain, seen = error.value, ""
    while chain is not None:
        seen += repr(chain) + str(chain)
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    assert "very-secret" not in seen
    assert "access-1" not in seen
    assert "very-secret" not in repr(who)


def test_malformed_answer_is_an_error():
    transport = httpx.MockTransport(
        lambda request: httpx.Response(
            200, json={"access_token": "a", "expires_in": 900} if "token" in str(request.url) else {"name": "no id"}
        )
    )
    ocm_client = OcmClient(ROBOT, token_url="https://sso.example/token", transport=transport)
    with pytest.raises(InvalidAnswerError, match="the answer is no Cluster: id"):
        ocm_client.get(cluster_path("1"), responses.Cluster)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "no credentials for OpenShift Cluster Manager. Set RHCS_CLIENT_ID"),
        ({"RHCS_CLIENT_ID": "a"}, "RHCS_CLIENT_SECRET is missing"),
        ({"RHCS_CLIENT_SECRET": "very-secret"}, "RHCS_CLIENT_ID is missing"),
        ({"RHCS_TOKEN": "very-secret"}, "not a JSON web token"),
        ({"RHCS_TOKEN": jwt(typ="Bearer", exp=1767225600 - 60)}, "access token of OCM expired on 2025-12-31 at 23:59"),
        ({"RHCS_TOKEN": jwt(typ="Offline", exp=1767225600 - 60)}, "offline token of OCM expired on 2025-12-31"),
    ],
)
def test_missing_or_expired_token_is_refused_without_a_request(environment, message):
    with pytest.raises(TokenError, match=message) as error:
        check_credentials(find_credentials(environment), NOW)
    assert "very-secret" not in str(error.value)


def test_credentials_come_from_environment_or_stack():
    class Stack:
        def get(self, key: str) -> str | None:
            return {"modelyard:ocmToken": jwt(typ="Offline")}.get(key)

    assert find_credentials({"RHCS_CLIENT_ID": "robot", "RHCS_CLIENT_SECRET": "very-secret"}) == ROBOT
    assert isinstance(find_credentials({}, Stack()), OfflineToken)
    assert isinstance(find_credentials({"OCM_TOKEN": jwt(typ="Bearer", exp=1767225600)}, Stack()), AccessToken)


@given(st.integers(0, 10**6), st.integers(1, 8))
def test_pauses_stay_within_growing_limits(seed, tries):
    pauses = list(Backoff(tries=tries).pauses(random.Random(seed)))
    assert len(pauses) == tries - 1
    assert all(0 <= pause <= min(30.0, 2.0**index) for index, pause in enumerate(pauses))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("5", 5.0), ("soon", None), ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0), ("-1", None)],
)
def test_retry_after(header, seconds):
    assert retry_after(header, NOW) == seconds
    assert retry_after("Wed, 31 Dec 2025 00:00:00 GMT", NOW) == 0.0


@given(st.text())
def test_any_retry_after_header_is_read_or_ignored(header):
    seconds = retry_after(header, NOW)
    assert seconds is None or seconds >= 0
