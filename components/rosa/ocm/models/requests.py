"""Bodies of requests to OCM, as strict types: an unknown field, a fraction in place of a whole number, or a value
outside the allowed ones is an error here and not an answer from a server.

Names and types: ocm-sdk-go e2591bb, openapi/clusters_mgmt/v1. Pulumi carries whole numbers as floating point; here they
become whole again, because OCM reads them into Go's int32, which `4.0` does not fit.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Minutes = Annotated[int, Field(ge=0, le=10080)]


class Body(BaseModel):
    """Base of all bodies: strict and immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def wire(self) -> dict[str, Any]:
        """Render the body as it is sent, without fields that have no value."""
        return self.model_dump(mode="json", exclude_none=True)


class NoBody(Body):
    """Body of a resource that no request of OCM creates."""


class Id(Body):
    """Reference by id."""

    id: str


class Enabled(Body):
    """Switch."""

    enabled: bool = True


class Version(Body):
    """OpenShift version of OCM: `openshift-v4.20.1`, or `openshift-v4.20.1-candidate` off the stable channel."""

    id: Annotated[str, StringConstraints(pattern=r"^openshift-v\d+\.\d+\.\d+[-.a-z0-9]*$")]
    channel_group: str | None = None


class Nodes(Body):
    """First nodes of a cluster, spread over its private subnets; each zone becomes a pool `workers-N`."""

    compute: int
    compute_machine_type: Id
    availability_zones: list[Zone]


class KmsKey(Body):
    """Key of AWS KMS."""

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
    """AWS side of a cluster."""

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
    """Reachability of the cluster's API."""

    listening: Literal["internal", "external"]


class Network(Body):
    """Address ranges."""

    machine_cidr: str
    service_cidr: str
    pod_cidr: str
    host_prefix: int = Field(ge=23, le=26)


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


class ResourceLimits(Body):
    """Limit of all pools together."""

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
    """Confirms that the warning of a version gate was read."""

    version_gate: Id


class Taint(Body):
    """Taint of nodes."""

    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Autoscaling(Body):
    """Limits of the autoscaler. The names are in the singular; those of classic machine pools are in the plural."""

    min_replica: int = Field(ge=0)
    max_replica: int = Field(ge=1)


class RootVolume(Body):
    """Disk of a node, in GiB."""

    size: int = Field(ge=75, le=16384)


class SpotMarketOptions(Body):
    """Spare capacity, up to a price in USD/h. The price is text here, and a number on classic machine pools."""

    max_price: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]


class CapacityReservation(Body):
    """Capacity that was paid for in advance."""

    id: str | None = None
    market_type: Literal["OnDemand", "CapacityBlocks"] | None = None
    preference: Literal["none", "open", "capacity-reservations-only"] | None = None


class AwsNodePool(Body):
    """AWS side of a node pool."""

    instance_type: str
    root_volume: RootVolume | None = None
    ec2_metadata_http_tokens: Literal["required", "optional"] = "required"
    tags: dict[str, str] = Field(default_factory=dict)
    additional_security_group_ids: list[str] | None = None
    capacity_reservation: CapacityReservation | None = None
    spot_market_options: SpotMarketOptions | None = None


class DrainGracePeriod(Body):
    """Time that pods may take to leave a node."""

    value: Minutes
    unit: Literal["minutes"] = "minutes"


class ManagementUpgrade(Body):
    """Nodes that an upgrade replaces at a time: numbers or percentages, as text."""

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


class TuningConfig(Body):
    """Creates a configuration of the node tuning operator (`POST /clusters/{id}/tuning_configs`)."""

    name: str
    spec: dict[str, Any]


class KubeletConfig(Body):
    """Creates a configuration of the kubelet (`POST /clusters/{id}/kubelet_configs`)."""

    name: str
    pod_pids_limit: int = Field(ge=4096, le=16384)
