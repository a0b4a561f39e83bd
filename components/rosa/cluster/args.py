"""The arguments of a ROSA cluster. All values but secrets are plain: what a cluster is must be known at preview."""

from typing import NotRequired

import pulumi
from modelyard.components.common.ownership import OwnershipArgs
from typing_extensions import TypedDict


class RosaSubnetArgs(TypedDict):
    """Subnets that exist already."""

    private: dict[str, str]
    """Id of the private subnet of each zone."""
    public: NotRequired[dict[str, str]]
    """Id of the public subnet of each zone; needed by a public cluster."""


class RosaBudgetArgs(TypedDict):
    """Mails when a month costs more than planned, in the whole AWS account. It stops nothing."""

    amount_per_month: float
    """USD."""
    emails: list[str]
    """One to ten."""


class RosaUserArgs(TypedDict):
    """A user whose password the cluster keeps."""

    username: str
    password: pulumi.Input[str]
    """Kept as a secret. At least 14 characters: upper and lower case, and a digit or symbol."""


class RosaClaimsArgs(TypedDict):
    """Claims of a token, the first that has a value counts."""

    email: NotRequired[list[str]]
    name: NotRequired[list[str]]
    preferred_username: NotRequired[list[str]]
    groups: NotRequired[list[str]]
    """Become groups of OpenShift. Default: none."""


class RosaOpenIdArgs(TypedDict):
    """An OpenID Connect provider, e.g. Entra ID: `https://login.microsoftonline.com/<tenant>/v2.0`."""

    issuer: str
    """Address, https."""
    client_id: str
    client_secret: pulumi.Input[str]
    """Kept as a secret."""
    claims: NotRequired[RosaClaimsArgs]
    """Default: `email`, `name` and `preferred_username`."""
    extra_scopes: NotRequired[list[str]]
    """Besides `openid`."""


class RosaIdentityProviderArgs(TypedDict):
    """Where people who log in come from. Give either `users` or `open_id`."""

    name: str
    """Shown where people log in."""
    users: NotRequired[list[RosaUserArgs]]
    """Users and passwords that the cluster keeps (htpasswd): for a start, or an emergency."""
    open_id: NotRequired[RosaOpenIdArgs]


class RosaClusterArgs(TypedDict):
    """A ROSA cluster with a hosted control plane, and what belongs to it."""

    ownership: OwnershipArgs
    """Whose it is; becomes tags."""
    cluster_name: NotRequired[str]
    """Default: the component's name. At most 54 characters."""
    domain_prefix: NotRequired[str]
    """Begins the cluster's domain. At most 15 characters. Default: OCM's choice."""
    region: str
    """AWS region."""
    zones: list[str]
    """One to three availability zones."""
    account_id: str
    """AWS account, 12 digits."""
    creator_arn: str
    """ARN of the AWS identity that answers for the cluster; OCM asks for it."""
    billing_account_id: NotRequired[str]
    """AWS account that pays for the control plane. Default: `account_id`."""
    version: str
    """OpenShift version, in full: `4.20.1`. A higher one upgrades; a lower one is refused."""
    channel_group: NotRequired[str]
    """Default `stable`."""
    acknowledge_gates_for: NotRequired[str]
    """Minor version whose upgrade warnings have been read."""
    upgrade_schedule: NotRequired[str]
    """Cron expression, UTC, of automatic patch upgrades. Default: none, upgrades are made by changing `version`."""
    private: NotRequired[bool]
    """API and ingress reachable from the VPC only. Default true."""
    existing_subnets: NotRequired[RosaSubnetArgs]
    """Default: a VPC is made."""
    nat_per_zone: NotRequired[bool]
    """Each zone has its own NAT gateway. Default false: one for all, cheaper, and a single point of failure."""
    machine_cidr: NotRequired[str]
    """Of nodes and VPC. Default `10.0.0.0/16`."""
    service_cidr: NotRequired[str]
    """Default `172.30.0.0/16`."""
    pod_cidr: NotRequired[str]
    """Default `10.128.0.0/14`."""
    host_prefix: NotRequired[int]
    """Prefix length of each node's part of the pods' range. Default 23: 510 pods."""
    compute_machine_type: NotRequired[str]
    """Of the first nodes, which have no GPU. Default `m5.2xlarge`: 8 vCPUs, 32 GiB."""
    compute_nodes: NotRequired[int]
    """First nodes; a multiple of the number of zones. Default: two, or one per zone if that is more."""
    max_nodes: NotRequired[int]
    """Limit of all pools together. Default 100."""
    kms_key_arn: NotRequired[str]
    """Key for disks and etcd. Default: one is made."""
    oidc_config_id: NotRequired[str]
    """An OIDC configuration that exists. Default: one is made."""
    delete_protection: NotRequired[bool]
    """OCM refuses to delete the cluster. Default false."""
    spot_queue_url: NotRequired[str]
    """SQS queue of interruption notices, so that spot nodes drain before they go."""
    spot_queue: NotRequired[bool]
    """Makes that queue, and what fills it. Default false."""
    identity_providers: NotRequired[list[RosaIdentityProviderArgs]]
    """Where people who log in come from. Default: none; the platform itself uses a service account."""
    admins: NotRequired[list[str]]
    """Names of users who administer the cluster. Default: none."""
    repositories: NotRequired[list[str]]
    """Names of image repositories in ECR, below the cluster's, that the nodes may pull from. Default: none."""
    budget: NotRequired[RosaBudgetArgs]
    """Default: none."""
    vcpu_quota: NotRequired[dict[str, int]]
    """The account's vCPUs by code of EC2's quotas (`L-DB2E81BA`). Missing codes are not judged."""
