"""OIDC configuration that Red Hat hosts: the issuer of a cluster's service account tokens.

It has neither a name nor room for a mark, so an answer that gets lost leaves one that nobody uses. It costs nothing;
`rosa list oidc-config` shows it, and the error says so. Give a cluster an existing one where that matters.
"""

from typing import Any

import pulumi
from modelyard.components.rosa.ocm import fields
from modelyard.components.rosa.ocm.client import OIDC_CONFIGS, OIDC_THUMBPRINT
from modelyard.components.rosa.ocm.errors import AmbiguousError, NotFoundError
from modelyard.components.rosa.ocm.models import identities, responses
from modelyard.components.rosa.ocm.provider import GONE, PathProvider
from pulumi.dynamic import CreateResult, ReadResult


class OidcConfigProvider(PathProvider):
    """Creates and deletes OIDC configurations."""

    table = fields.OIDC_CONFIG
    body = identities.NewOidcConfig
    beside = frozenset()
    computed = frozenset({"issuer_url", "thumbprint"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create a configuration."""
        try:
            config = self.connection.ocm.post(OIDC_CONFIGS, self.request(props), responses.OidcConfig)
        except AmbiguousError as error:
            raise AmbiguousError(
                f"{error}. An unused configuration may be left: `rosa list oidc-config` shows it, it costs nothing"
            ) from None
        return CreateResult(config.id, self._outputs(config))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:  # noqa: ARG002 - Pulumi's signature
        """Read the configuration from OCM."""
        try:
            config = self._get(id_)
        except NotFoundError:
            return GONE
        return ReadResult(id_, self._outputs(config))

    def path(self, id_: str) -> str:
        """Return the path of the configuration. OCM refuses its deletion as long as a cluster uses it."""
        return f"{OIDC_CONFIGS}/{id_}"

    def _get(self, config_id: str) -> responses.OidcConfig:
        return self.connection.ocm.get(self.path(config_id), responses.OidcConfig)

    def _outputs(self, config: responses.OidcConfig) -> dict[str, Any]:
        question = identities.ThumbprintOf(oidc_config_id=config.id)
        thumbprint = self.connection.ocm.inquire(OIDC_THUMBPRINT, question, responses.Thumbprint).thumbprint
        return {"managed": config.managed, "issuer_url": config.issuer_url, "thumbprint": thumbprint}


class OidcConfig(pulumi.dynamic.Resource, module="rosa", name="OidcConfig"):
    """An OIDC configuration; clusters refer to its `id`."""

    issuer_url: pulumi.Output[str]
    """Address of the issuer, with its scheme."""
    thumbprint: pulumi.Output[str]
    """SHA-1 of the certificate that signs for the issuer; IAM asks for it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"managed": True, "issuer_url": None, "thumbprint": None}
        super().__init__(OidcConfigProvider(), name, props, opts)


class ExistingOidcConfigProvider(OidcConfigProvider):
    """Reads a configuration of somebody else; deletes nothing."""

    beside = frozenset({"config_id", "managed"})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Look the configuration up.

        Raises:
            NotFoundError: no configuration has the id.
        """
        config = self._get(props["config_id"])
        return CreateResult(config.id, {"config_id": config.id, **self._outputs(config)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the configuration from OCM."""
        result = super().read(id_, props)
        return ReadResult(result.id, {"config_id": id_, **(result.outs or {})}) if result.id else GONE

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leave the configuration: it is not ours."""


class ExistingOidcConfig(pulumi.dynamic.Resource, module="rosa", name="ExistingOidcConfig"):
    """An OIDC configuration that exists already, by its id."""

    issuer_url: pulumi.Output[str]
    """Address of the issuer, with its scheme."""
    thumbprint: pulumi.Output[str]
    """SHA-1 of the certificate that signs for the issuer; IAM asks for it."""

    def __init__(self, name: str, config_id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"config_id": config_id, "issuer_url": None, "thumbprint": None}
        super().__init__(ExistingOidcConfigProvider(), name, props, opts)
