"""How a process gets to OCM: credentials, addresses and pace from its environment and from the stack's configuration.

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

from modelyard.components.rosa.ocm import credentials
from modelyard.components.rosa.ocm.access_token import TOKEN_URL
from modelyard.components.rosa.ocm.client import URL, OcmClient, Timing
from modelyard.components.rosa.ocm.credentials import Configuration
from modelyard.components.rosa.ocm.retry import Backoff
from modelyard.components.rosa.ocm.waiting import Pace

SECONDS = 20.0
"""Between two looks."""


@dataclass(frozen=True)
class Connection:
    """A client, and how to wait with it."""

    ocm: OcmClient
    pace: Pace
    timing: Timing

    def pauses(self) -> Iterator[float]:
        """Pauses between tries after lost answers."""
        return self.timing.backoff.waits(self.timing.chance)

    def settle(self) -> None:
        """Lets new IAM roles become visible everywhere; AWS promises no time, rhcs' modules wait 10 to 20 s."""
        self.pace.sleep(self.pace.every)


def connect(
    configuration: Configuration | None = None,
    environment: Mapping[str, str] | None = None,
    report: Callable[[str], None] | None = None,
) -> Connection:
    """A connection. Nothing is sent yet.

    Raises:
        TokenError: there are no credentials, or they are known to be useless.
    """
    found = os.environ if environment is None else environment
    who = credentials.find(found, configuration)
    every = float(found.get("MODELYARD_OCM_SECONDS", SECONDS))
    timing = Timing(backoff=Backoff(first=every / SECONDS, longest=1.5 * every))
    credentials.check(who, timing.clock())
    client = OcmClient(
        who,
        url=found.get("RHCS_URL", URL),
        token_url=found.get("RHCS_TOKEN_URL", TOKEN_URL),
        timing=timing,
    )
    pace = Pace(sleep=timing.sleep, clock=timing.clock, report=report or _to_engine, every=every)
    return Connection(client, pace, timing)


def _to_engine(line: str) -> None:
    """The engine shows what a plugin writes to its error stream beside the resource's progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
