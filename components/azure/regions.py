"""Regions of Azure's public cloud and their availability zones."""

from collections.abc import Collection

from modelyard.components.common.errors import ArgumentError
from modelyard.workloads.suggestions import propose

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
subscription: `az vm list-skus --zone` lists them."""

_WITHOUT_ZONES = (
    "australiacentral australiacentral2 australiasoutheast brazilsoutheast canadaeast francesouth germanynorth "
    "jioindiacentral jioindiawest koreasouth northcentralus norwaywest southafricawest southindia swedensouth "
    "switzerlandwest uaecentral ukwest westcentralus westindia westus"
)
WITHOUT_ZONES = frozenset(_WITHOUT_ZONES.split())

SOURCE = "Azure reliability, list of regions"


def validate_region(component: str, location: str) -> str:
    """Return `location` if it is a region of Azure's public cloud.

    Raises:
        ArgumentError: it is none; the nearest names are proposed.
    """
    known = WITH_ZONES | WITHOUT_ZONES
    if location in known:
        return location
    hint = propose(location.replace(" ", ""), sorted(known), most=3) or "for example 'westeurope'"
    raise ArgumentError(component, "location", location, f"must be a region of Azure's public cloud; {hint}", SOURCE)


def validate_zones(component: str, argument: str, location: str, zones: Collection[str]) -> tuple[str, ...]:
    """Return `zones` if the region has them.

    Raises:
        ArgumentError: the region has no zones, or none of that number.
    """
    if zones and location in WITHOUT_ZONES:
        rule = f"must be left out: region {location} has no availability zones"
        raise ArgumentError(component, argument, list(zones), rule, SOURCE)
    for index, zone in enumerate(zones):
        if zone not in ZONES:
            raise ArgumentError(component, f"{argument}[{index}]", zone, f"must be one of {', '.join(ZONES)}", SOURCE)
    return tuple(zones)
