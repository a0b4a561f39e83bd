"""VPCs and their parts.

Attributes in `replace_on` are those that the Terraform AWS provider marks ForceNew, by its documentation.
"""

import ipaddress
from typing import Any

from simulator.clouds.account import fingerprint
from simulator.clouds.aws.arn import aws_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject

_IN_VPC = (
    "ec2/subnet:Subnet#vpcId",
    "ec2/internetGateway:InternetGateway#vpcId",
    "ec2/routeTable:RouteTable#vpcId",
    "ec2/securityGroup:SecurityGroup#vpcId",
    "ec2/vpcEndpoint:VpcEndpoint#vpcId",
)
_IN_SUBNET = (
    "ec2/natGateway:NatGateway#subnetId",
    "ec2/vpcEndpoint:VpcEndpoint#subnetIds[*]",
    "ec2/routeTableAssociation:RouteTableAssociation#subnetId",
)


def _network(text: str, subject: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise CloudError("InvalidParameterValue", f"{subject}: {error}") from None


def vpc_rules(subject: Subject) -> None:
    """Check that a VPC is /16 to /28 (docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)."""
    if cidr := subject.inputs.get("cidrBlock"):
        block = _network(cidr, "cidrBlock")
        if not 16 <= block.prefixlen <= 28:
            raise CloudError("InvalidVpc.Range", f"the CIDR '{block}' is invalid: it must be between /16 and /28")


def vpc_outputs(subject: Subject) -> dict[str, Any]:
    """Return a VPC's own route table and security group."""
    digits = fingerprint(subject.identifier)
    return {
        "ownerId": subject.scope.account,
        "mainRouteTableId": f"rtb-{digits}",
        "defaultRouteTableId": f"rtb-{digits}",
        "defaultSecurityGroupId": f"sg-{digits}",
        "defaultNetworkAclId": f"acl-{digits}",
        "instanceTenancy": subject.inputs.get("instanceTenancy") or "default",
        "enableDnsSupport": subject.inputs.get("enableDnsSupport", True),
        "enableDnsHostnames": subject.inputs.get("enableDnsHostnames", False),
    }


def subnet_rules(subject: Subject) -> None:
    """Check that a subnet is in its VPC, in a zone of its region, and overlaps no other."""
    cidr = subject.inputs.get("cidrBlock")
    vpc = subject.cloud.find(str(subject.inputs["vpcId"]))
    if not cidr or vpc is None:
        return
    block = _network(cidr, "cidrBlock")
    if not block.subnet_of(_network(vpc["inputs"]["cidrBlock"], "cidrBlock")):
        raise CloudError("InvalidSubnet.Range", f"the CIDR '{block}' is not within {vpc['inputs']['cidrBlock']}")
    for record in subject.cloud.of_type(subject.token):
        is_other = record["id"] != subject.identifier and record["inputs"].get("vpcId") == vpc["id"]
        if is_other and _network(record["inputs"]["cidrBlock"], "cidrBlock").overlaps(block):
            raise CloudError(
                "InvalidSubnet.Conflict", f"the CIDR '{block}' conflicts with another subnet ({record['id']})"
            )
    zone = str(subject.inputs.get("availabilityZone") or f"{subject.region}a")
    if subject.region and not zone.startswith(subject.region):
        raise CloudError("InvalidParameterValue", f"zone {zone} is not in {subject.region}")


def _zone(subject: Subject) -> dict[str, Any]:
    return {
        "availabilityZone": subject.inputs.get("availabilityZone") or f"{subject.region}a",
        "ownerId": subject.scope.account,
    }


def _address(subject: Subject) -> dict[str, Any]:
    # An address of the block that is reserved for documentation (RFC 5737).
    return {
        "publicIp": f"198.51.100.{int(fingerprint(subject.identifier, length=4), 16) % 254 + 1}",
        "allocationId": subject.identifier,
    }


def _endpoint(subject: Subject) -> dict[str, Any]:
    return {"state": "available", "prefixListId": f"pl-{fingerprint(subject.identifier, length=8)}"}


TYPES = (
    aws_type(
        "ec2/vpc:Vpc",
        prefix="vpc",
        arn_of=("ec2", "vpc/{id}"),
        replace_on=("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
        computed=vpc_outputs,
        rules=(vpc_rules,),
        held_by=_IN_VPC,
    ),
    aws_type(
        "ec2/subnet:Subnet",
        prefix="subnet",
        arn_of=("ec2", "subnet/{id}"),
        replace_on=("vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"),
        computed=_zone,
        rules=(subnet_rules,),
        held_by=_IN_SUBNET,
        needs=("vpcId",),
    ),
    aws_type(
        "ec2/internetGateway:InternetGateway", prefix="igw", arn_of=("ec2", "internet-gateway/{id}"), needs=("vpcId",)
    ),
    aws_type(
        "ec2/eip:Eip",
        prefix="eipalloc",
        arn_of=("ec2", "elastic-ip/{id}"),
        replace_on=("domain", "publicIpv4Pool"),
        computed=_address,
        held_by=("ec2/natGateway:NatGateway#allocationId",),
    ),
    aws_type(
        "ec2/natGateway:NatGateway",
        prefix="nat",
        replace_on=("allocationId", "connectivityType", "subnetId", "privateIp"),
        needs=("subnetId", "allocationId"),
        seconds=90,
    ),
    aws_type(
        "ec2/routeTable:RouteTable",
        prefix="rtb",
        arn_of=("ec2", "route-table/{id}"),
        replace_on=("vpcId",),
        held_by=("ec2/routeTableAssociation:RouteTableAssociation#routeTableId",),
        needs=("vpcId",),
    ),
    aws_type(
        "ec2/route:Route",
        prefix="r",
        replace_on=("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
        computed=lambda _: {"state": "active", "origin": "CreateRoute"},
        needs=("routeTableId", "gatewayId", "natGatewayId"),
    ),
    aws_type(
        "ec2/routeTableAssociation:RouteTableAssociation",
        prefix="rtbassoc",
        replace_on=("subnetId", "gatewayId"),
        needs=("subnetId", "routeTableId"),
    ),
    aws_type(
        "ec2/vpcEndpoint:VpcEndpoint",
        prefix="vpce",
        arn_of=("ec2", "vpc-endpoint/{id}"),
        replace_on=("vpcId", "serviceName", "vpcEndpointType"),
        computed=_endpoint,
        needs=("vpcId", "subnetIds[*]", "securityGroupIds[*]", "routeTableIds[*]"),
        seconds=30,
    ),
    aws_type(
        "ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        prefix="a-vpce",
        replace_on=("vpcEndpointId", "routeTableId"),
        needs=("vpcEndpointId", "routeTableId"),
    ),
    aws_type(
        "ec2/securityGroup:SecurityGroup",
        prefix="sg",
        arn_of=("ec2", "security-group/{id}"),
        replace_on=("name", "namePrefix", "description", "vpcId"),
        computed=lambda subject: {
            "ownerId": subject.scope.account,
            "name": subject.inputs.get("name", subject.identifier),
        },
        held_by=("ec2/vpcEndpoint:VpcEndpoint#securityGroupIds[*]",),
        needs=("vpcId",),
    ),
    aws_type(
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        prefix="sgr",
        arn_of=("ec2", "security-group-rule/{id}"),
        replace_on=("securityGroupId",),
        needs=("securityGroupId", "referencedSecurityGroupId"),
    ),
    aws_type(
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        prefix="sgr",
        arn_of=("ec2", "security-group-rule/{id}"),
        replace_on=("securityGroupId",),
        needs=("securityGroupId", "referencedSecurityGroupId"),
    ),
)
