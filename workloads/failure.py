"""Ends of a workload: exit codes, and the two kinds of failure.

A *user* failure is something that the person who wrote the configuration can put right: a missing file, an empty data
set, a value out of range. An *internal* one is everything else. The difference is the exit code, and the field
``kind`` of the FAILED marker, so that a scheduler need not retry what cannot succeed.
"""

from typing import Literal

Kind = Literal["user", "internal"]

EXIT_SUCCEEDED = 0
EXIT_INTERNAL = 1
EXIT_USER = 2


class UserError(Exception):
    """Fault in configuration or data, for the user to mend; the message says where, and what is allowed."""

    kind: Kind = "user"
    exit_code = EXIT_USER


class InternalError(Exception):
    """Failure that a better configuration need not cure, e.g. a full disk."""

    kind: Kind = "internal"
    exit_code = EXIT_INTERNAL
