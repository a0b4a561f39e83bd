"""Inputs that the provider fills in because the program left them out."""

from typing import Any

from simulator.clouds.account import Contents
from simulator.clouds.resource_type import Place
from tools.plugins.wire import UNKNOWN, reveal


def with_location(inputs: dict[str, Any], old: dict[str, Any], place: Place, contents: Contents) -> dict[str, Any]:
    """The inputs with a location: the earlier one, the provider's, or that of the resource group, in this order.

    The rule of pulumi-azure-native (getDefaultLocation in provider/pkg/provider/provider.go).
    """
    if "location" in inputs:
        return inputs
    if chosen := old.get("location") or place.region:
        return {**inputs, "location": chosen}
    group = reveal(inputs.get("resourceGroupName"))
    if group is UNKNOWN:
        return {**inputs, "location": UNKNOWN}
    found = contents.find(f"/subscriptions/{place.account}/resourceGroups/{group}")
    return {**inputs, "location": found["inputs"]["location"]} if found else inputs
