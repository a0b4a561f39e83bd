"""Identity provider of a cluster: users with passwords that the cluster keeps, or an OpenID Connect provider."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import fields, passwords
from modelyard.components.rosa.ocm.models import identities, responses
from modelyard.components.rosa.ocm.provider import NamedProvider, outputs, plain, stack_owner
from pulumi.dynamic import UpdateResult


class IdentityProviderProvider(NamedProvider):
    """Creates, changes and deletes identity providers. Passwords come as secrets and stay so in the state."""

    table = fields.IDENTITY_PROVIDER
    body = identities.IdentityProvider
    collection = "identity_providers"
    label = "identity provider"

    def broken_rules(self, inputs: dict[str, Any]) -> list[str]:
        """Check that the type has its part and no other, and that users are named once and have strong passwords."""
        part = {"HTPasswdIdentityProvider": "htpasswd", "OpenIDIdentityProvider": "open_id"}[inputs["type"]]
        parts = [key for key in ("htpasswd", "open_id") if inputs.get(key) is not None]
        if parts != [part]:
            return [f"type {inputs['type']} needs {part}, and nothing else beside it"]
        users = (inputs.get("htpasswd") or {"users": {"items": []}})["users"]["items"]
        names = [user["username"] for user in users]
        if len(set(names)) != len(names):
            return ["htpasswd.users names a user twice"]
        return [
            f"htpasswd.users: the password of {user['username']!r} {problem}"
            for user in users
            if "password" in user and (problem := passwords.password_problem(user["password"])) is not None
        ]

    def refresh(self, props: Any, live: Any) -> dict[str, Any]:
        """Update the state; of users only the names are compared, since passwords cannot be read back."""
        state = super().refresh(props, {key: value for key, value in live.items() if key != "htpasswd"})
        users = ((live.get("htpasswd") or {}).get("users") or {}).get("items")
        if users is not None and state.get("htpasswd"):
            live_names = {user["username"] for user in users}
            ours = [user for user in state["htpasswd"]["users"]["items"] if user["username"] in live_names]
            foreign_names = sorted(live_names - {user["username"] for user in ours})
            state["htpasswd"] = {"users": {"items": [*ours, *({"username": name} for name in foreign_names)]}}
        return state

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Add and remove users, and set changed passwords."""
        ocm, path = self.connection.ocm, f"{self.path(_id)}/htpasswd_users"
        users = {user.username: user for user in self.request(_news).htpasswd.users.items}
        before = {user["username"]: user for user in plain(_olds)["htpasswd"]["users"]["items"]}
        live_ids = {user.username: user.id for user in ocm.pages(path, responses.HtpasswdUser)}
        for name in sorted(users.keys() - live_ids.keys()):
            ocm.post(path, users[name], responses.Ignored)
        for name in sorted(users.keys() & live_ids.keys()):
            if users[name].wire() != before.get(name):
                body = {key: value for key, value in users[name].wire().items() if key != "username"}
                ocm.patch(f"{path}/{live_ids[name]}", body, responses.Ignored)
        for name in sorted(live_ids.keys() - users.keys()):
            ocm.delete(f"{path}/{live_ids[name]}")
        return UpdateResult(outputs(_news))


class IdentityProvider(pulumi.dynamic.Resource, module="rosa", name="IdentityProvider"):
    """An identity provider. Inputs have the structure of OCM's request, and `cluster_id` beside it."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        secrets = {
            part: pulumi.Output.secret(inputs[part]) for part in ("htpasswd", "open_id") if inputs.get(part) is not None
        }
        props = {**inputs, **secrets, "owner": stack_owner(name)}
        hidden = pulumi.ResourceOptions(additional_secret_outputs=["htpasswd", "open_id"])
        super().__init__(IdentityProviderProvider(), name, props, pulumi.ResourceOptions.merge(opts, hidden))
