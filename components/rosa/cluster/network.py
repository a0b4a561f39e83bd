"""VPC of a ROSA cluster: private and public subnets in each zone, NAT gateways, and an endpoint of S3."""

from dataclasses import dataclass

import pulumi
from modelyard.components.rosa.cluster.spec import RosaClusterSpec
from pulumi_aws import ec2


@dataclass(frozen=True)
class RosaNetwork:
    """Subnets of a cluster, and the resources that give it access to the internet."""

    private: dict[str, pulumi.Output[str]]
    """Id of the private subnet of each zone."""
    public: dict[str, pulumi.Output[str]]
    """Id of the public subnet of each zone."""
    ready: list[pulumi.Resource]
    """Resources that a cluster needs to reach the internet."""


def create_network(name: str, spec: RosaClusterSpec, *, tags: dict[str, str], parent: pulumi.Resource) -> RosaNetwork:
    """Register the VPC and everything in it as children of `parent`."""
    # The cluster puts its own tags on the network, which are not drift.
    tagged_options = pulumi.ResourceOptions(parent=parent, ignore_changes=["tags"])
    child_options = pulumi.ResourceOptions(parent=parent)
    vpc = ec2.Vpc(
        f"{name}-vpc",
        cidr_block=str(spec.addresses.machine_cidr),
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags={**tags, "Name": name},
        opts=tagged_options,
    )
    gateway = ec2.InternetGateway(f"{name}-gateway", vpc_id=vpc.id, tags=tags, opts=tagged_options)
    public_table = ec2.RouteTable(f"{name}-public", vpc_id=vpc.id, tags=tags, opts=tagged_options)
    internet_route = ec2.Route(
        f"{name}-public",
        route_table_id=public_table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
        opts=child_options,
    )
    private: dict[str, pulumi.Output[str]] = {}
    public: dict[str, pulumi.Output[str]] = {}
    ready: list[pulumi.Resource] = [internet_route]
    tables: list[pulumi.Output[str]] = []
    nat: ec2.NatGateway | None = None
    for zone, (private_range, public_range) in spec.subnet_ranges.items():
        public_subnet = ec2.Subnet(
            f"{name}-public-{zone}",
            vpc_id=vpc.id,
            cidr_block=str(public_range),
            availability_zone=zone,
            tags={**tags, "Name": f"{name}-public-{zone}", "kubernetes.io/role/elb": "1"},
            opts=tagged_options,
        )
        public[zone] = public_subnet.id
        ec2.RouteTableAssociation(
            f"{name}-public-{zone}", subnet_id=public_subnet.id, route_table_id=public_table.id, opts=child_options
        )
        if nat is None or spec.nat_per_zone:
            address = ec2.Eip(f"{name}-nat-{zone}", domain="vpc", tags=tags, opts=tagged_options)
            nat = ec2.NatGateway(
                f"{name}-nat-{zone}",
                allocation_id=address.id,
                subnet_id=public_subnet.id,
                tags=tags,
                opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["tags"], depends_on=[internet_route]),
            )
        private_subnet = ec2.Subnet(
            f"{name}-private-{zone}",
            vpc_id=vpc.id,
            cidr_block=str(private_range),
            availability_zone=zone,
            tags={**tags, "Name": f"{name}-private-{zone}", "kubernetes.io/role/internal-elb": "1"},
            opts=tagged_options,
        )
        private[zone] = private_subnet.id
        table = ec2.RouteTable(f"{name}-private-{zone}", vpc_id=vpc.id, tags=tags, opts=tagged_options)
        tables.append(table.id)
        nat_route = ec2.Route(
            f"{name}-private-{zone}",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=nat.id,
            opts=child_options,
        )
        association = ec2.RouteTableAssociation(
            f"{name}-private-{zone}", subnet_id=private_subnet.id, route_table_id=table.id, opts=child_options
        )
        ready += [nat_route, association]
    ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{spec.region}.s3",
        route_table_ids=tables,
        tags=tags,
        opts=tagged_options,
    )
    return RosaNetwork(private, public, ready)
