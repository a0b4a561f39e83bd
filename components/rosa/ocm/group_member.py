"""A user in one of a cluster's groups: who may administer it."""

import contextlib
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, fields, paths, requests
from modelyard.components.rosa.ocm.cluster_ready import Nothing
from modelyard.components.rosa.ocm.errors import ConflictError, NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult

ADMINS = "cluster-admins"
"""Group whose users administer the cluster (`rosa grant user cluster-admin`)."""


class GroupMemberProvider(OcmProvider):
    """Adds users to groups and takes them out. The user itself comes from an identity provider, once it logs in."""

    table = fields.GROUP_MEMBER
    body = Nothing
    beside = frozenset({"cluster_id", "group", "user"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adds the user; in the group already is as good."""
        wanted = plain(props)
        path = paths.cluster(wanted["cluster_id"], "groups", wanted["group"], "users")
        with contextlib.suppress(ConflictError):
            self.connection.ocm.post(path, requests.Id(id=wanted["user"]), answers.Nothing)
        return CreateResult("/".join(wanted[key] for key in ("cluster_id", "group", "user")), _inputs(wanted))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        try:
            self.connection.ocm.get(_path(id_), answers.Nothing)
        except NotFoundError:
            return GONE
        return ReadResult(id_, _inputs(plain(props)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Takes the user out; gone already is fine."""
        with contextlib.suppress(NotFoundError):
            self.connection.ocm.delete(_path(_id))


class GroupMember(pulumi.dynamic.Resource, module="rosa", name="GroupMember"):
    """A user in a group.

    Args:
        name: of the resource.
        cluster_id: OCM's id of the cluster.
        user: name of the user.
        opts: options.
        group: of the cluster.
    """

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


def _path(id_: str) -> str:
    cluster_id, group, user = id_.split("/", 2)
    return paths.cluster(cluster_id, "groups", group, "users", user)


def _inputs(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key != "__provider"}
