"""What OCM answers, as far as we read it. Fields that we do not know are left alone: the API grows.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Where the wire differs from the specification the wire
counts: linked lists come as `{"items": […]}`.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Answer(BaseModel):
    """Lenient: unknown fields are ignored, all others have a default unless nothing works without them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Nothing(Answer):
    """An answer that is not read."""


class Link(Answer):
    """A reference to something else."""

    id: str = ""


class Version(Answer):
    """An OpenShift version."""

    id: str = ""
    raw_id: str = ""
    """E.g. `4.20.1`."""
    channel_group: str = "stable"
    available_upgrades: list[str] = Field(default_factory=list)
    hosted_control_plane_enabled: bool = False


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


class NodePoolState(Answer):
    """The state of a node pool."""

    value: str = ""


class NodePoolStatus(Answer):
    """How a node pool is doing."""

    current_replicas: int = 0
    message: str = ""
    state: NodePoolState = Field(default_factory=NodePoolState)


class Autoscaling(Answer):
    """Limits of the autoscaler; in the singular, unlike those of classic machine pools."""

    min_replica: int = 0
    max_replica: int = 0


class AwsNodePool(Answer):
    """The AWS side of a node pool."""

    instance_type: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


class NodePool(Answer):
    """A node pool."""

    id: str
    subnet: str = ""
    auto_repair: bool = True
    labels: dict[str, str] = Field(default_factory=dict)
    taints: list[dict[str, Any]] = Field(default_factory=list)
    replicas: int | None = None
    autoscaling: Autoscaling | None = None
    aws_node_pool: AwsNodePool = Field(default_factory=AwsNodePool)
    tuning_configs: list[str] = Field(default_factory=list)
    kubelet_configs: list[str] = Field(default_factory=list)
    version: Version = Field(default_factory=Version)
    status: NodePoolStatus = Field(default_factory=NodePoolStatus)


class Thumbprint(Answer):
    """SHA-1 of the certificate that signs for an issuer."""

    thumbprint: str


class StsPolicy(Answer):
    """A policy, or for `sts_support_rh_sre_role` the role that Red Hat's engineers come from."""

    id: str = ""
    details: str = ""
    arn: str = ""


class Named(Answer):
    """Something of a cluster that has a name and an id: identity providers, tuning and kubelet configurations."""

    id: str = ""
    name: str = ""
    type: str = ""


class HtpasswdUser(Answer):
    """A user of an htpasswd identity provider."""

    id: str
    username: str


class ClusterAutoscaler(Answer):
    """Settings of the cluster's autoscaler."""

    max_node_provision_time: str = ""


class UpgradeState(Answer):
    """The state of an upgrade."""

    value: str = ""
    description: str = ""


class UpgradePolicy(Answer):
    """A planned upgrade, or the schedule of automatic ones."""

    id: str
    version: str = ""
    schedule: str = ""
    schedule_type: str = ""
    upgrade_type: str = ""
    state: UpgradeState = Field(default_factory=UpgradeState)


class Raw(Answer):
    """An answer as it came, beside its id: for comparing it with what was asked for, field by field."""

    id: str
    told: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, value: Any) -> Any:
        return {"id": value.get("id"), "told": value} if isinstance(value, dict) and "told" not in value else value


class Settings(Answer):
    """Settings without an id, as they came."""

    model_config = ConfigDict(frozen=True, extra="allow")
