"""What OCM is asked for a cluster with a hosted control plane."""

from typing import Annotated, Literal

from modelyard.components.rosa.ocm.body import Body, Enabled, Id
from modelyard.components.rosa.ocm.version_body import Version
from pydantic import Field, StringConstraints

Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


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
