"""Membership of a user in one of a cluster's groups, such as its administrators."""

import contextlib
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.errors import ConflictError
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.provider import PathProvider, outputs
from pulumi.dynamic import CreateResult

ADMINS = "cluster-admins"
"""Group of the users who administer the cluster (`rosa grant user cluster-admin`)."""


class GroupMemberProvider(PathProvider):
    """Adds users to groups and takes them out. An identity provider creates the user itself, at the first login."""

    table = fields.GROUP_MEMBER
    body = requests.NoBody
    beside = frozenset({"cluster_id", "group", "user"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Add the user, unless the group has it."""
        cluster_id, group, user = props["cluster_id"], props["group"], props["user"]
        with contextlib.suppress(ConflictError):
            path = cluster_path(cluster_id, "groups", group, "users")
            self.connection.ocm.post(path, requests.Id(id=user), responses.Ignored)
        return CreateResult(f"{cluster_id}/{group}/{user}", outputs(props))

    def path(self, id_: str) -> str:
        """Return the path of the membership with the Pulumi id `<cluster>/<group>/<user>`."""
        cluster_id, group, user = id_.split("/", 2)
        return cluster_path(cluster_id, "groups", group, "users", user)


class GroupMember(pulumi.dynamic.Resource, module="rosa", name="GroupMember"):
    """A user in a group of a cluster."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        user: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        group: str = ADMINS,
    ) -> None:
        super().__init__(GroupMemberProvider(), name, {"cluster_id": cluster_id, "group": group, "user": user}, opts)
