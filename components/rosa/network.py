"""A VPC for a ROSA cluster: private and public subnets in each zone, one way out, and S3 without a detour."""

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi


@dataclass(frozen=True)
class RosaNetwork:
    """Ids of what was made."""

    vpc_id: pulumi.Output[str]
    private: dict[str, pulumi.Output[str]]
    """By zone."""
    public: dict[str, pulumi.Output[str]]
    """By zone."""
    ready: list[pulumi.Resource]
    """What a cluster needs to reach the internet."""


def network(
    name: str,
    machine: IPv4Network,
    ranges: dict[str, tuple[IPv4Network, IPv4Network]],
    *,
    region: str,
    tags: dict[str, str],
    nat_per_zone: bool,
    parent: pulumi.Resource,
) -> RosaNetwork:
    """Registers it.

    Args:
        name: of the cluster.
        machine: range of the VPC.
        ranges: private and public range of each zone.
        region: for the name of the S3 endpoint.
        tags: of everything.
        nat_per_zone: whether each zone has its own way out, so that none depends on another.
        parent: the component.
    """
    from pulumi_aws import ec2  # noqa: PLC0415 - loaded by programs that have such a cluster

    # The cluster puts its own tags on the network, which are not drift.
    inside = pulumi.ResourceOptions(parent=parent, ignore_changes=["tags"])
    vpc = ec2.Vpc(
        f"{name}-vpc",
        cidr_block=str(machine),
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags={**tags, "Name": name},
        opts=inside,
    )
    gateway = ec2.InternetGateway(f"{name}-gateway", vpc_id=vpc.id, tags=tags, opts=inside)
    open_table = ec2.RouteTable(f"{name}-public", vpc_id=vpc.id, tags=tags, opts=inside)
    way = ec2.Route(
        f"{name}-public",
        route_table_id=open_table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    private: dict[str, pulumi.Output[str]] = {}
    public: dict[str, pulumi.Output[str]] = {}
    ready: list[pulumi.Resource] = [way]
    tables: list[pulumi.Output[str]] = []
    nat: ec2.NatGateway | None = None
    for zone, (inner, outer) in ranges.items():
        made = ec2.Subnet(
            f"{name}-public-{zone}",
            vpc_id=vpc.id,
            cidr_block=str(outer),
            availability_zone=zone,
            tags={**tags, "Name": f"{name}-public-{zone}", "kubernetes.io/role/elb": "1"},
            opts=inside,
        )
        public[zone] = made.id
        ec2.RouteTableAssociation(
            f"{name}-public-{zone}", subnet_id=made.id, route_table_id=open_table.id, opts=_child(parent)
        )
        if nat is None or nat_per_zone:
            address = ec2.Eip(f"{name}-nat-{zone}", domain="vpc", tags=tags, opts=inside)
            nat = ec2.NatGateway(
                f"{name}-nat-{zone}",
                allocation_id=address.id,
                subnet_id=made.id,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["tags"], depends_on=[way]),
            )
        closed = ec2.Subnet(
            f"{name}-private-{zone}",
            vpc_id=vpc.id,
            cidr_block=str(inner),
            availability_zone=zone,
            tags={**tags, "Name": f"{name}-private-{zone}", "kubernetes.io/role/internal-elb": "1"},
            opts=inside,
        )
        private[zone] = closed.id
        table = ec2.RouteTable(f"{name}-private-{zone}", vpc_id=vpc.id, tags=tags, opts=inside)
        tables.append(table.id)
        out = ec2.Route(
            f"{name}-private-{zone}",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            opts=_child(parent),
        )
        joined = ec2.RouteTableAssociation(
            f"{name}-private-{zone}", subnet_id=closed.id, route_table_id=table.id, opts=_child(parent)
        )
        ready += [out, joined]
    ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{region}.s3",
        route_table_ids=tables,
        tags=tags,
        opts=inside,
    )
    return RosaNetwork(vpc.id, private, public, ready)


def _child(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent)
