"""People who log in to a ROSA cluster: identity providers and administrators. Pure.

Passwords pass through, and are never shown.
"""

import re
from collections.abc import Sequence
from typing import Any

from modelyard.components.common.errors import ArgumentError
from modelyard.components.rosa.cluster.args import RosaIdentityProviderArgs, RosaOpenIdArgs
from modelyard.components.rosa.ocm import passwords

CLAIMS = {"email": ["email"], "name": ["name"], "preferred_username": ["preferred_username"]}
"""Default claims (OpenID Connect Core 1.0, section 5.1); OCM wants at least one."""

SOURCE = "rosa, create idp"

_NAME = re.compile(r"[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?")
_ISSUER = re.compile(r"https://[^?#\s]+")


def validate_access(component: str, providers: Sequence[RosaIdentityProviderArgs], admins: Sequence[str]) -> None:
    """Check identity providers and administrators by the rules of Cluster Manager.

    Raises:
        ArgumentError: a rule is broken. No message holds a password or client secret.
    """
    names = [provider["name"] for provider in providers]
    for index, provider in enumerate(providers):
        path, name = f"identity_providers[{index}]", provider["name"]
        if not _NAME.fullmatch(name):
            rule = "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends"
            raise ArgumentError(component, f"{path}.name", name, rule, "rosa, idRE")
        if name in names[:index]:
            raise ArgumentError(component, f"{path}.name", name, "must be given to one provider only", SOURCE)
        kinds = [kind for kind in ("users", "open_id") if provider.get(kind) is not None]
        if len(kinds) != 1:
            raise ArgumentError(component, path, None, "must have exactly one of users and open_id", SOURCE)
        _validate_users(component, path, provider)
        open_id = provider.get("open_id")
        if open_id is not None and not _ISSUER.fullmatch(open_id["issuer"]):
            rule = "must be an address that begins with https:// and has neither '?' nor '#'"
            source = "OpenID Connect Discovery 1.0"
            raise ArgumentError(component, f"{path}.open_id.issuer", open_id["issuer"], rule, source)
    _validate_admins(component, providers, admins)


def identity_provider_inputs(args: RosaIdentityProviderArgs) -> dict[str, Any]:
    """Build the inputs of `ocm.resources.identity_provider.IdentityProvider`, without the cluster's id."""
    inputs: dict[str, Any] = {"name": args["name"], "mapping_method": "claim", "login": True}
    open_id = args.get("open_id")
    if open_id is not None:
        return {**inputs, "type": "OpenIDIdentityProvider", "open_id": _open_id_inputs(open_id)}
    users = [{"username": user["username"], "password": user["password"]} for user in args.get("users", [])]
    return {**inputs, "type": "HTPasswdIdentityProvider", "htpasswd": {"users": {"items": users}}}


def _open_id_inputs(args: RosaOpenIdArgs) -> dict[str, Any]:
    claims: dict[str, Any] = {**CLAIMS, **args.get("claims", {})}
    inputs: dict[str, Any] = {
        "issuer": args["issuer"],
        "client_id": args["client_id"],
        "client_secret": args["client_secret"],
        "claims": {claim: list(names) for claim, names in claims.items()},
    }
    if args.get("extra_scopes"):
        inputs["extra_scopes"] = list(args.get("extra_scopes", []))
    return inputs


def _validate_users(component: str, path: str, args: RosaIdentityProviderArgs) -> None:
    users = args.get("users")
    if users is None:
        return
    names = [user["username"] for user in users]
    if not names or len(set(names)) != len(names):
        raise ArgumentError(component, f"{path}.users", names, "must be one or more, each named once", SOURCE)
    for index, user in enumerate(users):
        where = f"{path}.users[{index}]"
        if (rule := passwords.username_problem(user["username"])) is not None:
            raise ArgumentError(component, f"{where}.username", user["username"], rule, SOURCE)
        password = user["password"]
        # An output is checked by the provider, once it is known and before Cluster Manager gets it.
        if isinstance(password, str) and (rule := passwords.password_problem(password)) is not None:
            raise ArgumentError(component, f"{where}.password", None, rule, SOURCE)


def _validate_admins(component: str, providers: Sequence[RosaIdentityProviderArgs], admins: Sequence[str]) -> None:
    if len(set(admins)) != len(admins):
        raise ArgumentError(component, "admins", list(admins), "must name each user once", SOURCE)
    if admins and not providers:
        rule = "cannot log in: give identity_providers as well"
        raise ArgumentError(component, "admins", list(admins), rule, SOURCE)
    if any(provider.get("open_id") is not None for provider in providers):
        return  # only the OpenID provider knows its users
    users = {user["username"] for provider in providers for user in provider.get("users") or []}
    for index, name in enumerate(admins):
        if name not in users:
            rule = f"must be one of the users: {', '.join(sorted(users))}"
            raise ArgumentError(component, f"admins[{index}]", name, rule, SOURCE)
