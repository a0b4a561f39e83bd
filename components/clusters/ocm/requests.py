"""What OCM is asked, as strict types: an unknown field, a fraction where a whole number belongs, or a value outside the
allowed ones is an error here and not an answer from a server.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Pulumi carries whole numbers as floating point; here they
become whole again, because OCM reads them into Go's int32, which `4.0` does not fit.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Minutes = Annotated[int, Field(ge=0, le=10080)]


class Body(BaseModel):
    """Strict and immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def wire(self) -> dict[str, Any]:
        """As it is sent: fields that were not given are left out."""
        return self.model_dump(mode="json", exclude_none=True)


class Id(Body):
    """A reference by id."""

    id: str


class Enabled(Body):
    """A switch."""

    enabled: bool = True


class Nodes(Body):
    """The nodes that a cluster starts with, spread over its private subnets; each zone becomes a pool `workers-N`."""

    compute: int
    compute_machine_type: Id
    availability_zones: list[Zone]


class KmsKey(Body):
    """A key of AWS KMS."""

    kms_key_arn: str


class InstanceRoles(Body):
    """Roles of nodes."""

    worker_role_arn: str


class Sts(Body):
    """Roles that Red Hat and the cluster's operators take."""

    role_arn: str
    support_role_arn: str
    instance_iam_roles: InstanceRoles
    operator_role_prefix: str
    oidc_config: Id
    external_id: str | None = None
    auto_mode: bool = False


class ClusterAws(Body):
    """The AWS side of a cluster."""

    account_id: Account
    billing_account_id: Account | None = None
    subnet_ids: list[str]
    private_link: bool = False
    ec2_metadata_http_tokens: Literal["required", "optional"] = "required"
    kms_key_arn: str | None = None
    etcd_encryption: KmsKey | None = None
    tags: dict[str, str] | None = None
    additional_allowed_principals: list[str] | None = None
    termination_handler_queue_url: str | None = None
    sts: Sts


class Api(Body):
    """Who reaches the cluster's API."""

    listening: Literal["internal", "external"]


class Network(Body):
    """Address ranges."""

    machine_cidr: str
    service_cidr: str
    pod_cidr: str
    host_prefix: int = Field(ge=23, le=26)


class Version(Body):
    """An OpenShift version of OCM: `openshift-v4.20.1`, or `openshift-v4.20.1-candidate` off the stable channel."""

    id: Annotated[str, StringConstraints(pattern=r"^openshift-v\d+\.\d+\.\d+[-.a-z0-9]*$")]
    channel_group: str | None = None


class Cluster(Body):
    """Creates a cluster with a hosted control plane (`POST /clusters`)."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,52}[a-z0-9])?$")]
    domain_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$")] | None = None
    product: Id = Id(id="rosa")
    cloud_provider: Id = Id(id="aws")
    region: Id
    hypershift: Enabled = Enabled()
    ccs: Enabled = Enabled()
    multi_az: bool
    etcd_encryption: bool = False
    fips: bool = False
    version: Version
    properties: dict[str, str] = Field(default_factory=dict)
    nodes: Nodes
    aws: ClusterAws
    api: Api
    network: Network
    disable_user_workload_monitoring: bool | None = None


class Taint(Body):
    """A taint of nodes."""

    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Autoscaling(Body):
    """Limits of the autoscaler. The names are in the singular; those of classic machine pools are in the plural."""

    min_replica: int = Field(ge=0)
    max_replica: int = Field(ge=1)


class RootVolume(Body):
    """The disk of a node, in GiB."""

    size: int = Field(ge=75, le=16384)


class SpotMarketOptions(Body):
    """Spare capacity, up to a price in USD/h. It is text here, and a number on classic machine pools."""

    max_price: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]


class CapacityReservation(Body):
    """Capacity that was paid for in advance."""

    id: str | None = None
    market_type: Literal["OnDemand", "CapacityBlocks"] | None = None
    preference: Literal["none", "open", "capacity-reservations-only"] | None = None


class AwsNodePool(Body):
    """The AWS side of a node pool."""

    instance_type: str
    root_volume: RootVolume | None = None
    ec2_metadata_http_tokens: Literal["required", "optional"] = "required"
    tags: dict[str, str] = Field(default_factory=dict)
    additional_security_group_ids: list[str] | None = None
    capacity_reservation: CapacityReservation | None = None
    spot_market_options: SpotMarketOptions | None = None


class DrainGracePeriod(Body):
    """How long pods may take to leave a node."""

    value: Minutes
    unit: Literal["minutes"] = "minutes"


class ManagementUpgrade(Body):
    """How many nodes an upgrade replaces at a time; numbers or percentages, as text."""

    max_surge: str
    max_unavailable: str


class NodePool(Body):
    """Creates a node pool (`POST /clusters/{id}/node_pools`)."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    subnet: str
    auto_repair: bool = True
    replicas: int | None = Field(default=None, ge=0)
    autoscaling: Autoscaling | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    taints: list[Taint] = Field(default_factory=list)
    aws_node_pool: AwsNodePool
    tuning_configs: list[str] | None = None
    kubelet_configs: Annotated[list[str], Field(max_length=1)] | None = None
    node_drain_grace_period: DrainGracePeriod | None = None
    management_upgrade: ManagementUpgrade | None = None
    version: Version | None = None


class NewOidcConfig(Body):
    """Creates an OIDC configuration that Red Hat hosts."""

    managed: Literal[True] = True


class ThumbprintOf(Body):
    """Asks for an issuer's certificate."""

    oidc_config_id: str


class HtpasswdUser(Body):
    """A user with a password."""

    username: Annotated[str, StringConstraints(pattern=r"^[^/:%~.][^/:%]*$")]
    password: str | None = Field(default=None, repr=False)
    hashed_password: str | None = Field(default=None, repr=False)


class HtpasswdUsers(Body):
    """A linked list: `{"items": […]}` on the wire, a plain array in the specification."""

    items: list[HtpasswdUser]


class Htpasswd(Body):
    """Users and passwords that the cluster keeps."""

    users: HtpasswdUsers


class OpenIdClaims(Body):
    """Which claims name what."""

    email: list[str] | None = None
    name: list[str] | None = None
    preferred_username: list[str] | None = None
    groups: list[str] | None = None


class OpenId(Body):
    """An OpenID Connect provider, e.g. Entra ID."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^?#]+$")]
    client_id: str
    client_secret: str = Field(repr=False)
    claims: OpenIdClaims
    extra_scopes: list[str] | None = None
    ca: str | None = None


class IdentityProvider(Body):
    """Creates an identity provider (`POST /clusters/{id}/identity_providers`)."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$")]
    type: Literal["HTPasswdIdentityProvider", "OpenIDIdentityProvider"]
    mapping_method: Literal["add", "claim", "generate", "lookup"] = "claim"
    login: bool = True
    challenge: bool | None = None
    htpasswd: Htpasswd | None = None
    open_id: OpenId | None = None


class TuningConfig(Body):
    """Creates a configuration of the node tuning operator (`POST /clusters/{id}/tuning_configs`)."""

    name: str
    spec: dict[str, Any]


class KubeletConfig(Body):
    """Creates a configuration of the kubelet (`POST /clusters/{id}/kubelet_configs`)."""

    name: str
    pod_pids_limit: int = Field(ge=4096, le=16384)


class ResourceLimits(Body):
    """What all pools together may hold."""

    max_nodes_total: int = Field(ge=1)


class ClusterAutoscaler(Body):
    """The four settings that hosted control planes have (terraform-provider-rhcs, provider/autoscaler/hcp)."""

    max_pod_grace_period: int | None = Field(default=None, ge=0)
    pod_priority_threshold: int | None = None
    max_node_provision_time: Annotated[str, StringConstraints(pattern=r"^\d+[smh]$")] | None = None
    resource_limits: ResourceLimits | None = None


class UpgradePolicy(Body):
    """Plans one upgrade, or a schedule of automatic ones."""

    upgrade_type: Literal["ControlPlane", "NodePool"] = "ControlPlane"
    schedule_type: Literal["manual", "automatic"]
    version: str | None = None
    next_run: str | None = None
    schedule: str | None = None
    enable_minor_version_upgrades: bool | None = None


class GateAgreement(Body):
    """Says that the warning of a version gate was read."""

    version_gate: Id
