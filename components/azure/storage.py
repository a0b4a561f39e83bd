"""Blob containers for models and checkpoints, which outlive the stack that created them.

A model that took weeks must not go with a `pulumi destroy`: account and containers are protected, and stay in Azure
when they leave the stack. `keep: false` is for places where that is not wanted, such as a development environment.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired

import pulumi
from modelyard.components.azure import naming, regions
from modelyard.components.common.choices import validate_range
from modelyard.components.common.component import Component
from modelyard.components.common.errors import ArgumentError
from modelyard.components.common.ownership import OwnershipArgs, parse_ownership
from pulumi_azure_native import storage
from typing_extensions import TypedDict

CONTAINERS = ("models", "checkpoints")


class AzureModelContainersArgs(TypedDict):
    """Place and retention of models and checkpoints."""

    ownership: OwnershipArgs
    """Owner of the account; becomes its tags."""
    resource_group: pulumi.Input[str]
    """Name of a resource group. One of its own outlives the cluster's."""
    location: str
    """Region; that of the GPUs, or each load crosses regions and is paid for."""
    account_name: NotRequired[str]
    """3 to 24 lower-case letters and digits, unique in Azure. Default: made from the component's name."""
    containers: NotRequired[list[str]]
    """Names of the containers. Default `models` and `checkpoints`."""
    zone_redundant: NotRequired[bool]
    """Copies in three zones. Default true where the region has zones."""
    subnets: NotRequired[list[pulumi.Input[str]]]
    """Ids of the subnets that may reach the account. Default: everybody with a role; there are no keys either way."""
    keep: NotRequired[bool]
    """Default true: protected, and kept in Azure when the stack is destroyed."""
    deleted_days: NotRequired[int]
    """Days in which a deleted blob or container can be restored, 1 to 365. Default 14."""


class AzureModelContainers(Component):
    """Storage account without keys or public access, and its containers."""

    account: pulumi.Output[str]
    """Name of the account."""
    endpoint: pulumi.Output[str]
    """Address of its blobs."""
    container_ids: pulumi.Output[dict[str, str]]
    """Id of each container, by name."""

    def __init__(self, name: str, args: AzureModelContainersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        names = [
            naming.CONTAINER.validate(name, f"containers[{index}]", container)
            for index, container in enumerate(args.get("containers", CONTAINERS))
        ]
        location = regions.validate_region(name, args["location"])
        owner = parse_ownership(args["ownership"])
        account_name = args.get("account_name") or naming.unique_name(name, 24, owner.environment, location)
        naming.STORAGE_ACCOUNT.validate(name, "account_name", account_name)
        zone_redundant = _zone_redundant(name, args, location)
        days = validate_range(
            name, "deleted_days", args.get("deleted_days", 14), (1, 365), "Azure, soft delete for blobs"
        )
        super().__init__("modelyard:index:AzureModelContainers", name, None, opts)

        keep = bool(args.get("keep", True))
        options = pulumi.ResourceOptions(parent=self, protect=keep, retain_on_delete=keep)
        account = storage.StorageAccount(
            f"{name}-account",
            resource_group_name=args["resource_group"],
            location=location,
            account_name=account_name,
            kind="StorageV2",
            sku={"name": "Standard_ZRS" if zone_redundant else "Standard_LRS"},
            access_tier=storage.AccessTier.HOT,
            allow_blob_public_access=False,
            allow_shared_key_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            network_rule_set=_network_rules(args.get("subnets", [])),
            tags=owner.tags(),
            opts=options,
        )
        retention = {"enabled": True, "days": days}
        policies: Any = {"delete_retention_policy": retention, "container_delete_retention_policy": retention}
        storage.BlobServiceProperties(
            f"{name}-blobs",
            resource_group_name=args["resource_group"],
            account_name=account.name,
            blob_services_name="default",
            **policies,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=keep, deleted_with=account),
        )
        self.containers: Mapping[str, storage.BlobContainer] = {
            container: storage.BlobContainer(
                f"{name}-{container}",
                resource_group_name=args["resource_group"],
                account_name=account.name,
                container_name=container,
                public_access=storage.PublicAccess.NONE,
                opts=options,
            )
            for container in names
        }
        self.account = account.name
        self.endpoint = account.primary_endpoints.blob
        self.container_ids = pulumi.Output.all(**{key: container.id for key, container in self.containers.items()})
        self.register_outputs({"account": self.account, "endpoint": self.endpoint, "container_ids": self.container_ids})


def _zone_redundant(name: str, args: AzureModelContainersArgs, location: str) -> bool:
    has_zones = location in regions.WITH_ZONES
    zone_redundant = bool(args.get("zone_redundant", has_zones))
    if zone_redundant and not has_zones:
        rule = f"must be false: region {location} has no availability zones"
        raise ArgumentError(name, "zone_redundant", zone_redundant, rule, regions.SOURCE)
    return zone_redundant


def _network_rules(subnets: Sequence[pulumi.Input[str]]) -> Any:
    rules = [{"virtual_network_resource_id": subnet, "action": "Allow"} for subnet in subnets]
    return {
        "default_action": "Deny" if rules else "Allow",
        "bypass": "AzureServices",
        **({"virtual_network_rules": rules} if rules else {}),
    }
