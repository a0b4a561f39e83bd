"""Arguments of a ROSA cluster. All but secrets are plain values: a preview must know the cluster."""

import enum
from typing import NotRequired

import pulumi
from modelyard.components.common.ownership import OwnershipArgs
from typing_extensions import TypedDict


class RosaChannelGroup(enum.Enum):
    """Channel group of OpenShift versions (ocm, channel groups)."""

    STABLE = "stable"
    EUS = "eus"
    FAST = "fast"
    CANDIDATE = "candidate"
    NIGHTLY = "nightly"


class RosaSubnetArgs(TypedDict):
    """Subnets that exist already."""

    private: dict[str, str]
    """Id of the private subnet of each zone."""
    public: NotRequired[dict[str, str]]
    """Id of the public subnet of each zone; needed by a public cluster."""


class RosaBudgetArgs(TypedDict):
    """Mails about a month that costs more than planned, in the whole AWS account. It stops nothing."""

    amount_per_month: float
    """Planned costs, in USD."""
    emails: list[str]
    """One to ten mail addresses."""


class RosaUserArgs(TypedDict):
    """A user whose password the cluster keeps."""

    username: str
    """Name of the user."""
    password: pulumi.Input[str]
    """Kept as a secret. At least 14 characters: upper and lower case, and a digit or symbol."""


class RosaClaimsArgs(TypedDict):
    """Claims of a token; of each list the first claim with a value counts."""

    email: NotRequired[list[str]]
    """Mail address."""
    name: NotRequired[list[str]]
    """Full name."""
    preferred_username: NotRequired[list[str]]
    """Name of the user in OpenShift."""
    groups: NotRequired[list[str]]
    """Groups of OpenShift. Default: none."""


class RosaOpenIdArgs(TypedDict):
    """An OpenID Connect provider, e.g. Entra ID: `https://login.microsoftonline.com/<tenant>/v2.0`."""

    issuer: str
    """Address, https."""
    client_id: str
    """Id of the cluster at the provider."""
    client_secret: pulumi.Input[str]
    """Kept as a secret."""
    claims: NotRequired[RosaClaimsArgs]
    """Default: `email`, `name` and `preferred_username`."""
    extra_scopes: NotRequired[list[str]]
    """Scopes besides `openid`."""


class RosaIdentityProviderArgs(TypedDict):
    """Source of the people who log in. Give either `users` or `open_id`."""

    name: str
    """Shown at the login."""
    users: NotRequired[list[RosaUserArgs]]
    """Users and passwords that the cluster keeps (htpasswd): for a start, or an emergency."""
    open_id: NotRequired[RosaOpenIdArgs]
    """OpenID Connect provider."""


class RosaClusterArgs(TypedDict):
    """A ROSA cluster with a hosted control plane, and its network, roles and key."""

    ownership: OwnershipArgs
    """Team, owner and cost centre; become tags."""
    cluster_name: NotRequired[str]
    """Name in Cluster Manager, at most 54 characters. Default: the component's name."""
    domain_prefix: NotRequired[str]
    """Beginning of the cluster's domain, at most 15 characters. Default: Cluster Manager chooses."""
    region: str
    """AWS region."""
    zones: list[str]
    """One to three availability zones."""
    account_id: str
    """AWS account, 12 digits."""
    creator_arn: str
    """ARN of the AWS identity that answers for the cluster; Cluster Manager asks for it."""
    billing_account_id: NotRequired[str]
    """AWS account that pays for the control plane. Default: `account_id`."""
    version: str
    """OpenShift version, in full: `4.20.1`. A higher one upgrades; a lower one is refused."""
    channel_group: NotRequired[RosaChannelGroup]
    """Channel group that `version` is taken from. Default `stable`."""
    acknowledge_gates_for: NotRequired[str]
    """Minor version whose upgrade warnings have been read."""
    upgrade_schedule: NotRequired[str]
    """Cron expression, UTC, of automatic patch upgrades. Default: none, a change of `version` upgrades."""
    production: NotRequired[bool]
    """Default of `delete_protection` and `nat_per_zone`. Default false."""
    private: NotRequired[bool]
    """API and ingress reachable from the VPC only. Default true."""
    existing_subnets: NotRequired[RosaSubnetArgs]
    """Default: a new VPC."""
    nat_per_zone: NotRequired[bool]
    """A NAT gateway for each zone; otherwise a single one, cheaper but a point of failure. Default: `production`."""
    machine_cidr: NotRequired[str]
    """Range of nodes and VPC. Default `10.0.0.0/16`."""
    service_cidr: NotRequired[str]
    """Range of services. Default `172.30.0.0/16`."""
    pod_cidr: NotRequired[str]
    """Range of pods. Default `10.128.0.0/14`."""
    host_prefix: NotRequired[int]
    """Prefix length of each node's part of the pods' range. Default 23: 510 pods."""
    compute_machine_type: NotRequired[str]
    """Machine of the first nodes, which have no GPU. Default `m5.2xlarge`: 8 vCPUs, 32 GiB."""
    compute_nodes: NotRequired[int]
    """First nodes; a multiple of the number of zones. Default: two, or one per zone if that is more."""
    max_nodes: NotRequired[int]
    """Limit of all pools together. Default 100."""
    kms_key_arn: NotRequired[str]
    """Key for disks and etcd. Default: a new one."""
    oidc_config_id: NotRequired[str]
    """An OIDC configuration that exists. Default: a new one."""
    delete_protection: NotRequired[bool]
    """Cluster Manager and Pulumi refuse to delete the cluster. Default: `production`."""
    spot_queue_url: NotRequired[str]
    """SQS queue of interruption notices, so that spot nodes drain before they go."""
    spot_queue: NotRequired[bool]
    """Create that queue, and the rules that fill it. Default false."""
    identity_providers: NotRequired[list[RosaIdentityProviderArgs]]
    """Sources of the people who log in. Default: none; the platform itself uses a service account."""
    admins: NotRequired[list[str]]
    """Names of users who administer the cluster. Default: none."""
    repositories: NotRequired[list[str]]
    """Names of image repositories in ECR, below the cluster's, that the nodes may pull from. Default: none."""
    budget: NotRequired[RosaBudgetArgs]
    """Default: none."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The account's vCPUs by code of EC2's quotas (`L-DB2E81BA`). Missing codes are not checked."""


class RosaClusterReference(TypedDict):
    """A cluster, as its pools see it: `RosaCluster.reference`, or written down for a cluster of another program."""

    cluster_id: pulumi.Input[str]
    """OCM's id. That of `RosaCluster.reference` is known when the cluster is ready, so that pools wait for it."""
    region: str
    """AWS region."""
    zones: list[str]
    """Availability zones."""
    version: str
    """OpenShift version of the control plane: `4.20.1`."""
    subnets: dict[str, pulumi.Input[str]]
    """Id of the private subnet of each zone."""
    subnet_prefix: NotRequired[int]
    """Prefix length of each private subnet, which limits a pool's nodes. Default: not checked."""
    max_nodes: NotRequired[int]
    """Limit of all pools together. Default: not checked."""
    spot_drains: NotRequired[bool]
    """The cluster has a queue of interruption notices. Default false."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The account's vCPUs by code of EC2's quotas. Missing codes are not checked."""
