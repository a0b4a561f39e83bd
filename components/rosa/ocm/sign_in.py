"""Whether OCM will let us in, asked before anything is made: one request, and seconds instead of half a cluster.

    if not pulumi.runtime.is_dry_run():
        check_sign_in()

The dynamic providers find the same credentials in the same places; without this check the first of them would refuse,
while network and roles are being made beside it.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
import pulumi
from modelyard.components.rosa.ocm import credentials
from modelyard.components.rosa.ocm.access_token import TOKEN_URL, TokenSource, utc_now
from modelyard.components.rosa.ocm.credentials import Configuration
from modelyard.components.rosa.ocm.tls import trust

TIMEOUT = 10.0
"""Seconds for single sign-on to answer."""


def check_sign_in(
    environment: Mapping[str, str] | None = None,
    configuration: Configuration | None = None,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Nothing, if there are credentials and Red Hat's single sign-on takes them.

    Args:
        environment: where credentials are looked for first; None is that of this process.
        configuration: where they are looked for next; None is the stack's.
        transport: what carries the request; None is the network.
        clock: the time.

    Raises:
        TokenError: there are none, they have expired, or they are refused; the message says what to set.
        UnreachableError: single sign-on gives no answer.
    """
    found = os.environ if environment is None else environment
    who = credentials.find(found, StackConfiguration() if configuration is None else configuration)
    credentials.check(who, clock())
    with httpx.Client(transport=transport, verify=trust(), timeout=TIMEOUT) as http:
        TokenSource(who, http, url=found.get("RHCS_TOKEN_URL", TOKEN_URL), clock=clock).token()


class StackConfiguration:
    """The stack's configuration, inside a program."""

    def get(self, key: str) -> Any:
        """The value, or None. Secrets come in clear, as they do to a provider."""
        return pulumi.runtime.get_config(key)
