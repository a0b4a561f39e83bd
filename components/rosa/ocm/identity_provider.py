"""Where a cluster's users come from: a list of passwords that the cluster keeps, or an OpenID Connect provider."""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import adoption, answers, fields, passwords, paths, requests
from modelyard.components.rosa.ocm.named import NamedProvider
from modelyard.components.rosa.ocm.provider import plain
from pulumi.dynamic import UpdateResult


class IdentityProviderProvider(NamedProvider):
    """Creates, changes and deletes identity providers. Passwords come as secrets and stay so in the state."""

    table = fields.IDENTITY_PROVIDER
    body = requests.IdentityProvider
    collection = "identity_providers"
    word = "identity provider"

    def rules(self, inputs: dict[str, Any]) -> list[str]:
        """The type and the part that is given belong together; users are named once, and have strong passwords."""
        part = {"HTPasswdIdentityProvider": "htpasswd", "OpenIDIdentityProvider": "open_id"}[inputs["type"]]
        given = [one for one in ("htpasswd", "open_id") if inputs.get(one) is not None]
        if given != [part]:
            return [f"type {inputs['type']} needs {part}, and nothing else beside it"]
        users = (inputs.get("htpasswd") or {"users": {"items": []}})["users"]["items"]
        names = [one["username"] for one in users]
        if len(set(names)) != len(names):
            return ["htpasswd.users names a user twice"]
        problems = {one["username"]: passwords.password_problem(one["password"]) for one in users if "password" in one}
        return [f"htpasswd.users: the password of {name!r} {why}" for name, why in problems.items() if why]

    def refreshed(self, props: Any, live: Any) -> dict[str, Any]:
        """Passwords cannot be read back: of users only the names are compared."""
        state = super().refreshed(props, {key: value for key, value in live.items() if key != "htpasswd"})
        users = ((live.get("htpasswd") or {}).get("users") or {}).get("items")
        if users is not None and state.get("htpasswd"):
            there = {one["username"] for one in users}
            kept = [one for one in state["htpasswd"]["users"]["items"] if one["username"] in there]
            strangers = sorted(there - {one["username"] for one in kept})
            state["htpasswd"] = {"users": {"items": [*kept, *({"username": one} for one in strangers)]}}
        return state

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Adds, removes, and changes users."""
        cluster_id, _, own = _id.partition("/")
        ocm, path = self.connection.ocm, paths.cluster(cluster_id, self.collection, own, "htpasswd_users")
        wanted = {one.username: one for one in self.request(_news).htpasswd.users.items}
        before = {one["username"]: one for one in plain(_olds)["htpasswd"]["users"]["items"]}
        there = {one.username: one.id for one in ocm.pages(path, answers.HtpasswdUser)}
        for name in sorted(wanted.keys() - there.keys()):
            ocm.post(path, wanted[name], answers.Nothing)
        for name in sorted(wanted.keys() & there.keys()):
            if wanted[name].wire() != before.get(name):
                body = {key: value for key, value in wanted[name].wire().items() if key != "username"}
                ocm.patch(f"{path}/{there[name]}", body, answers.Nothing)
        for name in sorted(there.keys() - wanted.keys()):
            ocm.delete(f"{path}/{there[name]}")
        return UpdateResult(self.outputs(plain(_news)))


class IdentityProvider(pulumi.dynamic.Resource, module="rosa", name="IdentityProvider"):
    """An identity provider. Inputs have the shape of OCM's request, and `cluster_id` beside it."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        owner = adoption.mark(pulumi.get_project(), pulumi.get_stack(), name)
        hidden = {
            part: pulumi.Output.secret(inputs[part]) for part in ("htpasswd", "open_id") if inputs.get(part) is not None
        }
        props = {**inputs, **hidden, "owner": owner}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["htpasswd", "open_id"])
        super().__init__(IdentityProviderProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
