"""The kubeconfig that the platform works with: of a service account with the rights it needs (`access_rules`).

A hosted control plane hands out no kubeconfig. So a user is made for a moment, with a password that nobody ever sees:
it logs in, makes the service account, and is removed again, together with its rights, whatever happens in between. What
an interrupted run leaves of it is removed at the next.
"""

import contextlib
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, kube_access, oauth, paths, requests, waiting
from modelyard.components.rosa.ocm.access_rules import RULES
from modelyard.components.rosa.ocm.changes import Change, Field
from modelyard.components.rosa.ocm.cluster_ready import Nothing
from modelyard.components.rosa.ocm.cluster_wait import wait_until_ready
from modelyard.components.rosa.ocm.errors import ConflictError, NotFoundError, UnreachableError
from modelyard.components.rosa.ocm.group_member import ADMINS
from modelyard.components.rosa.ocm.kube_access import KubeApi
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, plain
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

BOOTSTRAP = "modelyard-bootstrap"
"""Name of the passing user and of its identity provider."""
LOGIN_LIMIT = timedelta(minutes=15)
"""A new identity provider restarts the cluster's OAuth servers, which takes some minutes."""
TOKEN_LIMIT = timedelta(minutes=2)


class ClusterAccessProvider(OcmProvider):
    """Makes the service account, and keeps its rights as they are meant."""

    table = (
        Field("cluster_id", Change.REPLACE, "another cluster"),
        Field("namespace", Change.REPLACE, "the account lives there"),
        Field("account", Change.REPLACE, "its token is its own"),
        Field("rights", Change.IN_PLACE, "the cluster role is applied again"),
    )
    body = Nothing
    beside = frozenset({"cluster_id", "namespace", "account", "rights"})
    computed = frozenset({"kubeconfig", "server"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Makes the account and its kubeconfig."""
        wanted = plain(props)
        return CreateResult(wanted["cluster_id"], self._made(wanted))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Gone with the cluster; the account itself is the cluster's, and is not looked at from here."""
        try:
            self.connection.ocm.get(paths.cluster(id_), answers.Nothing)
        except NotFoundError:
            return GONE
        return ReadResult(id_, {key: value for key, value in plain(props).items() if key != "__provider"})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Applies the rights again."""
        return UpdateResult(self._made(plain(_news)))

    def _made(self, wanted: dict[str, Any]) -> dict[str, Any]:
        cluster = wait_until_ready(self.connection, wanted["cluster_id"])
        password = secrets.token_urlsafe(24) + "aA1-"  # OCM wants all kinds of characters
        try:
            self._let_in(cluster.id, password)
            api = KubeApi(cluster.api.url, self._login(cluster, password))
            objects = kube_access.objects(wanted["namespace"], wanted["account"])
            for path, body in objects.items():
                api.apply(path, body)
            *_, secret = objects
            token = waiting.until(
                f"token of service account {wanted['account']!r}",
                lambda: kube_access.token_of(api.read(secret)),
                lambda seen: seen is not None,
                lambda _: "not there yet",
                limit=TOKEN_LIMIT,
                pace=self.connection.pace,
            )
        finally:
            self._shut_out(cluster.id)
        made = kube_access.kubeconfig(cluster.name, cluster.api.url, token or "")
        kept = {key: wanted[key] for key in ("cluster_id", "namespace", "account", "rights")}
        return {**kept, "server": cluster.api.url, "kubeconfig": made}

    def _let_in(self, cluster_id: str, password: str) -> None:
        self._shut_out(cluster_id)  # what an interrupted run left
        ocm = self.connection.ocm
        user = requests.HtpasswdUser(username=BOOTSTRAP, password=password)
        provider = requests.IdentityProvider(
            name=BOOTSTRAP,
            type="HTPasswdIdentityProvider",
            htpasswd=requests.Htpasswd(users=requests.HtpasswdUsers(items=[user])),
        )
        ocm.post(paths.cluster(cluster_id, "identity_providers"), provider, answers.Nothing)
        try:
            ocm.post(paths.cluster(cluster_id, "groups", ADMINS, "users"), requests.Id(id=BOOTSTRAP), answers.Nothing)
        except ConflictError:
            return  # it is in the group

    def _login(self, cluster: answers.Cluster, password: str) -> str:
        def look() -> str | None:
            try:
                return oauth.challenge(cluster.api.url, BOOTSTRAP, password)
            except UnreachableError:
                return None  # its servers restart

        token = waiting.until(
            f"cluster {cluster.name!r}",
            look,
            lambda seen: seen is not None,
            lambda _: "its OAuth server takes up the new user",
            limit=LOGIN_LIMIT,
            pace=self.connection.pace,
        )
        return token or ""

    def _shut_out(self, cluster_id: str) -> None:
        ocm = self.connection.ocm
        with contextlib.suppress(NotFoundError):
            ocm.delete(paths.cluster(cluster_id, "groups", ADMINS, "users", BOOTSTRAP))
        listed = list(ocm.pages(paths.cluster(cluster_id, "identity_providers"), answers.Named))
        for one in listed:
            if one.name == BOOTSTRAP:
                ocm.delete(paths.cluster(cluster_id, "identity_providers", one.id))


class ClusterAccess(pulumi.dynamic.Resource, module="rosa", name="ClusterAccess"):
    """A service account of a cluster, and the kubeconfig that is its."""

    kubeconfig: pulumi.Output[str]
    """The document; a secret."""
    server: pulumi.Output[str]
    """Address of the cluster's API."""

    def __init__(
        self,
        name: str,
        cluster_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        namespace: str = "modelyard",
        account: str = "platform",
    ) -> None:
        props = {
            "cluster_id": cluster_id,
            "namespace": namespace,
            "account": account,
            "rights": _fingerprint(),
            "kubeconfig": None,
            "server": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(ClusterAccessProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))


def _fingerprint() -> str:
    """Of the rights, so that a new version of this library brings them up to date."""
    return hashlib.sha256(json.dumps(RULES, sort_keys=True).encode()).hexdigest()[:16]
