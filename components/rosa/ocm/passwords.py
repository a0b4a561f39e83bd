"""What Cluster Manager demands of passwords and names of users that a cluster keeps itself. Pure; shows no password.

Source: rosa d80ba25, `passwordValidator` and `usernameValidator` of `rosa create idp`.
"""

import re

SHORTEST = 14
RESERVED = "cluster-admin"
"""The user that `rosa create admin` makes."""


def password_problem(password: str) -> str | None:
    """The rule that `password` breaks, without the password; None if it breaks none."""
    if len(password) < SHORTEST or re.search(r"[^\x21-\x7e]", password):
        return f"has at least {SHORTEST} characters of ASCII, without spaces"
    if not (re.search(r"[A-Z]", password) and re.search(r"[a-z]", password) and re.search(r"[^A-Za-z]", password)):
        return "has an upper-case letter, a lower-case letter, and a digit or symbol"
    return None


def username_problem(username: str) -> str | None:
    """The rule that `username` breaks; None if it breaks none."""
    if not re.fullmatch(r"[^/:%~.][^/:%]*", username):
        return "is not empty, has no '/', ':' or '%', and begins with neither '~' nor '.'"
    return f"is not {RESERVED!r}, which `rosa create admin` makes" if username == RESERVED else None
