"""Inputs that the provider adds where the program omits them."""

from typing import Any

from simulator.clouds.account import Contents
from simulator.clouds.resource_type import AccountScope
from tools.plugins.wire import UNKNOWN, reveal


def with_location(
    inputs: dict[str, Any], old: dict[str, Any], scope: AccountScope, contents: Contents
) -> dict[str, Any]:
    """Add a location to the inputs: the earlier one, the provider's, or that of the resource group, in this order.

    Source: pulumi-azure-native (getDefaultLocation in provider/pkg/provider/provider.go).
    """
    if "location" in inputs:
        return inputs
    if location := old.get("location") or scope.region:
        return {**inputs, "location": location}
    group = reveal(inputs.get("resourceGroupName"))
    if group is UNKNOWN:
        return {**inputs, "location": UNKNOWN}
    record = contents.find(f"/subscriptions/{scope.account}/resourceGroups/{group}")
    return {**inputs, "location": record["inputs"]["location"]} if record else inputs
