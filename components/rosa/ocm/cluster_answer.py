"""What OCM says of a cluster, and of what belongs to it."""

from modelyard.components.rosa.ocm.answer import Answer, Link
from modelyard.components.rosa.ocm.version_answer import Version
from pydantic import Field


class ClusterStatus(Answer):
    """How a cluster is doing."""

    state: str = "unknown"
    description: str = ""
    provision_error_code: str = ""
    provision_error_message: str = ""
    current_compute: int = 0


class Listening(Answer):
    """The API of a cluster."""

    url: str = ""
    listening: str = ""


class Console(Answer):
    """The web console of a cluster."""

    url: str = ""


class Dns(Answer):
    """Where the cluster's names end."""

    base_domain: str = ""


class OidcConfig(Answer):
    """Where the cluster's service account tokens are verified."""

    id: str = ""
    issuer_url: str = ""
    managed: bool = True


class Sts(Answer):
    """Roles of a cluster."""

    role_arn: str = ""
    operator_role_prefix: str = ""
    oidc_config: OidcConfig = Field(default_factory=OidcConfig)
    oidc_endpoint_url: str = ""


class Aws(Answer):
    """The AWS side of a cluster."""

    account_id: str = ""
    billing_account_id: str = ""
    subnet_ids: list[str] = Field(default_factory=list)
    private_link: bool = False
    kms_key_arn: str = ""
    termination_handler_queue_url: str = ""
    additional_allowed_principals: list[str] = Field(default_factory=list)
    sts: Sts = Field(default_factory=Sts)


class Network(Answer):
    """Address ranges."""

    machine_cidr: str = ""
    service_cidr: str = ""
    pod_cidr: str = ""
    host_prefix: int = 0


class DeleteProtection(Answer):
    """Whether OCM refuses to delete the cluster."""

    enabled: bool = False


class Cluster(Answer):
    """A cluster."""

    id: str
    name: str = ""
    domain_prefix: str = ""
    state: str = "unknown"
    status: ClusterStatus = Field(default_factory=ClusterStatus)
    properties: dict[str, str] = Field(default_factory=dict)
    region: Link = Field(default_factory=Link)
    version: Version = Field(default_factory=Version)
    openshift_version: str = ""
    api: Listening = Field(default_factory=Listening)
    console: Console = Field(default_factory=Console)
    dns: Dns = Field(default_factory=Dns)
    aws: Aws = Field(default_factory=Aws)
    network: Network = Field(default_factory=Network)
    delete_protection: DeleteProtection = Field(default_factory=DeleteProtection)

    @property
    def running_version(self) -> str:
        """E.g. `4.20.1`; empty while it is being installed."""
        return self.openshift_version or self.version.raw_id


class ClusterAutoscaler(Answer):
    """Settings of the cluster's autoscaler."""

    max_node_provision_time: str = ""


class Thumbprint(Answer):
    """SHA-1 of the certificate that signs for an issuer."""

    thumbprint: str


class StsPolicy(Answer):
    """A policy, or for `sts_support_rh_sre_role` the role that Red Hat's engineers come from."""

    id: str = ""
    details: str = ""
    arn: str = ""


class HtpasswdUser(Answer):
    """A user of an htpasswd identity provider."""

    id: str
    username: str
