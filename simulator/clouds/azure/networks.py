"""Azure's networks and resource groups: address arithmetic, subnets in use, outputs of a network."""

import ipaddress
import itertools
from typing import Any

from simulator.clouds.account import fingerprint, make_uuid
from simulator.clouds.azure.arm import GROUP, arm_type
from simulator.clouds.errors import CloudError
from simulator.clouds.resource_type import Subject

_NETWORK = GROUP + "/providers/Microsoft.Network"

_SUBNET_USERS = (
    "containerservice:AgentPool#vnetSubnetID",
    "containerservice:AgentPool#podSubnetID",
    "containerservice:ManagedCluster#agentPoolProfiles[*].vnetSubnetID",
    "containerservice:ManagedCluster#apiServerAccessProfile.subnetId",
    "network:PrivateEndpoint#subnet.id",
)

# Azure keeps five addresses of every subnet and refuses anything smaller than /29 (learn.microsoft.com/azure/
# virtual-network/virtual-networks-faq).
_SMALLEST_SUBNET = 29


def _networks(texts: list[str], name: str) -> list[ipaddress.IPv4Network]:
    try:
        return [ipaddress.ip_network(text) for text in texts if ":" not in text]  # type: ignore[misc] # IPv4 only
    except ValueError as error:
        raise CloudError("InvalidAddressPrefixFormat", f"{name}: {error}") from None


def _prefixes(properties: dict[str, Any]) -> list[str]:
    return [
        *([properties["addressPrefix"]] if properties.get("addressPrefix") else []),
        *properties.get("addressPrefixes", []),
    ]


def network_rules(subject: Subject) -> None:
    """Check that subnets are within the network and do not overlap."""
    spaces = _networks((subject.inputs.get("addressSpace") or {}).get("addressPrefixes", []), subject.name)
    if not spaces:
        raise CloudError("InvalidRequestFormat", f"virtual network {subject.name} needs addressSpace.addressPrefixes")
    for space, other in itertools.combinations(spaces, 2):
        if space.overlaps(other):
            raise CloudError("InvalidAddressSpace", f"{subject.name}: {space} and {other} overlap")
    inline = {str(subnet.get("name")): _prefixes(subnet) for subnet in subject.inputs.get("subnets") or []}
    _check_subnets(subject.name, spaces, inline)


def subnet_rules(subject: Subject) -> None:
    """Check that a subnet is within its network, overlaps no other, and is large enough."""
    network = subject.cloud.find(subject.identifier.rpartition("/subnets/")[0])
    if network is None:
        return
    spaces = _networks(network["inputs"]["addressSpace"]["addressPrefixes"], network["name"])
    others = {
        record["name"]: _prefixes(record["inputs"])
        for record in subject.cloud.below(network["id"])
        if record["id"].lower() != subject.identifier.lower() and record["type"].endswith(":Subnet")
    }
    _check_subnets(network["name"], spaces, {**others, subject.name: _prefixes(subject.inputs)})


def _check_subnets(network: str, spaces: list[ipaddress.IPv4Network], subnets: dict[str, list[str]]) -> None:
    blocks = [(name, block) for name, texts in subnets.items() for block in _networks(texts, name)]
    for name, block in blocks:
        if block.prefixlen > _SMALLEST_SUBNET:
            raise CloudError("NetcfgInvalidSubnet", f"subnet {name} ({block}) is smaller than /{_SMALLEST_SUBNET}")
        if not any(block.subnet_of(space) for space in spaces):
            raise CloudError(
                "NetcfgInvalidSubnet",
                f"subnet {name} ({block}) is not within {network} ({', '.join(map(str, spaces))})",
            )
    for (name, block), (other_name, other) in itertools.combinations(blocks, 2):
        if block.overlaps(other):
            raise CloudError("NetcfgInvalidSubnet", f"subnets {name} ({block}) and {other_name} ({other}) overlap")


def network_outputs(subject: Subject) -> dict[str, Any]:
    """Return a network's subnets with their ids."""
    subnets = subject.inputs.get("subnets") or []
    inline = [{**subnet, "id": f"{subject.identifier}/subnets/{subnet.get('name')}"} for subnet in subnets]
    below = [
        {"name": record["name"], "id": record["id"], "addressPrefix": next(iter(_prefixes(record["inputs"])), None)}
        for record in subject.cloud.below(subject.identifier)
        if record["type"].endswith(":Subnet")
    ]
    return {"resourceGuid": make_uuid(subject.identifier), "subnets": [*inline, *below]}


def address_outputs(subject: Subject) -> dict[str, Any]:
    """Return a public address of the block that is reserved for documentation (RFC 5737)."""
    last = int(fingerprint(subject.identifier, length=4), 16) % 254 + 1
    return {"ipAddress": f"203.0.113.{last}", "resourceGuid": make_uuid(subject.identifier)}


def _group_outputs(_subject: Subject) -> dict[str, Any]:
    return {"type": "Microsoft.Resources/resourceGroups"}


TYPES = (
    arm_type("resources:ResourceGroup", GROUP, computed=_group_outputs, seconds=5),
    arm_type(
        "network:VirtualNetwork",
        _NETWORK + "/virtualNetworks/{virtualNetworkName}",
        computed=network_outputs,
        rules=(network_rules,),
        seconds=10,
    ),
    arm_type(
        "network:Subnet",
        _NETWORK + "/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}",
        rules=(subnet_rules,),
        held_by=_SUBNET_USERS,
        needs=("networkSecurityGroup.id", "routeTable.id", "natGateway.id"),
        excludes=lambda subject: subject.identifier.rpartition("/subnets/")[0],
        has_location=False,
        seconds=5,
    ),
    arm_type(
        "network:NetworkSecurityGroup",
        _NETWORK + "/networkSecurityGroups/{networkSecurityGroupName}",
        held_by=("network:Subnet#networkSecurityGroup.id",),
    ),
    arm_type(
        "network:RouteTable", _NETWORK + "/routeTables/{routeTableName}", held_by=("network:Subnet#routeTable.id",)
    ),
    arm_type(
        "network:NatGateway",
        _NETWORK + "/natGateways/{natGatewayName}",
        held_by=("network:Subnet#natGateway.id",),
        needs=("publicIpAddresses[*].id",),
    ),
    arm_type(
        "network:PublicIPAddress",
        _NETWORK + "/publicIPAddresses/{publicIpAddressName}",
        replace_on=("publicIPAddressVersion", "publicIPPrefix", "sku"),
        computed=address_outputs,
        held_by=("network:NatGateway#publicIpAddresses[*].id",),
    ),
    arm_type(
        "network:PrivateEndpoint",
        _NETWORK + "/privateEndpoints/{privateEndpointName}",
        replace_on=("subnet",),
        needs=("subnet.id", "privateLinkServiceConnections[*].privateLinkServiceId"),
        seconds=60,
    ),
    arm_type(
        "network:PrivateDnsZoneGroup",
        _NETWORK + "/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}",
        has_location=False,
    ),
)
