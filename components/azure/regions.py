"""Regions and zones of Azure, as far as a cluster depends on them."""

from collections.abc import Collection
from difflib import get_close_matches

from modelyard.components.common.errors import ArgumentError

ZONES = ("1", "2", "3")

_WITH_ZONES = (
    "australiaeast austriaeast belgiumcentral brazilsouth canadacentral centralindia centralus chilecentral eastasia "
    "eastus eastus2 francecentral germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest "
    "koreacentral malaysiawest mexicocentral newzealandnorth northeurope norwayeast polandcentral qatarcentral "
    "southafricanorth southcentralus southeastasia spaincentral swedencentral switzerlandnorth uaenorth uksouth "
    "westeurope westus2 westus3"
)
WITH_ZONES = frozenset(_WITH_ZONES.split())
"""Regions with availability zones (Azure reliability, list of regions). Which zones sell a size differs by
subscription; `az vm list-skus --zone` says."""

_WITHOUT_ZONES = (
    "australiacentral australiacentral2 australiasoutheast brazilsoutheast canadaeast francesouth germanynorth "
    "jioindiacentral jioindiawest koreasouth northcentralus norwaywest southafricawest southindia swedensouth "
    "switzerlandwest uaecentral ukwest westcentralus westindia westus"
)
WITHOUT_ZONES = frozenset(_WITHOUT_ZONES.split())

SOURCE = "Azure reliability, list of regions"


def region(cluster: str, name: str) -> str:
    """`name`, if it is a region of Azure's public cloud.

    Raises:
        ArgumentError: it is none; the nearest names are given. Azure writes them without spaces: `westeurope`.
    """
    known = WITH_ZONES | WITHOUT_ZONES
    if name in known:
        return name
    near = get_close_matches(name.lower().replace(" ", ""), sorted(known), n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "for example 'westeurope'"
    raise ArgumentError(cluster, "location", name, f"is no region of Azure's public cloud; {hint}", SOURCE)


def zones(cluster: str, argument: str, location: str, wanted: Collection[str]) -> tuple[str, ...]:
    """`wanted`, if the region has such zones.

    Raises:
        ArgumentError: the region has none, or there is no zone of that number.
    """
    if wanted and location in WITHOUT_ZONES:
        raise ArgumentError(cluster, argument, list(wanted), f"region {location} has no availability zones", SOURCE)
    for zone in wanted:
        if zone not in ZONES:
            raise ArgumentError(cluster, argument, zone, f"zones of a region are {', '.join(ZONES)}", SOURCE)
    return tuple(wanted)
