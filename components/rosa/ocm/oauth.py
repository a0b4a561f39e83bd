"""A token of a cluster's own OAuth server for a user with a password, by the way that `oc login` takes.

OpenShift's OAuth server answers a challenge: basic authentication on `/oauth/authorize` for the public client
`openshift-challenging-client`, and a redirect whose fragment has the token (OpenShift documentation, "Internal OAuth
server"). Not tried against a live cluster.
"""

from urllib.parse import parse_qs, urlsplit

import httpx
from modelyard.components.rosa.ocm.errors import UnreachableError
from modelyard.components.rosa.ocm.tls import trust

CLIENT = "openshift-challenging-client"
DISCOVERY = "/.well-known/oauth-authorization-server"


def challenge(api_url: str, username: str, password: str, transport: httpx.BaseTransport | None = None) -> str | None:
    """A token; None as long as the server does not know the user: a new identity provider takes minutes.

    Raises:
        UnreachableError: no answer, or one that is no token.
    """
    with httpx.Client(transport=transport, verify=trust(), timeout=30.0) as http:
        try:
            told = http.get(f"{api_url}{DISCOVERY}")
            endpoint = told.json()["authorization_endpoint"]
            answer = http.get(
                endpoint,
                params={"response_type": "token", "client_id": CLIENT},
                headers={"X-CSRF-Token": "1"},
                auth=httpx.BasicAuth(username, password),
            )
        except (httpx.HTTPError, ValueError, KeyError) as wrong:
            # Not chained: the exception holds the request, and the request holds the password.
            raise UnreachableError(f"the OAuth server of {api_url} gives no answer: {type(wrong).__name__}") from None
    if answer.status_code == 401:
        return None
    fragment = parse_qs(urlsplit(answer.headers.get("Location", "")).fragment)
    if answer.status_code != 302 or not fragment.get("access_token"):
        raise UnreachableError(f"the OAuth server of {api_url} answers {answer.status_code} without a token")
    return fragment["access_token"][0]
