"""Validated form of a ROSA cluster's arguments, made without AWS's SDK.

Sources: rosa d80ba25 (the command line tool, which checks the same things), ocm-sdk-go e2591bb.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from modelyard.components.aws.account import validate_account, validate_region
from modelyard.components.common.choices import validate_choice
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import Ownership, parse_ownership
from modelyard.components.rosa.capacity import PoolDemand
from modelyard.components.rosa.cluster.access import validate_access
from modelyard.components.rosa.cluster.address_ranges import (
    AddressRanges,
    divide_into_subnets,
    validate_existing_subnets,
    validate_ranges,
)
from modelyard.components.rosa.cluster.args import (
    RosaBudgetArgs,
    RosaChannelGroup,
    RosaClusterArgs,
    RosaClusterReference,
)
from modelyard.components.rosa.ocm import versions

DEFAULT_RANGES = {"machine_cidr": "10.0.0.0/16", "service_cidr": "172.30.0.0/16", "pod_cidr": "10.128.0.0/14"}
"""Ranges of the rosa command (rosa d80ba25, create cluster)."""

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,52}[a-z0-9])?")
_PREFIX = re.compile(r"[a-z]([-a-z0-9]{0,13}[a-z0-9])?")
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[-._/][a-z0-9]+)*")
_SCHEDULE = re.compile(r"[-0-9A-Za-z*/,]+(?: [-0-9A-Za-z*/,?]+){4}")
_CREATOR = re.compile(r"arn:aws[-a-z]*:(?:iam|sts)::([0-9]{12}):(?:user|role|assumed-role)/.+")


@dataclass(frozen=True, kw_only=True)
class RosaClusterSpec:
    """Validated ROSA cluster. Fields are named after the arguments that they come from."""

    ownership: Ownership
    cluster_name: str
    domain_prefix: str | None
    region: str
    zones: tuple[str, ...]
    account_id: str
    billing_account_id: str
    creator_arn: str
    version: str
    version_id: str
    """OCM's id of the version."""
    channel_group: RosaChannelGroup
    acknowledge_gates_for: str | None
    private: bool
    addresses: AddressRanges
    subnet_ranges: dict[str, tuple[IPv4Network, IPv4Network]]
    """Private and public range of each zone; empty where the subnets exist already."""
    nat_per_zone: bool
    compute_nodes: int
    compute_machine_type: str
    max_nodes: int
    delete_protection: bool
    spot_queue_url: str | None
    spot_queue: bool
    repositories: tuple[str, ...]
    budget: RosaBudgetArgs | None
    vcpu_quota: dict[str, int]

    @property
    def demands(self) -> tuple[PoolDemand, ...]:
        """Nodes that the cluster starts with, spread over its zones. Their machine is compared with no quota."""
        nodes = self.compute_nodes // len(self.zones)
        return tuple(PoolDemand(pool=f"first nodes in {zone}", zone=zone, nodes=nodes) for zone in self.zones)

    @property
    def subnet_prefix(self) -> int | None:
        """Prefix length of each private subnet; None where the subnets exist already."""
        return self.subnet_ranges[self.zones[0]][0].prefixlen if self.subnet_ranges else None

    def reference(self, cluster_id: Any = "", subnets: dict[str, Any] | None = None) -> RosaClusterReference:
        """Build the reference that pools take; their rules need neither id nor subnets."""
        reference: RosaClusterReference = {
            "cluster_id": cluster_id,
            "region": self.region,
            "zones": list(self.zones),
            "version": self.version,
            "subnets": subnets or {},
            "max_nodes": self.max_nodes,
            "spot_drains": self.spot_queue or self.spot_queue_url is not None,
            "vcpu_quota": self.vcpu_quota,
        }
        if self.subnet_prefix is not None:
            reference["subnet_prefix"] = self.subnet_prefix
        return reference


def validate_cluster(name: str, args: RosaClusterArgs) -> RosaClusterSpec:
    """Validate the cluster's arguments without creating anything.

    Raises:
        ArgumentError: with the argument, the rule, and its source.
    """
    cluster_name, zones = args.get("cluster_name", name), list(args["zones"])
    compute_nodes = int(args.get("compute_nodes", max(2, len(zones))))
    max_nodes, private = int(args.get("max_nodes", 100)), bool(args.get("private", True))
    production = bool(args.get("production", False))
    _validate_names(name, cluster_name, args.get("domain_prefix"))
    region = validate_region(name, "region", args["region"])
    _validate_zones(name, zones, region, compute_nodes)
    account = validate_account(name, "account_id", args["account_id"])
    _validate_creator(name, args["creator_arn"], account)
    _validate_schedule(name, args.get("upgrade_schedule"))
    texts = {argument: args.get(argument, default) for argument, default in DEFAULT_RANGES.items()}
    addresses = validate_ranges(name, texts, int(args.get("host_prefix", 23)), max_nodes)
    existing_subnets = args.get("existing_subnets")
    if existing_subnets is not None:
        validate_existing_subnets(name, existing_subnets, zones, private=private)
    validate_access(name, args.get("identity_providers", []), args.get("admins", []))
    channel_group = validate_choice(
        name,
        "channel_group",
        args.get("channel_group", RosaChannelGroup.STABLE),
        RosaChannelGroup,
        "ocm, channel groups",
    )
    return RosaClusterSpec(
        ownership=parse_ownership(args["ownership"]),
        cluster_name=cluster_name,
        domain_prefix=args.get("domain_prefix"),
        region=region,
        zones=tuple(zones),
        account_id=account,
        billing_account_id=validate_account(
            name, "billing_account_id", args.get("billing_account_id", args["account_id"])
        ),
        creator_arn=args["creator_arn"],
        version=args["version"],
        version_id=_validate_version(name, args["version"], channel_group),
        channel_group=channel_group,
        acknowledge_gates_for=args.get("acknowledge_gates_for"),
        private=private,
        addresses=addresses,
        subnet_ranges={} if existing_subnets is not None else divide_into_subnets(name, addresses.machine_cidr, zones),
        nat_per_zone=bool(args.get("nat_per_zone", production)),
        compute_nodes=compute_nodes,
        compute_machine_type=args.get("compute_machine_type", "m5.2xlarge"),
        max_nodes=max_nodes,
        delete_protection=bool(args.get("delete_protection", production)),
        spot_queue_url=args.get("spot_queue_url"),
        spot_queue=_validate_spot_queue(name, args),
        repositories=_validate_repositories(name, cluster_name, args.get("repositories", [])),
        budget=_validate_budget(name, args.get("budget")),
        vcpu_quota={code: int(vcpus) for code, vcpus in args.get("vcpu_quota", {}).items()},
    )


def _validate_names(name: str, cluster_name: str, domain_prefix: str | None) -> None:
    rule = "must be at most {} lower-case letters, digits and '-', from a letter to a letter or digit"
    if not _NAME.fullmatch(cluster_name):
        raise ArgumentError(name, "cluster_name", cluster_name, rule.format(54), "rosa, clusterNameRE")
    if domain_prefix is not None and not _PREFIX.fullmatch(domain_prefix):
        raise ArgumentError(name, "domain_prefix", domain_prefix, rule.format(15), "rosa, clusterDomainPrefixRE")


def _validate_zones(name: str, zones: Sequence[str], region: str, compute_nodes: int) -> None:
    if not zones or len(set(zones)) != len(zones):
        raise ArgumentError(name, "zones", list(zones), "must be one or more, each named once", "rosa create cluster")
    for index, zone in enumerate(zones):
        match = _ZONE.fullmatch(zone)
        if match is None or match[1] != region:
            rule = f"must be a zone of {region}, such as {region}a"
            raise ArgumentError(name, f"zones[{index}]", zone, rule, "AWS, regions and zones")
    if compute_nodes < 2:
        rule = "must be 2 or more in a hosted cluster"
        raise ArgumentError(name, "compute_nodes", compute_nodes, rule, "rosa")
    if compute_nodes % len(zones):
        rule, source = f"must be a multiple of the number of zones, which is {len(zones)}", "rosa, create cluster"
        raise ArgumentError(name, "compute_nodes", compute_nodes, rule, source)


def _validate_creator(name: str, creator_arn: str, account_id: str) -> None:
    match = _CREATOR.fullmatch(creator_arn)
    if match is None:
        rule = "must be the ARN of a user or role: arn:aws:iam::<account>:user/<name>"
        raise ArgumentError(name, "creator_arn", creator_arn, rule, "AWS, ARNs of IAM")
    if match[1] != account_id:
        rule = f"must be an identity of account_id = {account_id!r}"
        raise ArgumentError(name, "creator_arn", creator_arn, rule, "rosa, create cluster: the caller's identity")


def _validate_schedule(name: str, schedule: str | None) -> None:
    if schedule is not None and not _SCHEDULE.fullmatch(schedule):
        rule = "must be a cron expression of five fields, UTC, such as '0 3 * * 6'"
        raise ArgumentError(name, "upgrade_schedule", schedule, rule, "ocm clusters_mgmt/v1, UpgradePolicy.schedule")


def _validate_version(name: str, version: str, channel_group: RosaChannelGroup) -> str:
    try:
        return versions.version_id(version, channel_group.value)
    except ValueError as error:
        rule = "must be an OpenShift version in full, such as '4.20.1'"
        raise ArgumentError(name, "version", version, rule, "OpenShift, versions") from error


def _validate_spot_queue(name: str, args: RosaClusterArgs) -> bool:
    spot_queue = bool(args.get("spot_queue", False))
    if spot_queue and args.get("spot_queue_url") is not None:
        rule = "must not be true beside spot_queue_url, which names an existing queue"
        raise ArgumentError(name, "spot_queue", spot_queue, rule, "OCM, termination_handler_queue_url")
    return spot_queue


def _validate_repositories(name: str, cluster_name: str, repositories: Sequence[str]) -> tuple[str, ...]:
    for index, repository in enumerate(repositories):
        if not _REPOSITORY.fullmatch(repository) or len(f"{cluster_name}/{repository}") > 256:
            rule = "must be lower-case letters and digits, joined by single '-', '_', '.' or '/', at most 256 in all"
            raise ArgumentError(name, f"repositories[{index}]", repository, rule, "Amazon ECR, CreateRepository")
    if len(set(repositories)) != len(repositories):
        rule = "must name each repository once"
        raise ArgumentError(name, "repositories", list(repositories), rule, "Amazon ECR, CreateRepository")
    return tuple(repositories)


def _validate_budget(name: str, budget: RosaBudgetArgs | None) -> RosaBudgetArgs | None:
    if budget is None:
        return None
    amount, emails = budget["amount_per_month"], budget["emails"]
    if amount <= 0:
        raise ArgumentError(name, "budget.amount_per_month", amount, "must be more than 0, in USD", "AWS Budgets")
    if not 1 <= len(emails) <= 10 or any("@" not in email for email in emails):
        rule = "must be one to ten mail addresses"
        raise ArgumentError(name, "budget.emails", list(emails), rule, "AWS Budgets, notifications")
    return budget
