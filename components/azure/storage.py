"""Blob containers for models and checkpoints, which outlive the stack that made them.

A model that took weeks must not go with a `pulumi destroy`: account and containers are protected, and stay in Azure
when they leave the stack. `keep: false` is for places where that is not wanted, such as a development environment.
"""

from typing import Any, NotRequired

import pulumi
from modelyard.components.azure import naming, regions
from modelyard.components.common.component import Component
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from typing_extensions import TypedDict

CONTAINERS = ("models", "checkpoints")


class AzureModelContainersArgs(TypedDict):
    """Where models and checkpoints are kept."""

    ownership: OwnershipArgs
    """Whose they are."""
    resource_group: pulumi.Input[str]
    """Name of a resource group. One of its own outlives the cluster's."""
    location: str
    """Region; that of the GPUs, or each load crosses regions and is paid for."""
    account_name: NotRequired[str]
    """3 to 24 lower-case letters and digits, unlike any other in Azure. Default: made from the component's name."""
    containers: NotRequired[list[str]]
    """Default `models` and `checkpoints`."""
    zone_redundant: NotRequired[bool]
    """Copies in three zones. Default true where the region has zones."""
    subnets: NotRequired[list[pulumi.Input[str]]]
    """Ids of the subnets that may reach them. Default: everybody with a right; there are no keys either way."""
    keep: NotRequired[bool]
    """Default true: protected, and kept in Azure when the stack is destroyed."""
    deleted_days: NotRequired[int]
    """Days in which a deleted blob or container can be taken back, 1 to 365. Default 14."""


class AzureModelContainers(Component):
    """A storage account without keys or public access, and its containers."""

    account: pulumi.Output[str]
    """Name of the account."""
    endpoint: pulumi.Output[str]
    """Address of its blobs."""
    container_ids: pulumi.Output[dict[str, str]]
    """Id of each container, by name."""

    def __init__(self, name: str, args: AzureModelContainersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        names = [naming.CONTAINER.checked(name, "containers", one) for one in args.get("containers", CONTAINERS)]
        location = regions.region(name, args["location"])
        whose = parse_ownership(args["ownership"])
        given = args.get("account_name") or naming.unique(name, 24, whose.environment, location)
        account_name = naming.STORAGE_ACCOUNT.checked(name, "account_name", given)
        zones = bool(args.get("zone_redundant", location in regions.WITH_ZONES))
        if zones:
            regions.zones(name, "zone_redundant", location, ["1"])
        days = _days(name, int(args.get("deleted_days", 14)))
        super().__init__("modelyard:index:AzureModelContainers", name, None, opts)
        # Imported here: programs on other clouds do without.
        from pulumi_azure_native import storage  # noqa: PLC0415

        keep = bool(args.get("keep", True))
        kept = pulumi.ResourceOptions(parent=self, protect=keep, retain_on_delete=keep)
        made = storage.StorageAccount(
            f"{name}-account",
            resource_group_name=args["resource_group"],
            location=location,
            account_name=account_name,
            kind="StorageV2",
            sku={"name": "Standard_ZRS" if zones else "Standard_LRS"},
            access_tier=storage.AccessTier.HOT,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            network_rule_set=_network(args.get("subnets", [])),
            tags=whose.tags(),
            opts=kept,
        )
        restorable = {"enabled": True, "days": days}
        service: Any = {"delete_retention_policy": restorable, "container_delete_retention_policy": restorable}
        storage.BlobServiceProperties(
            f"{name}-blobs",
            resource_group_name=args["resource_group"],
            account_name=made.name,
            blob_services_name="default",
            **service,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=keep, deleted_with=made),
        )
        self.containers = {
            one: storage.BlobContainer(
                f"{name}-{one}",
                resource_group_name=args["resource_group"],
                account_name=made.name,
                container_name=one,
                public_access=storage.PublicAccess.NONE,
                opts=kept,
            )
            for one in names
        }
        self.account = made.name
        self.endpoint = made.primary_endpoints.blob
        self.container_ids = pulumi.Output.all(**{one: each.id for one, each in self.containers.items()})
        self.register_outputs({"account": self.account, "endpoint": self.endpoint, "container_ids": self.container_ids})


def _days(name: str, days: int) -> int:
    if not 1 <= days <= 365:
        raise naming.ArgumentError(name, "deleted_days", days, "is 1 to 365", "Azure, soft delete for blobs")
    return days


def _network(subnets: list[pulumi.Input[str]]) -> Any:
    rules = [{"virtual_network_resource_id": one, "action": "Allow"} for one in subnets]
    return {
        "default_action": "Deny" if rules else "Allow",
        "bypass": "AzureServices",
        **({"virtual_network_rules": rules} if rules else {}),
    }
