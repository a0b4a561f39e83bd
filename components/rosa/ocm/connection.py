"""Connection of a process to OCM: credentials, addresses and pace from its environment and the stack's configuration.

| variable | meaning |
|---|---|
| `RHCS_CLIENT_ID`, `RHCS_CLIENT_SECRET` | a service account |
| `RHCS_TOKEN` or `OCM_TOKEN` | an offline token |
| `RHCS_URL`, `RHCS_TOKEN_URL` | other addresses than Red Hat's production |
| `MODELYARD_OCM_SECONDS` | seconds between two looks of a wait (default 20); all other pauses follow it |

The names are those of the Terraform provider rhcs.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pulumi
from modelyard.components.rosa.ocm.auth import (
    TOKEN_URL,
    Configuration,
    TokenSource,
    check_credentials,
    find_credentials,
    utc_now,
)
from modelyard.components.rosa.ocm.client import URL, OcmClient, Timing, tls_context
from modelyard.components.rosa.ocm.retry import Backoff
from modelyard.components.rosa.ocm.waiting import Pace

SECONDS = 20.0
"""Default time between two looks of a wait."""

SIGN_IN_SECONDS = 10.0
"""Time in which single sign-on must answer `check_sign_in`."""


@dataclass(frozen=True)
class Connection:
    """A client, and the pace of its waits."""

    ocm: OcmClient
    pace: Pace
    timing: Timing

    def pauses(self) -> Iterator[float]:
        """Yield the pauses between attempts after lost answers."""
        return self.timing.backoff.pauses(self.timing.chance)

    def settle(self) -> None:
        """Let new IAM roles become visible everywhere; AWS promises no time, rhcs' modules wait 10 to 20 s."""
        self.pace.sleep(self.pace.every)


def connect(
    configuration: Configuration | None = None,
    environment: Mapping[str, str] | None = None,
    report: Callable[[str], None] | None = None,
) -> Connection:
    """Prepare a connection; nothing is sent yet.

    Raises:
        TokenError: there are no credentials, or they have expired.
    """
    variables = os.environ if environment is None else environment
    credentials = find_credentials(variables, configuration)
    every = float(variables.get("MODELYARD_OCM_SECONDS", SECONDS))
    timing = Timing(backoff=Backoff(first=every / SECONDS, longest=1.5 * every))
    check_credentials(credentials, timing.clock())
    client = OcmClient(
        credentials,
        url=variables.get("RHCS_URL", URL),
        token_url=variables.get("RHCS_TOKEN_URL", TOKEN_URL),
        timing=timing,
    )
    pace = Pace(sleep=timing.sleep, clock=timing.clock, report=report or _report_to_engine, every=every)
    return Connection(client, pace, timing)


def _report_to_engine(line: str) -> None:
    """Write a line to the error stream, which the engine shows beside the resource's progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def check_sign_in(
    environment: Mapping[str, str] | None = None,
    configuration: Configuration | None = None,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Check with one request that Red Hat's single sign-on takes the credentials.

        if not pulumi.runtime.is_dry_run():
            check_sign_in()

    The dynamic providers find the same credentials; without this check the first of them would refuse while network
    and roles are being made beside it.

    Args:
        environment: first place of credentials; None is the environment of this process.
        configuration: second place of credentials; None is the stack's configuration.
        transport: carrier of the request; None is the network.
        clock: the time.

    Raises:
        TokenError: there are none, they have expired, or they are refused; the message says how to set them.
        UnreachableError: single sign-on gives no answer.
    """
    variables = os.environ if environment is None else environment
    credentials = find_credentials(variables, StackConfiguration() if configuration is None else configuration)
    check_credentials(credentials, clock())
    with httpx.Client(transport=transport, verify=tls_context(), timeout=SIGN_IN_SECONDS) as http:
        TokenSource(credentials, http, url=variables.get("RHCS_TOKEN_URL", TOKEN_URL), clock=clock).token()


class StackConfiguration:
    """Configuration of the stack, inside a program."""

    def get(self, key: str) -> Any:
        """Look up a value, or None. Secrets come in clear, as they do to a provider."""
        return pulumi.runtime.get_config(key)
