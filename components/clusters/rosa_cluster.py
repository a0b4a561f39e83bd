"""Red Hat OpenShift on AWS with a hosted control plane: network, roles, key, cluster, and a provider to work with."""

import json
from typing import NotRequired

import pulumi
import pulumi_kubernetes
from modelyard.components.clusters import rosa_roles, rosa_rules
from modelyard.components.clusters.ocm import versions
from modelyard.components.clusters.ocm.cluster import HcpCluster
from modelyard.components.clusters.ocm.cluster_access import ClusterAccess
from modelyard.components.clusters.ocm.cluster_ready import HcpClusterReady
from modelyard.components.clusters.ocm.cluster_settings import ClusterAutoscaler, UpgradeSchedule
from modelyard.components.clusters.ocm.oidc_config import ExistingOidcConfig, OidcConfig
from modelyard.components.clusters.ocm.support_role import SupportPrincipal
from modelyard.components.clusters.rosa_network import network
from modelyard.components.ownership import OwnershipArgs, ownership, tags
from pulumi_aws import iam, kms
from typing_extensions import TypedDict


class RosaSubnetArgs(TypedDict):
    """Subnets that exist already."""

    private: dict[str, str]
    """Id of the private subnet of each zone."""
    public: NotRequired[dict[str, str]]
    """Id of the public subnet of each zone; needed by a public cluster."""


class RosaClusterArgs(TypedDict):
    """What a cluster is. All values are plain: what it is must be known at preview."""

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


class RosaCluster(pulumi.ComponentResource):
    """A cluster that answers, with one Kubernetes provider of a service account that has the rights it needs."""

    name: pulumi.Output[str]
    """Of the cluster."""
    cluster_id: pulumi.Output[str]
    """OCM's id; machine pools name it."""
    oidc_issuer: pulumi.Output[str]
    """Issuer of service account tokens, without its scheme; IAM roles of workspaces trust it."""
    oidc_provider_arn: pulumi.Output[str]
    """Its OIDC provider in IAM."""
    kubeconfig: pulumi.Output[str]
    """A secret."""
    server: pulumi.Output[str]
    """Address of the API."""
    console_url: pulumi.Output[str]
    """Address of the web console."""

    def __init__(  # noqa: PLR0915 - the parts of a cluster, in their order
        self, name: str, args: RosaClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        called = args.get("cluster_name", name)
        zones = list(args["zones"])
        nodes = int(args.get("compute_nodes", max(2, len(zones))))
        most = int(args.get("max_nodes", 100))
        host_prefix = int(args.get("host_prefix", 23))
        texts = {
            "machine": args.get("machine_cidr", "10.0.0.0/16"),
            "service": args.get("service_cidr", "172.30.0.0/16"),
            "pod": args.get("pod_cidr", "10.128.0.0/14"),
        }
        private = bool(args.get("private", True))
        rosa_rules.check_name(called, args.get("domain_prefix"))
        rosa_rules.check_zones(zones, args["region"], nodes)
        addresses = rosa_rules.check_addresses(texts, host_prefix, most)
        version = versions.version_id(args["version"], args.get("channel_group", "stable"))
        existing = args.get("existing_subnets")
        if existing is not None:
            _check_existing(existing, zones, private=private)
        ranges = {} if existing is not None else rosa_rules.subnets(addresses["machine"], zones)
        super().__init__("modelyard:index:RosaCluster", name, None, opts)
        self.zones, self.version, self.region = zones, args["version"], args["region"]
        self._tags = {**tags(ownership(args["ownership"])), "red-hat-managed": "true", "rosa_hcp_policies": "true"}
        self._inside = pulumi.ResourceOptions(parent=self)
        ready: list[pulumi.Resource] = []
        if existing is not None:
            self.subnets: dict[str, pulumi.Input[str]] = dict(existing["private"])
            outer: list[pulumi.Input[str]] = [] if private else [existing.get("public", {})[zone] for zone in zones]
        else:
            made = network(
                name,
                addresses["machine"],
                ranges,
                region=args["region"],
                tags=self._tags,
                nat_per_zone=bool(args.get("nat_per_zone", False)),
                parent=self,
            )
            self.subnets = dict(made.private)
            outer = [] if private else [made.public[zone] for zone in zones]
            ready += made.ready
        self.subnet_prefix = ranges[zones[0]][0].prefixlen if ranges else None
        oidc: OidcConfig | ExistingOidcConfig
        if "oidc_config_id" in args:
            oidc = ExistingOidcConfig(f"{name}-oidc", args["oidc_config_id"], self._inside)
        else:
            oidc = OidcConfig(f"{name}-oidc", self._inside)
        trusted = iam.OpenIdConnectProvider(
            f"{name}-oidc",
            url=oidc.issuer_url,
            client_id_lists=["openshift", "sts.amazonaws.com"],
            thumbprint_lists=[oidc.thumbprint],
            tags=self._tags,
            opts=self._inside,
        )
        roles = self._account_roles(name, called, ready)
        self._operator_roles(name, called, oidc.issuer_url, trusted.arn, ready)
        key = args.get("kms_key_arn") or self._key(name, args["account_id"])
        aws: dict[str, object] = {
            "account_id": args["account_id"],
            "billing_account_id": args.get("billing_account_id", args["account_id"]),
            "subnet_ids": [*(self.subnets[zone] for zone in zones), *outer],
            "private_link": private,
            "ec2_metadata_http_tokens": "required",
            "kms_key_arn": key,
            "etcd_encryption": {"kms_key_arn": key},
            "tags": self._tags,
            "sts": {
                "role_arn": roles["Installer"],
                "support_role_arn": roles["Support"],
                "instance_iam_roles": {"worker_role_arn": roles["Worker"]},
                "operator_role_prefix": called,
                "oidc_config": {"id": oidc.id},
                "auto_mode": False,
            },
        }
        if "spot_queue_url" in args:
            aws["termination_handler_queue_url"] = args["spot_queue_url"]
        inputs: dict[str, object] = {
            "name": called,
            "region": {"id": args["region"]},
            "multi_az": len(zones) > 1,
            "etcd_encryption": True,
            "version": {"id": version, "channel_group": args.get("channel_group", "stable")},
            "properties": {"rosa_creator_arn": args["creator_arn"]},
            "nodes": {
                "compute": nodes,
                "compute_machine_type": {"id": args.get("compute_machine_type", "m5.2xlarge")},
                "availability_zones": zones,
            },
            "aws": aws,
            "api": {"listening": "internal" if private else "external"},
            "network": {**{f"{kind}_cidr": str(one) for kind, one in addresses.items()}, "host_prefix": host_prefix},
            "delete_protection": {"enabled": bool(args.get("delete_protection", False))},
        }
        if "domain_prefix" in args:
            inputs["domain_prefix"] = args["domain_prefix"]
        if "acknowledge_gates_for" in args:
            inputs["acknowledge_gates_for"] = args["acknowledge_gates_for"]
        self.spot_drains = "spot_queue_url" in args
        cluster = HcpCluster(
            name,
            inputs,
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[*ready, trusted],
                protect=bool(args.get("delete_protection", False)),
                delete_before_replace=True,
            ),
        )
        with_it = pulumi.ResourceOptions(parent=self, deleted_with=cluster)
        answers = HcpClusterReady(f"{name}-ready", cluster.id, args["version"], with_it)
        after = pulumi.ResourceOptions(parent=self, deleted_with=cluster, depends_on=[answers])
        # A GPU node takes longer than the default to boot and to load its driver.
        settings = {"max_node_provision_time": "30m", "resource_limits": {"max_nodes_total": most}}
        ClusterAutoscaler(f"{name}-autoscaler", cluster.id, settings, after)
        if "upgrade_schedule" in args:
            UpgradeSchedule(f"{name}-upgrades", cluster.id, args["upgrade_schedule"], minor=False, opts=after)
        access = ClusterAccess(f"{name}-access", cluster.id, after)
        self.cluster = cluster
        self.ready: list[pulumi.Resource] = [answers, access]
        self.provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=pulumi.Output.secret(access.kubeconfig),
            cluster_identifier=cluster.id,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=cluster),
        )
        self.name = pulumi.Output.from_input(called)
        self.cluster_id = cluster.id
        self.oidc_issuer = oidc.issuer_url.apply(lambda url: (url or "").removeprefix("https://"))
        self.oidc_provider_arn = trusted.arn
        self.kubeconfig = pulumi.Output.secret(access.kubeconfig)
        self.server = access.server
        self.console_url = answers.console_url
        self.register_outputs(
            {
                "name": self.name,
                "cluster_id": self.cluster_id,
                "oidc_issuer": self.oidc_issuer,
                "oidc_provider_arn": self.oidc_provider_arn,
                "kubeconfig": self.kubeconfig,
                "server": self.server,
                "console_url": self.console_url,
            }
        )

    def _account_roles(self, name: str, prefix: str, ready: list[pulumi.Resource]) -> dict[str, pulumi.Output[str]]:
        support = SupportPrincipal(f"{name}-support", self._inside)
        trusts: dict[str, pulumi.Input[str]] = {
            "Installer": rosa_roles.trust({"AWS": rosa_roles.INSTALLER}),
            "Support": support.arn.apply(lambda arn: rosa_roles.trust({"AWS": arn})),
            "Worker": rosa_roles.trust({"Service": "ec2.amazonaws.com"}),
        }
        made = {}
        for role in rosa_roles.ACCOUNT:
            found = iam.Role(
                f"{name}-{role.kind.lower()}",
                name=role.name(prefix),
                assume_role_policy=trusts[role.kind],
                tags={**self._tags, "rosa_managed_policies": "true", "rosa_role_type": role.tag},
                opts=self._inside,
            )
            ready.append(self._attach(f"{name}-{role.kind.lower()}", found, role.policy))
            made[role.kind] = found.arn
        return made

    def _operator_roles(
        self,
        name: str,
        prefix: str,
        issuer: pulumi.Output[str],
        provider_arn: pulumi.Output[str],
        ready: list[pulumi.Resource],
    ) -> None:
        for role in rosa_roles.OPERATORS:
            policy = pulumi.Output.all(provider_arn, issuer).apply(
                lambda known, role=role: rosa_roles.federated(known[0], known[1] or "", role.namespace, role.accounts)
            )
            found = iam.Role(
                f"{name}-{role.namespace}-{role.operator}",
                name=role.name(prefix),
                assume_role_policy=policy,
                tags={
                    **self._tags,
                    "rosa_managed_policies": "true",
                    "operator_namespace": role.namespace,
                    "operator_name": role.operator,
                },
                opts=self._inside,
            )
            ready.append(self._attach(f"{name}-{role.namespace}-{role.operator}", found, role.policy))

    def _attach(self, name: str, role: iam.Role, policy: str) -> pulumi.Resource:
        return iam.RolePolicyAttachment(
            name, role=role.name, policy_arn=f"{rosa_roles.POLICIES}/{policy}", opts=self._inside
        )

    def _key(self, name: str, account_id: str) -> pulumi.Output[str]:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
        # The tag lets the managed ROSA policies use the key (AWS, ROSAKMSProviderPolicy).
        return kms.Key(
            f"{name}-key",
            description=f"Disks and etcd of ROSA cluster {name}",
            enable_key_rotation=True,
            policy=json.dumps(policy),
            tags={**self._tags, "red-hat": "true"},
            opts=self._inside,
        ).arn


def _check_existing(existing: RosaSubnetArgs, zones: list[str], *, private: bool) -> None:
    for kind in ("private",) if private else ("private", "public"):
        missing = [zone for zone in zones if zone not in existing.get(kind, {})]
        if missing:
            rule = f"a {'private' if private else 'public'} cluster needs a {kind} subnet in {', '.join(missing)}"
            raise rosa_rules.RosaRuleError("existing_subnets", existing, rule, "rosa, ValidateHostedClusterSubnets")
