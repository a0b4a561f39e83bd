"""The section `cluster.rosa`: a ROSA cluster that this program creates. Its keys are the arguments of RosaCluster."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from modelyard.stacks.environment.amounts import Count, CountOrZero, Price
from modelyard.stacks.environment.section import Section
from pydantic import Field


class RosaBudget(Section):
    """Mails when a month costs more than planned, in the whole AWS account. It stops nothing."""

    amount_per_month: Price
    """USD."""
    emails: tuple[str, ...]
    """One to ten."""


class RosaSubnets(Section):
    """Subnets that exist already; no VPC is created then."""

    private: dict[str, str]
    """Id of the private subnet of each zone."""
    public: dict[str, str] = Field(default_factory=dict)
    """Id of the public subnet of each zone; needed by a public API."""


class RosaClaims(Section):
    """Claims of a token that OpenShift reads."""

    groups: tuple[str, ...] | None = None
    """Claims whose values become groups of OpenShift; the first that has a value counts."""


class RosaOpenId(Section):
    """OpenID Connect provider. Its client secret is kept beside the environment:
    `pulumi config set --secret modelyard:loginSecret`."""

    MISPLACED: ClassVar[Mapping[str, str]] = {
        "client_secret": "is kept beside the environment: pulumi config set --secret modelyard:loginSecret"
    }

    issuer: str
    """Address, e.g. `https://login.microsoftonline.com/<tenant>/v2.0`."""
    client_id: str
    """Id of this application at the provider."""
    claims: RosaClaims | None = None
    """None: no groups."""


class RosaIdentityProvider(Section):
    """Provider with which people log in."""

    name: str
    """Shown where people log in."""
    open_id: RosaOpenId
    """The provider itself."""


class Rosa(Section):
    """A ROSA cluster with a hosted control plane, created with its network, roles and key."""

    region: str
    """AWS region, e.g. `us-east-1`."""
    zones: tuple[str, ...]
    """One to three availability zones. A node pool lies in one of them."""
    account_id: str
    """AWS account, 12 digits in quotes."""
    creator_arn: str
    """ARN of the AWS identity that answers for the cluster; OpenShift Cluster Manager asks for it."""
    billing_account_id: str | None = None
    """AWS account that pays for the control plane. None: `account_id`."""
    version: str
    """OpenShift version in full, `4.20.1`. A higher one upgrades; a lower one is refused."""
    acknowledge_gates_for: str | None = None
    """Minor version whose upgrade warnings have been read, e.g. `4.21`."""
    upgrade_schedule: str | None = None
    """Cron expression, UTC, of automatic patch upgrades. None: upgrades are started by changing `version`."""
    production: bool = False
    """Cluster Manager and Pulumi refuse to delete the cluster, and each zone has its own way out to the internet."""
    private: bool = True
    """API and ingress are reached from the VPC only."""
    max_nodes: Count = 100
    """Nodes of all pools together; address ranges are checked against it."""
    compute_machine_type: str | None = None
    """Machine of the first nodes, which have no GPU. None: `m5.2xlarge`."""
    compute_nodes: Count | None = None
    """First nodes; a multiple of the number of zones. None: two, or one per zone if that is more."""
    machine_cidr: str | None = None
    """Range of nodes and VPC. None: `10.0.0.0/16`."""
    service_cidr: str | None = None
    """Range of services. None: `172.30.0.0/16`."""
    pod_cidr: str | None = None
    """Range of pods. None: `10.128.0.0/14`."""
    host_prefix: Count | None = None
    """Prefix length of each node's part of the pods' range. None: 23, which is 510 pods."""
    existing_subnets: RosaSubnets | None = None
    """None: a VPC is created."""
    kms_key_arn: str | None = None
    """Key for disks and etcd. None: one is created."""
    oidc_config_id: str | None = None
    """An OIDC configuration that exists. None: one is created."""
    spot_queue: bool = False
    """Create a queue of interruption notices, and the rules that fill it. Spot nodes need one, so that they drain
    before they go."""
    spot_queue_url: str | None = None
    """Existing SQS queue, in place of `spot_queue`."""
    vcpu_quota: dict[str, CountOrZero] = Field(default_factory=dict)
    """The account's vCPUs by code of EC2's quotas, as `aws service-quotas list-service-quotas --service-code ec2` shows
    them (`L-DB2E81BA`: on-demand G and VT); missing codes are not checked."""
    budget: RosaBudget | None = None
    """None: no mails."""
    identity_providers: Annotated[tuple[RosaIdentityProvider, ...], Field(max_length=1)] | None = None
    """None: nobody logs in; the platform itself has a service account."""
    admins: tuple[str, ...] | None = None
    """Names of users who administer the cluster."""
