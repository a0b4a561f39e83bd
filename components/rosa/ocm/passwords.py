"""Rules of Cluster Manager for names and passwords of users that a cluster keeps itself. Pure; shows no password.

Source: rosa d80ba25, `passwordValidator` and `usernameValidator` of `rosa create idp`.
"""

import re

SHORTEST = 14
RESERVED = "cluster-admin"
"""Name of the user that `rosa create admin` makes."""


def password_problem(password: str) -> str | None:
    """State the rule that a password breaks, without the password; None if it breaks none."""
    if len(password) < SHORTEST or re.search(r"[^\x21-\x7e]", password):
        return f"must have at least {SHORTEST} characters of ASCII, without spaces"
    if not (re.search(r"[A-Z]", password) and re.search(r"[a-z]", password) and re.search(r"[^A-Za-z]", password)):
        return "must have an upper-case letter, a lower-case letter, and a digit or symbol"
    return None


def username_problem(username: str) -> str | None:
    """State the rule that a name breaks; None if it breaks none."""
    if not re.fullmatch(r"[^/:%~.][^/:%]*", username):
        return "must not be empty, has no '/', ':' or '%', and begins with neither '~' nor '.'"
    return f"must not be {RESERVED!r}, which `rosa create admin` makes" if username == RESERVED else None
