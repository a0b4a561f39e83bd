"""Who vouches for a cluster's service accounts: an OIDC configuration that Red Hat hosts.

It has neither a name nor a place for a mark, so an answer that gets lost leaves one that nobody uses. It costs nothing;
`rosa list oidc-config` shows it, and the error says so. Give a cluster an existing one where that matters.
"""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import answers, fields, paths, requests
from modelyard.components.rosa.ocm.errors import AmbiguousError, NotFoundError
from modelyard.components.rosa.ocm.provider import GONE, OcmProvider
from pulumi.dynamic import CreateResult, ReadResult


class OidcConfigProvider(OcmProvider):
    """Creates and deletes OIDC configurations."""

    table = fields.OIDC_CONFIG
    body = requests.NewOidcConfig
    beside = frozenset()
    computed = frozenset({"issuer_url", "thumbprint"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates one."""
        ocm = self.connection.ocm
        try:
            made = ocm.post(paths.OIDC_CONFIGS, self.request(props), answers.OidcConfig)
        except AmbiguousError as lost:
            told = f"{lost}. An unused configuration may be left: `rosa list oidc-config` shows it, it costs nothing"
            raise AmbiguousError(told) from None
        return CreateResult(made.id, self._outputs(made))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:  # noqa: ARG002 - Pulumi's signature
        """What OCM says now."""
        try:
            found = self.connection.ocm.get(f"{paths.OIDC_CONFIGS}/{id_}", answers.OidcConfig)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self._outputs(found))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes it; gone already is fine. OCM refuses as long as a cluster uses it."""
        try:
            self.connection.ocm.delete(f"{paths.OIDC_CONFIGS}/{_id}")
        except NotFoundError:
            return

    def _outputs(self, found: answers.OidcConfig) -> dict[str, Any]:
        asked = requests.ThumbprintOf(oidc_config_id=found.id)
        thumbprint = self.connection.ocm.inquire(paths.OIDC_THUMBPRINT, asked, answers.Thumbprint).thumbprint
        return {"managed": found.managed, "issuer_url": found.issuer_url, "thumbprint": thumbprint}


class OidcConfig(pulumi.dynamic.Resource, module="rosa", name="OidcConfig"):
    """An OIDC configuration; `id` is what a cluster names."""

    issuer_url: pulumi.Output[str]
    """Address of the issuer, with its scheme."""
    thumbprint: pulumi.Output[str]
    """SHA-1 of the certificate that signs for it; IAM wants it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"managed": True, "issuer_url": None, "thumbprint": None}
        super().__init__(OidcConfigProvider(), name, props, opts)


class ExistingOidcConfigProvider(OidcConfigProvider):
    """Reads a configuration that somebody made before; deletes nothing."""

    beside = frozenset({"config_id", "managed"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Looks it up.

        Raises:
            NotFoundError: there is none of that id.
        """
        found = self.connection.ocm.get(f"{paths.OIDC_CONFIGS}/{props['config_id']}", answers.OidcConfig)
        return CreateResult(found.id, {"config_id": found.id, **self._outputs(found)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What OCM says now."""
        read = super().read(id_, props)
        return ReadResult(read.id, {"config_id": id_, **(read.outs or {})}) if read.id else GONE

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """It is not ours."""


class ExistingOidcConfig(pulumi.dynamic.Resource, module="rosa", name="ExistingOidcConfig"):
    """An OIDC configuration that is there already, by its id."""

    issuer_url: pulumi.Output[str]
    """Address of the issuer, with its scheme."""
    thumbprint: pulumi.Output[str]
    """SHA-1 of the certificate that signs for it; IAM wants it."""

    def __init__(self, name: str, config_id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"config_id": config_id, "issuer_url": None, "thumbprint": None}
        super().__init__(ExistingOidcConfigProvider(), name, props, opts)
