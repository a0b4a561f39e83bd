"""Who logs in to a ROSA cluster, as Cluster Manager takes it. Pure: passwords pass through, and are never shown."""

import re
from collections.abc import Sequence
from typing import Any

from modelyard.components.rosa.cluster.args import RosaIdentityProviderArgs, RosaOpenIdArgs
from modelyard.components.rosa.cluster.rules import RosaRuleError
from modelyard.components.rosa.ocm import passwords

CLAIMS = {"email": ["email"], "name": ["name"], "preferred_username": ["preferred_username"]}
"""Of OpenID Connect Core 1.0, section 5.1; OCM wants at least one."""

SOURCE = "rosa, create idp"

_NAME = re.compile(r"[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?")
_ISSUER = re.compile(r"https://[^?#\s]+")


def check_identity_providers(providers: Sequence[RosaIdentityProviderArgs], admins: Sequence[str]) -> None:
    """Nothing, if Cluster Manager takes them.

    Raises:
        RosaRuleError: it would not. No message holds a password or client secret.
    """
    names = [one["name"] for one in providers]
    for name in names:
        if not _NAME.fullmatch(name):
            rule = "is letters, digits, '-', '_' and '.', with a letter or digit at both ends"
            raise RosaRuleError("identity_providers.name", name, rule, "rosa, idRE")
    if len(set(names)) != len(names):
        raise RosaRuleError("identity_providers.name", names, "each is named once", SOURCE)
    for one in providers:
        where = f"identity_providers[{one['name']}]"
        given = [kind for kind in ("users", "open_id") if one.get(kind) is not None]
        if len(given) != 1:
            raise RosaRuleError(where, given, "has either users or open_id", SOURCE)
        _check_users(where, one)
        if (open_id := one.get("open_id")) is not None and not _ISSUER.fullmatch(open_id["issuer"]):
            rule = "is an address that begins with https:// and has neither '?' nor '#'"
            raise RosaRuleError(f"{where}.open_id.issuer", open_id["issuer"], rule, "OpenID Connect Discovery 1.0")
    _check_admins(providers, admins)


def inputs(args: RosaIdentityProviderArgs) -> dict[str, Any]:
    """Inputs of `ocm.identity_provider.IdentityProvider`, but for the cluster's id."""
    made: dict[str, Any] = {"name": args["name"], "mapping_method": "claim", "login": True}
    open_id = args.get("open_id")
    if open_id is not None:
        return {**made, "type": "OpenIDIdentityProvider", "open_id": _open_id(open_id)}
    users = [{"username": one["username"], "password": one["password"]} for one in args.get("users", [])]
    return {**made, "type": "HTPasswdIdentityProvider", "htpasswd": {"users": {"items": users}}}


def _open_id(args: RosaOpenIdArgs) -> dict[str, Any]:
    claims: dict[str, Any] = {**CLAIMS, **args.get("claims", {})}
    made: dict[str, Any] = {
        "issuer": args["issuer"],
        "client_id": args["client_id"],
        "client_secret": args["client_secret"],
        "claims": {claim: list(names) for claim, names in claims.items()},
    }
    if args.get("extra_scopes"):
        made["extra_scopes"] = list(args.get("extra_scopes", []))
    return made


def _check_users(where: str, args: RosaIdentityProviderArgs) -> None:
    users = args.get("users")
    if users is None:
        return
    names = [one["username"] for one in users]
    if not names or len(set(names)) != len(names):
        raise RosaRuleError(f"{where}.users", names, "one or more, each named once", SOURCE)
    for one in users:
        if (rule := passwords.username_problem(one["username"])) is not None:
            raise RosaRuleError(f"{where}.users.username", one["username"], rule, SOURCE)
        password = one["password"]
        # One that comes from elsewhere is looked at when it is known, before Cluster Manager gets it.
        if isinstance(password, str) and (rule := passwords.password_problem(password)) is not None:
            raise RosaRuleError(f"{where}.users[{one['username']}].password", "…", rule, SOURCE)


def _check_admins(providers: Sequence[RosaIdentityProviderArgs], admins: Sequence[str]) -> None:
    if len(set(admins)) != len(admins):
        raise RosaRuleError("admins", list(admins), "each is named once", SOURCE)
    if admins and not providers:
        rule = "nobody can log in: give identity_providers as well"
        raise RosaRuleError("admins", list(admins), rule, SOURCE)
    kept = {user["username"] for one in providers for user in one.get("users") or []}
    if any(one.get("open_id") is not None for one in providers):
        return  # its users are known to it only
    for name in admins:
        if name not in kept:
            rule = f"is none of the users: {', '.join(sorted(kept))}"
            raise RosaRuleError("admins", name, rule, SOURCE)
