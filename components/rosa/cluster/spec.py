"""What the arguments of a ROSA cluster come to once every rule has been looked at. Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from modelyard.components.rosa.cluster import identity_providers, rules
from modelyard.components.rosa.cluster.args import RosaClusterArgs
from modelyard.components.rosa.ocm import versions

DEFAULT_RANGES = {"machine": "10.0.0.0/16", "service": "172.30.0.0/16", "pod": "10.128.0.0/14"}
"""Those of the rosa command (rosa d80ba25, create cluster)."""


@dataclass(frozen=True, kw_only=True)
class RosaPlan:
    """A cluster whose arguments keep every rule."""

    cluster: str
    domain_prefix: str | None
    region: str
    zones: tuple[str, ...]
    account_id: str
    billing_account_id: str
    creator_arn: str
    version: str
    version_id: str
    """As OCM names it."""
    channel_group: str
    acknowledged: str | None
    private: bool
    addresses: dict[str, IPv4Network]
    """Ranges `machine`, `service` and `pod`."""
    host_prefix: int
    ranges: dict[str, tuple[IPv4Network, IPv4Network]]
    """Private and public range of each zone; empty where the subnets exist already."""
    nodes: int
    machine_type: str
    max_nodes: int
    protected: bool
    spot_queue_url: str | None
    spot_queue: bool
    """Whether a queue is made."""
    vcpu_quota: dict[str, int]
    """By code."""

    @property
    def spot_drains(self) -> bool:
        """Whether spot nodes drain before they go."""
        return self.spot_queue or self.spot_queue_url is not None

    @property
    def subnet_prefix(self) -> int | None:
        """Prefix length of each private subnet; None where the subnets exist already."""
        return self.ranges[self.zones[0]][0].prefixlen if self.ranges else None


def planned(name: str, args: RosaClusterArgs) -> RosaPlan:
    """What `args` come to.

    Raises:
        RosaRuleError: with the argument, the rule, and where it is written.
    """
    cluster, zones = args.get("cluster_name", name), list(args["zones"])
    nodes, most = int(args.get("compute_nodes", max(2, len(zones)))), int(args.get("max_nodes", 100))
    host_prefix, private = int(args.get("host_prefix", 23)), bool(args.get("private", True))
    rules.check_name(cluster, args.get("domain_prefix"))
    rules.check_zones(zones, args["region"], nodes)
    billing = args.get("billing_account_id", args["account_id"])
    rules.check_accounts(args["account_id"], billing, args["creator_arn"])
    wanted = {kind: args.get(f"{kind}_cidr", usual) for kind, usual in DEFAULT_RANGES.items()}
    addresses = rules.check_addresses(wanted, host_prefix, most)
    existing = args.get("existing_subnets")
    if existing is not None:
        rules.check_existing_subnets(existing, zones, private=private)
    identity_providers.check_identity_providers(args.get("identity_providers", []), args.get("admins", []))
    rules.check_repositories(cluster, args.get("repositories", []))
    budget = args.get("budget")
    if budget is not None:
        rules.check_budget(budget["amount_per_month"], budget["emails"])
    return RosaPlan(
        cluster=cluster,
        domain_prefix=args.get("domain_prefix"),
        region=args["region"],
        zones=tuple(zones),
        account_id=args["account_id"],
        billing_account_id=billing,
        creator_arn=args["creator_arn"],
        version=args["version"],
        version_id=_version_id(args["version"], args.get("channel_group", "stable")),
        channel_group=args.get("channel_group", "stable"),
        acknowledged=args.get("acknowledge_gates_for"),
        private=private,
        addresses=addresses,
        host_prefix=host_prefix,
        ranges={} if existing is not None else rules.subnets(addresses["machine"], zones),
        nodes=nodes,
        machine_type=args.get("compute_machine_type", "m5.2xlarge"),
        max_nodes=most,
        protected=bool(args.get("delete_protection", False)),
        spot_queue_url=args.get("spot_queue_url"),
        spot_queue=_makes_queue(args),
        vcpu_quota={code: int(vcpus) for code, vcpus in args.get("vcpu_quota", {}).items()},
    )


def _makes_queue(args: RosaClusterArgs) -> bool:
    if args.get("spot_queue") and args.get("spot_queue_url") is not None:
        rule = "is made, or given as spot_queue_url; not both"
        raise rules.RosaRuleError("spot_queue", args.get("spot_queue"), rule, "OCM, termination_handler_queue_url")
    return bool(args.get("spot_queue", False))


def _version_id(version: str, channel_group: str) -> str:
    if channel_group not in rules.CHANNEL_GROUPS:
        rule = f"must be one of {', '.join(rules.CHANNEL_GROUPS)}"
        raise rules.RosaRuleError("channel_group", channel_group, rule, "ocm, channel groups of versions")
    try:
        return versions.version_id(version, channel_group)
    except ValueError as wrong:
        raise rules.RosaRuleError("version", version, str(wrong), "OpenShift, versions") from wrong
