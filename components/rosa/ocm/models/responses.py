"""Answers of OCM, as far as they are read. Unknown fields are left alone: the API grows.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Where the wire differs from the specification the wire
counts: linked lists come as `{"items": […]}`.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Response(BaseModel):
    """Base of all answers: lenient and immutable. A field has a default unless no caller can do without it."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Ignored(Response):
    """Answer that is not read."""


class Named(Response):
    """Resource of a cluster that has a name and an id, such as an identity provider."""

    id: str = ""
    name: str = ""


class Raw(Response):
    """Answer as it came, beside its id: for a comparison with the request, field by field."""

    id: str
    fields: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, value: Any) -> Any:
        return {"id": value.get("id"), "fields": value} if isinstance(value, dict) and "fields" not in value else value


class Settings(Response):
    """Settings without an id, as they came."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Version(Response):
    """OpenShift version."""

    id: str = ""
    raw_id: str = ""
    """Plain version, e.g. `4.20.1`."""


class ClusterStatus(Response):
    """State of a cluster, in words."""

    description: str = ""
    provision_error_code: str = ""
    provision_error_message: str = ""


class Address(Response):
    """Address of a cluster's API or web console."""

    url: str = ""


class Dns(Response):
    """Domain of a cluster."""

    base_domain: str = ""


class Cluster(Response):
    """Cluster."""

    id: str
    name: str = ""
    domain_prefix: str = ""
    state: str = "unknown"
    status: ClusterStatus = Field(default_factory=ClusterStatus)
    properties: dict[str, str] = Field(default_factory=dict)
    version: Version = Field(default_factory=Version)
    openshift_version: str = ""
    api: Address = Field(default_factory=Address)
    console: Address = Field(default_factory=Address)
    dns: Dns = Field(default_factory=Dns)

    @property
    def running_version(self) -> str:
        """Plain version, e.g. `4.20.1`; empty during the installation."""
        return self.openshift_version or self.version.raw_id


class DeleteProtection(Response):
    """Switch with which OCM refuses to delete the cluster."""

    enabled: bool = False


class NodePoolState(Response):
    """State of a node pool, as one word."""

    value: str = ""


class NodePoolStatus(Response):
    """State of a node pool and of its nodes."""

    current_replicas: int = 0
    message: str = ""
    state: NodePoolState = Field(default_factory=NodePoolState)


class NodePool(Response):
    """Node pool."""

    id: str
    version: Version = Field(default_factory=Version)
    status: NodePoolStatus = Field(default_factory=NodePoolStatus)

    @property
    def running_version(self) -> str:
        """Version of the nodes."""
        return self.version.raw_id or self.version.id


class UpgradeState(Response):
    """State of an upgrade."""

    value: str = ""
    description: str = ""


class UpgradePolicy(Response):
    """Planned upgrade, or the schedule of automatic ones."""

    id: str
    version: str = ""
    state: UpgradeState = Field(default_factory=UpgradeState)


class OidcConfig(Response):
    """Issuer of a cluster's service account tokens."""

    id: str = ""
    issuer_url: str = ""
    managed: bool = True


class Thumbprint(Response):
    """SHA-1 of the certificate that signs for an issuer."""

    thumbprint: str


class StsPolicy(Response):
    """A policy, or for `sts_support_rh_sre_role` the role that Red Hat's engineers come from."""

    id: str = ""
    details: str = ""
    arn: str = ""


class HtpasswdUser(Response):
    """User of an htpasswd identity provider."""

    id: str
    username: str
