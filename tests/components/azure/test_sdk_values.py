"""Allowed values against the enums of the SDK."""

import enum
from collections.abc import Sequence

import pytest
from modelyard.components.azure.cluster.args import AksNodeChannel, AksOutbound, AksUpgradeChannel, Weekday
from modelyard.components.azure.cluster.managed_cluster import AUTOSCALER
from modelyard.components.azure.node_pool.args import AksEvictionPolicy, AksOsSku
from modelyard.components.azure.node_pool.spec import MIG_PROFILES
from pulumi_azure_native import containerservice as sdk


def values(choices: type[enum.Enum]) -> list[str]:
    return [choice.value for choice in choices]


@pytest.mark.parametrize(
    ("own", "known"),
    [
        (values(AksOsSku), sdk.OSSKU),
        (values(AksEvictionPolicy), sdk.ScaleSetEvictionPolicy),
        ([f"MIG{profile}" for profile in MIG_PROFILES], sdk.GPUInstanceProfile),
        (["Install", "None"], sdk.GPUDriver),
        (["Spot", "Regular"], sdk.ScaleSetPriority),
        (["Ephemeral", "Managed"], sdk.OSDiskType),
        (values(AksUpgradeChannel), sdk.UpgradeChannel),
        (values(AksNodeChannel), sdk.NodeOSUpgradeChannel),
        (values(Weekday), sdk.WeekDay),
        (values(AksOutbound), sdk.OutboundType),
        ([AUTOSCALER["expander"]], sdk.Expander),
        (["Auto", "Manual"], sdk.NodeProvisioningMode),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_the_sdk_knows_every_value(own: Sequence[str], known: type[enum.Enum]):
    assert set(own) <= set(values(known))
