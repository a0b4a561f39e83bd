"""Rules of ROSA with hosted control planes, checked before anything is made. Pure.

Sources: rosa d80ba25 (the command line tool, which checks the same things), ocm-sdk-go e2591bb, AWS VPC user guide.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from modelyard.components.aws.account import ACCOUNT, AwsRuleError
from modelyard.components.rosa.cluster.args import RosaSubnetArgs

NAME = re.compile(r"[a-z]([-a-z0-9]{0,52}[a-z0-9])?")
PREFIX = re.compile(r"[a-z]([-a-z0-9]{0,13}[a-z0-9])?")
ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
POOL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
DEFAULT_POOL = re.compile(r"workers?(-[0-9]+)?")
REPOSITORY = re.compile(r"[a-z0-9]+(?:[-._/][a-z0-9]+)*")
CREATOR = re.compile(r"arn:aws[-a-z]*:(?:iam|sts)::([0-9]{12}):(?:user|role|assumed-role)/.+")

CHANNEL_GROUPS = ("stable", "eus", "fast", "candidate", "nightly")
"""Which versions a cluster is offered (ocm, channel groups)."""

MOST_NODES = 500
"""Nodes of a hosted cluster (rosa, facts of its limits)."""


class RosaRuleError(AwsRuleError):
    """A cluster breaks a rule; the message names argument, value, rule and source."""


def check_name(name: str, domain_prefix: str | None) -> None:
    """Names of a cluster and of its domain.

    Raises:
        RosaRuleError: one of them is not allowed.
    """
    if not NAME.fullmatch(name):
        rule = "at most 54 lower-case letters, digits and '-', beginning with a letter, ending with a letter or digit"
        raise RosaRuleError("cluster_name", name, rule, "rosa, clusterNameRE")
    if domain_prefix is not None and not PREFIX.fullmatch(domain_prefix):
        rule = "at most 15 lower-case letters, digits and '-', beginning with a letter, ending with a letter or digit"
        raise RosaRuleError("domain_prefix", domain_prefix, rule, "rosa, clusterDomainPrefixRE")


def check_zones(zones: Sequence[str], region: str, compute_nodes: int) -> None:
    """Zones lie in the region, are named once, and the first nodes spread over them evenly.

    Raises:
        RosaRuleError: they do not.
    """
    if not zones or len(set(zones)) != len(zones):
        raise RosaRuleError("zones", list(zones), "one or more, each named once", "rosa create cluster")
    for zone in zones:
        found = ZONE.fullmatch(zone)
        if found is None or found[1] != region:
            raise RosaRuleError(
                "zones", zone, f"must be a zone of {region}, such as {region}a", "AWS, regions and zones"
            )
    if compute_nodes < 2:
        raise RosaRuleError("compute_nodes", compute_nodes, "a hosted cluster starts with 2 nodes or more", "rosa")
    if compute_nodes % len(zones):
        rule = f"must be a multiple of the number of zones, which is {len(zones)}"
        raise RosaRuleError("compute_nodes", compute_nodes, rule, "rosa, replicas of a multi-zone hosted cluster")


def check_accounts(account_id: str, billing_account_id: str, creator_arn: str) -> None:
    """AWS accounts are twelve digits, and the creator is an identity of the cluster's own.

    Raises:
        RosaRuleError: they are not.
    """
    for argument, value in (("account_id", account_id), ("billing_account_id", billing_account_id)):
        if not ACCOUNT.fullmatch(value):
            raise RosaRuleError(argument, value, "is the id of an AWS account: twelve digits, as text", "AWS, accounts")
    found = CREATOR.fullmatch(creator_arn)
    if found is None:
        rule = "is the ARN of a user or role: arn:aws:iam::<account>:user/<name>"
        raise RosaRuleError("creator_arn", creator_arn, rule, "AWS, ARNs of IAM")
    if found[1] != account_id:
        rule = f"is an identity of another account than account_id = {account_id!r}"
        raise RosaRuleError("creator_arn", creator_arn, rule, "rosa, create cluster: the caller's identity")


def check_addresses(ranges: Mapping[str, str], host_prefix: int, nodes: int) -> dict[str, IPv4Network]:
    """Ranges `machine`, `service` and `pod`: they are ranges, do not overlap, and are large enough.

    Args:
        ranges: by name.
        host_prefix: length of the prefix that each node gets of the pods' range.
        nodes: how many nodes must fit.

    Raises:
        RosaRuleError: with the rule that is broken.
    """
    found: dict[str, IPv4Network] = {}
    for name, text in ranges.items():
        try:
            found[name] = IPv4Network(text)
        except ValueError as wrong:
            raise RosaRuleError(f"{name}_cidr", text, f"is no range: {wrong}", "RFC 4632") from None
    names = sorted(found)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            if found[one].overlaps(found[other]):
                rule = f"overlaps {other}_cidr = {found[other]}"
                raise RosaRuleError(f"{one}_cidr", str(found[one]), rule, "rosa, machine, service and pod ranges")
    machine, pods = found["machine"], found["pod"]
    if not 16 <= machine.prefixlen <= 25:
        rule = "must be between /16 and /25"
        raise RosaRuleError("machine_cidr", str(machine), rule, "ROSA, CIDR range definitions; AWS, VPC sizes")
    if not 23 <= host_prefix <= 26:
        raise RosaRuleError("host_prefix", host_prefix, "must be between 23 and 26", "rosa, hostPrefixValidator")
    room = 2 ** (host_prefix - pods.prefixlen) if host_prefix > pods.prefixlen else 0
    if room < nodes:
        rule = f"has room for {room} nodes with host_prefix {host_prefix}, and {nodes} are wanted"
        raise RosaRuleError("pod_cidr", str(pods), rule, "OpenShift, cluster network")
    if nodes > MOST_NODES:
        raise RosaRuleError("max_nodes", nodes, f"a hosted cluster has at most {MOST_NODES} nodes", "rosa")
    return found


def subnets(machine: IPv4Network, zones: Sequence[str]) -> dict[str, tuple[IPv4Network, IPv4Network]]:
    """A private and a public range for each zone: the private ones take a quarter of the machines' range each.

    Raises:
        RosaRuleError: more than three zones, or no room.
    """
    if len(zones) > 3:
        raise RosaRuleError("zones", list(zones), "at most three", "rosa create cluster")
    if machine.prefixlen > 22:
        rule = "must be /22 or larger to be cut into subnets; or give existing subnets"
        raise RosaRuleError("machine_cidr", str(machine), rule, "AWS, subnet sizes: /28 is the smallest")
    quarters = list(machine.subnets(prefixlen_diff=2))
    public = list(quarters[3].subnets(prefixlen_diff=2))
    return {zone: (quarters[index], public[index]) for index, zone in enumerate(zones)}


def check_existing_subnets(subnets: RosaSubnetArgs, zones: Sequence[str], *, private: bool) -> None:
    """Each zone has a private subnet, and a public one where the cluster is public.

    Raises:
        RosaRuleError: one is missing.
    """
    for kind in ("private",) if private else ("private", "public"):
        missing = [zone for zone in zones if zone not in subnets.get(kind, {})]
        if missing:
            rule = f"a {'private' if private else 'public'} cluster needs a {kind} subnet in {', '.join(missing)}"
            raise RosaRuleError("existing_subnets", subnets, rule, "rosa, ValidateHostedClusterSubnets")


def check_pool_name(name: str) -> None:
    """Names of machine pools.

    Raises:
        RosaRuleError: it is not allowed, or belongs to the pools that OCM makes.
    """
    if not POOL.fullmatch(name) or len(name) > 54:
        rule = "lower-case letters, digits and '-', beginning with a letter, ending with a letter or digit"
        raise RosaRuleError("name", name, rule, "rosa, MachinePoolKeyRE")
    if DEFAULT_POOL.fullmatch(name):
        rule = "worker, workers and workers-N are the pools that a cluster starts with"
        raise RosaRuleError("name", name, rule, "terraform-provider-rhcs, standardNodePoolRegex")


def addresses_for_nodes(prefix: int) -> int:
    """Addresses of a subnet that nodes can have; AWS keeps five (AWS, subnet sizing)."""
    return ipaddress.IPv4Network(f"0.0.0.0/{prefix}").num_addresses - 5


def check_subnet_room(prefix: int, nodes: int) -> None:
    """A subnet has an address for each node.

    Raises:
        RosaRuleError: it has not.
    """
    room = addresses_for_nodes(prefix)
    if room < nodes:
        raise RosaRuleError("max_nodes", nodes, f"the subnet (/{prefix}) has {room} addresses", "AWS, subnet sizing")


def check_repositories(cluster: str, names: Sequence[str]) -> None:
    """Names of repositories are what ECR takes.

    Raises:
        RosaRuleError: one is not.
    """
    for name in names:
        if not REPOSITORY.fullmatch(name) or len(f"{cluster}/{name}") > 256:
            rule = "is lower-case letters and digits, joined by single '-', '_', '.' or '/', and not too long"
            raise RosaRuleError("repositories", name, rule, "Amazon ECR, CreateRepository")
    if len(set(names)) != len(names):
        raise RosaRuleError("repositories", list(names), "each is named once", "Amazon ECR, CreateRepository")


def check_budget(amount: float, emails: Sequence[str]) -> None:
    """A budget has an amount, and one to ten readers.

    Raises:
        RosaRuleError: it has not.
    """
    if amount <= 0:
        raise RosaRuleError("budget.amount_per_month", amount, "is above 0, in USD", "AWS Budgets")
    if not 1 <= len(emails) <= 10 or not all("@" in one for one in emails):
        raise RosaRuleError("budget.emails", list(emails), "is one to ten mail addresses", "AWS Budgets, notifications")


def check_total(nodes: int, most: int) -> None:
    """A pool alone stays within what the cluster was planned for.

    Raises:
        RosaRuleError: it does not.
    """
    if nodes > most:
        rule = f"the cluster was planned for {most} nodes of all pools together; raise its max_nodes"
        raise RosaRuleError("max_nodes", nodes, rule, "OCM, autoscaler: resource_limits.max_nodes_total")
