"""What stands before an AKS cluster: its resource group, its network, and two identities with their rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from modelyard.components.azure.cluster.args import AksClusterArgs
from modelyard.components.azure.cluster.spec import Plan
from modelyard.components.azure.role import AzureRole, assign


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What the cluster is made on."""

    group: pulumi.Input[str]
    """Name of the resource group."""
    node_subnet: Any
    """Id of the subnet of the nodes."""
    pod_subnet: Any
    """Id of the subnet of the pods; None with the overlay."""
    control_plane: Any
    """Identity that changes the network, and that uses the other one."""
    kubelet: Any
    """Identity of the nodes, which pulls images."""
    rights: list[pulumi.Resource]
    """What must be given before the cluster is made: AKS checks it when it is asked to make one."""


def founded(
    name: str, args: AksClusterArgs, plan: Plan, tags: Mapping[str, str], parent: pulumi.Resource
) -> Foundation:
    """Registers all of it, as children of `parent`; the group, the network and its subnets only where none is given."""
    builder = _Builder(name=name, plan=plan, tags=dict(tags), parent=parent)
    group = builder.group(args)
    nodes, pods = builder.network(args, group)
    control_plane, kubelet = builder.identity("control-plane", group), builder.identity("kubelet", group)
    rights = [
        builder.right("control-plane-network", AzureRole.NETWORK_CONTRIBUTOR, nodes, control_plane),
        builder.right("control-plane-kubelet", AzureRole.MANAGED_IDENTITY_OPERATOR, kubelet.id, control_plane),
    ]
    if pods is not None:
        rights.append(builder.right("control-plane-pods", AzureRole.NETWORK_CONTRIBUTOR, pods, control_plane))
    return Foundation(
        group=group, node_subnet=nodes, pod_subnet=pods, control_plane=control_plane, kubelet=kubelet, rights=rights
    )


@dataclass(frozen=True, kw_only=True)
class _Builder:
    name: str
    plan: Plan
    tags: dict[str, str]
    parent: pulumi.Resource

    def group(self, args: AksClusterArgs) -> pulumi.Input[str]:
        from pulumi_azure_native import resources  # noqa: PLC0415 - loaded by programs that have such a cluster

        if args.get("resource_group") is not None:
            return self.plan.resource_group
        return resources.ResourceGroup(
            f"{self.name}-group",
            resource_group_name=self.plan.resource_group,
            location=self.plan.location,
            tags=self.tags,
            opts=self._protected(),
        ).name

    def network(self, args: AksClusterArgs, group: pulumi.Input[str]) -> tuple[Any, Any]:
        from pulumi_azure_native import network  # noqa: PLC0415

        given, addresses = args.get("network", {}), self.plan.addresses
        if addresses.network is None:
            return given.get("existing_subnet"), given.get("existing_pod_subnet")
        whole = network.VirtualNetwork(
            f"{self.name}-network",
            resource_group_name=group,
            location=self.plan.location,
            virtual_network_name=f"{self.plan.cluster}-network",
            address_space={"address_prefixes": [str(addresses.network)]},
            tags=self.tags,
            # Subnets are resources of their own; without this each update would take them away again.
            opts=self._protected(ignore_changes=["subnets"]),
        )
        made: dict[str, Any] = {}
        before: list[pulumi.Resource] = []
        for kind, prefix in addresses.subnets():
            made[kind] = network.Subnet(
                f"{self.name}-{kind.replace('_', '-')}",
                resource_group_name=group,
                virtual_network_name=whole.name,
                subnet_name=kind.replace("_", "-"),
                address_prefix=str(prefix),
                service_endpoints=[{"service": "Microsoft.Storage"}],
                # Azure changes one subnet of a network at a time.
                opts=pulumi.ResourceOptions(parent=self.parent, deleted_with=whole, depends_on=before),
            )
            before = [made[kind]]
        return made["nodes"].id, made["pod_subnet"].id if "pod_subnet" in made else None

    def identity(self, kind: str, group: pulumi.Input[str]) -> Any:
        from pulumi_azure_native import managedidentity  # noqa: PLC0415

        return managedidentity.UserAssignedIdentity(
            f"{self.name}-{kind}",
            resource_group_name=group,
            location=self.plan.location,
            resource_name_=f"{self.plan.cluster}-{kind}",
            tags=self.tags,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )

    def right(self, name: str, role: AzureRole, scope: Any, identity: Any) -> pulumi.Resource:
        return assign(
            f"{self.name}-{name}",
            role,
            scope=scope,
            principal=identity.principal_id,
            parent=self.parent,
            key=f"{self.plan.resource_group}/{self.plan.cluster}/{name}",
        )

    def _protected(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, protect=self.plan.production, **more)
