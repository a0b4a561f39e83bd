"""Kubeconfig of the platform: of a service account with the rights it needs (`kube_access`).

A hosted control plane hands out no kubeconfig. So a bootstrap user is created with a password that nobody ever sees: it
logs in, creates the service account, and is removed again together with its rights, whatever happens in between. The
next run removes what an interrupted one left of it.
"""

import contextlib
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

import pulumi
from modelyard.components.rosa.ocm import kube_access
from modelyard.components.rosa.ocm.changes import Field, FieldEffect
from modelyard.components.rosa.ocm.client import cluster_path
from modelyard.components.rosa.ocm.errors import ConflictError, NotFoundError, UnreachableError
from modelyard.components.rosa.ocm.kube_access import KubeApi
from modelyard.components.rosa.ocm.models import requests, responses
from modelyard.components.rosa.ocm.models.identities import Htpasswd, HtpasswdUser, HtpasswdUsers, IdentityProvider
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider, outputs, plain
from modelyard.components.rosa.ocm.resources.group_member import ADMINS
from modelyard.components.rosa.ocm.waiting import wait_until, wait_until_ready
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

BOOTSTRAP = "modelyard-bootstrap"
"""Name of the bootstrap user and of its identity provider."""
LOGIN_LIMIT = timedelta(minutes=15)
"""Time for a login: a new identity provider restarts the cluster's OAuth servers, which takes some minutes."""
TOKEN_LIMIT = timedelta(minutes=2)
"""Time for Kubernetes to fill the secret of a service account."""


class ClusterAccessProvider(OcmProvider):
    """Creates the service account, and keeps its rights up to date."""

    table = (
        Field("cluster_id", FieldEffect.REPLACE, "another cluster"),
        Field("namespace", FieldEffect.REPLACE, "the account lives there"),
        Field("account", FieldEffect.REPLACE, "its token is its own"),
        Field("rights", FieldEffect.IN_PLACE, "the cluster role is applied again"),
    )
    body = requests.NoBody
    beside = frozenset({"cluster_id", "namespace", "account", "rights"})
    computed = frozenset({"kubeconfig", "server"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the account and its kubeconfig."""
        inputs = plain(props)
        return CreateResult(inputs["cluster_id"], self._apply(inputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look for the cluster only: the account is the cluster's, and is not read from here."""
        try:
            self.connection.ocm.get(cluster_path(id_), responses.Ignored)
        except NotFoundError:
            return GONE
        return ReadResult(id_, outputs(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Apply the rights again."""
        return UpdateResult(self._apply(plain(_news)))

    def _apply(self, inputs: dict[str, Any]) -> dict[str, Any]:
        pace = self.connection.pace
        cluster = wait_until_ready(self.connection.ocm, pace, inputs["cluster_id"])
        password = secrets.token_urlsafe(24) + "aA1-"  # OCM demands all kinds of characters
        try:
            self._create_bootstrap_user(cluster.id, password)
            api = KubeApi(cluster.api.url, self._log_in(cluster, password))
            objects = kube_access.account_objects(inputs["namespace"], inputs["account"])
            for path, body in objects.items():
                api.apply(path, body)
            *_, secret = objects
            token = wait_until(
                f"token of service account {inputs['account']!r}",
                lambda: kube_access.read_token(api.read(secret)),
                lambda token: token is not None,
                lambda _: "not there yet",
                limit=TOKEN_LIMIT,
                pace=pace,
            )
        finally:
            self._remove_bootstrap_user(cluster.id)
        return {
            **{key: inputs[key] for key in ("cluster_id", "namespace", "account", "rights")},
            "server": cluster.api.url,
            "kubeconfig": kube_access.render_kubeconfig(cluster.name, cluster.api.url, token or ""),
        }

    def _create_bootstrap_user(self, cluster_id: str, password: str) -> None:
        self._remove_bootstrap_user(cluster_id)  # that of an interrupted run
        ocm = self.connection.ocm
        users = HtpasswdUsers(items=[HtpasswdUser(username=BOOTSTRAP, password=password)])
        provider = IdentityProvider(name=BOOTSTRAP, type="HTPasswdIdentityProvider", htpasswd=Htpasswd(users=users))
        ocm.post(cluster_path(cluster_id, "identity_providers"), provider, responses.Ignored)
        members = cluster_path(cluster_id, "groups", ADMINS, "users")
        with contextlib.suppress(ConflictError):  # it is in the group
            ocm.post(members, requests.Id(id=BOOTSTRAP), responses.Ignored)

    def _log_in(self, cluster: responses.Cluster, password: str) -> str:
        def look() -> str | None:
            try:
                return kube_access.log_in(cluster.api.url, BOOTSTRAP, password)
            except UnreachableError:
                return None  # its servers restart

        token = wait_until(
            f"cluster {cluster.name!r}",
            look,
            lambda token: token is not None,
            lambda _: "its OAuth server takes up the new user",
            limit=LOGIN_LIMIT,
            pace=self.connection.pace,
        )
        return token or ""

    def _remove_bootstrap_user(self, cluster_id: str) -> None:
        ocm = self.connection.ocm
        with contextlib.suppress(NotFoundError):
            ocm.delete(cluster_path(cluster_id, "groups", ADMINS, "users", BOOTSTRAP))
        providers = list(ocm.pages(cluster_path(cluster_id, "identity_providers"), responses.Named))
        for provider in providers:
            if provider.name == BOOTSTRAP:
                ocm.delete(cluster_path(cluster_id, "identity_providers", provider.id))


class ClusterAccess(pulumi.dynamic.Resource, module="rosa", name="ClusterAccess"):
    """A service account of a cluster, and its kubeconfig."""

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
            "rights": _rights_digest(),
            "kubeconfig": None,
            "server": None,
        }
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(ClusterAccessProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))


def _rights_digest() -> str:
    """Digest of the rights, so that a new version of this library brings them up to date."""
    return hashlib.sha256(json.dumps(kube_access.RULES, sort_keys=True).encode()).hexdigest()[:16]
