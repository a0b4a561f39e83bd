"""The sections of an environment file about clusters that are made: one for each cloud's kind."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from modelyard.stacks.environment.amounts import Count, whole
from modelyard.stacks.environment.section import Section, misplaced
from pydantic import BeforeValidator, Field, model_validator


class AksBudget(Section):
    """Mails when a month costs more than planned. It stops nothing."""

    amount_per_month: Annotated[float, Field(gt=0)]
    """In the currency of the subscription."""
    emails: tuple[str, ...]
    from_month: str
    """First month, `2026-12`; Azure takes the present one and later."""


class AksNetwork(Section):
    """Address ranges, as `10.0.0.0/16`. Those of pods and services cannot be changed later."""

    virtual_network: str | None = None
    """Range of the network that is made. None: `10.224.0.0/16`."""
    nodes: str | None = None
    """Subnet of the nodes. None: `10.224.0.0/20`, which is 4,083 nodes."""
    pods: str | None = None
    """Overlay of the pods, outside of the network. None: `10.244.0.0/14`, which is 1,024 nodes."""
    pod_subnet: str | None = None
    """In place of the overlay: a subnet in which each pod takes an address that the network can reach."""
    services: str | None = None
    """None: `10.0.0.0/16`."""
    existing_subnet: str | None = None
    """Id of a subnet for the nodes; no network is made then. Give its range as `nodes`."""
    existing_pod_subnet: str | None = None
    """Id of a subnet for the pods, beside `existing_subnet`. Give its range as `pod_subnet`."""
    outbound: Literal["loadBalancer", "managedNATGateway", "userDefinedRouting", "none"] | None = None
    """How nodes reach the internet. None: `loadBalancer`."""


class AksOwnPool(Section):
    """A pool without GPUs, of the cluster itself. It is never of spot nodes."""

    vm_size: str | None = None
    """None: `Standard_D8ds_v5`, which is 8 vCPUs and 32 GiB."""
    min_nodes: Count | None = None
    max_nodes: Count | None = None
    zones: tuple[str, ...] | None = None
    """None: all three where the region has zones."""

    @model_validator(mode="before")
    @classmethod
    def _lasting(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "spot" in given:
            text = "the cluster's own pools run what must not be evicted; spot is for node_pools (AKS, spot node pools)"
            raise misplaced("spot", text)
        return given


class Aks(Section):
    """The AKS cluster that is made."""

    location: str
    """Region, e.g. `westeurope`."""
    kubernetes_version: str
    """`1.33`, of which AKS takes the newest patch, or `1.33.2`."""
    admin_groups: tuple[str, ...]
    """Object ids of Entra groups whose members administer the cluster; local accounts do not exist."""
    production: bool = False
    """Protects cluster, network and registry from deletion, and pays for a guaranteed API server."""
    private_api: bool = True
    """The API server is reached from the virtual network only."""
    authorized_ranges: tuple[str, ...] = ()
    """Of a public API server: the address ranges that may reach it."""
    max_nodes: Count = 100
    """Nodes of all pools together, surge included; address ranges are checked against it."""
    pods_per_node: Annotated[int, BeforeValidator(whole), Field(ge=10, le=250)] = 110
    """Of each pool; address ranges are checked against it."""
    network: AksNetwork = AksNetwork()
    system_pool: AksOwnPool = AksOwnPool()
    """Runs the cluster's own parts only. 2 to 4 nodes."""
    general_pool: AksOwnPool = AksOwnPool()
    """Runs operators and work without GPUs. 1 to 6 nodes."""
    vcpu_quota: dict[str, int] = Field(default_factory=dict)
    """The subscription's vCPUs by family, as `az vm list-usage` names them; missing families are not judged."""
    local_nvme: bool = False
    """Storage class `local-csi` on the NVMe disks of nodes."""
    log_days: Count = 30
    """Days that logs are kept."""
    budget: AksBudget | None = None


class RosaBudget(Section):
    """Mails when a month costs more than planned, in the whole AWS account. It stops nothing."""

    amount_per_month: Annotated[float, Field(gt=0)]
    """USD."""
    emails: tuple[str, ...]
    """One to ten."""


class RosaSubnets(Section):
    """Subnets that exist already; no VPC is made then."""

    private: dict[str, str]
    """Id of the private subnet of each zone."""
    public: dict[str, str] = Field(default_factory=dict)
    """Id of the public subnet of each zone; needed by a public API."""


class RosaLogin(Section):
    """Where people log in: an OpenID Connect provider. Its client secret is kept beside this file:
    `pulumi config set --secret modelyard:loginSecret`."""

    name: str
    """Shown where people log in."""
    issuer: str
    """Address, e.g. `https://login.microsoftonline.com/<tenant>/v2.0`."""
    client_id: str
    groups_claim: str | None = None
    """Claim whose values become groups of OpenShift."""
    admins: tuple[str, ...] = ()
    """Names of users who administer the cluster."""


class Rosa(Section):
    """The ROSA cluster with a hosted control plane that is made."""

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
    """Cron expression, UTC, of automatic patch upgrades. None: upgrades are made by changing `version`."""
    production: bool = False
    """Cluster Manager and Pulumi refuse to delete the cluster, and each zone has its own way out to the internet."""
    private_api: bool = True
    """API and ingress are reached from the VPC only."""
    max_nodes: Count = 100
    """Nodes of all pools together; address ranges are checked against it."""
    compute_machine_type: str | None = None
    """Of the first nodes, which have no GPU. None: `m5.2xlarge`."""
    compute_nodes: Count | None = None
    """First nodes; a multiple of the number of zones. None: two, or one per zone if that is more."""
    machine_cidr: str | None = None
    """Of nodes and VPC. None: `10.0.0.0/16`."""
    service_cidr: str | None = None
    """None: `172.30.0.0/16`."""
    pod_cidr: str | None = None
    """None: `10.128.0.0/14`."""
    host_prefix: Count | None = None
    """Prefix length of each node's part of the pods' range. None: 23, which is 510 pods."""
    existing_subnets: RosaSubnets | None = None
    """None: a VPC is made."""
    kms_key_arn: str | None = None
    """Key for disks and etcd. None: one is made."""
    oidc_config_id: str | None = None
    """An OIDC configuration that exists. None: one is made."""
    spot_queue: bool = False
    """Makes a queue of interruption notices, and what fills it. Spot nodes need one, so that they drain before they
    go."""
    spot_queue_url: str | None = None
    """In place of `spot_queue`: an SQS queue that is there."""
    vcpu_quota: dict[str, int] = Field(default_factory=dict)
    """The account's vCPUs by code of EC2's quotas, as `aws service-quotas list-service-quotas --service-code ec2` shows
    them (`L-DB2E81BA`: on-demand G and VT); missing codes are not judged."""
    budget: RosaBudget | None = None
    login: RosaLogin | None = None
    """None: nobody logs in; the platform itself has a service account."""
