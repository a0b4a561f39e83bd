"""Prerequisites of an AKS cluster: its resource group, its network, and two identities with their rights."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from modelyard.components.azure.cluster.args import AksNetworkArgs
from modelyard.components.azure.cluster.spec import AksClusterSpec
from modelyard.components.azure.identity import AzureRole, assign_role
from pulumi_azure_native import managedidentity, network, resources


@dataclass(frozen=True, kw_only=True)
class ClusterPrerequisites:
    """Resources that the cluster is created in."""

    group: pulumi.Input[str]
    """Name of the resource group."""
    node_subnet: pulumi.Input[str]
    """Id of the subnet of the nodes."""
    pod_subnet: pulumi.Input[str] | None
    """Id of the subnet of the pods; None with the overlay."""
    control_plane: managedidentity.UserAssignedIdentity
    """Identity that changes the network, and that uses the other one."""
    kubelet: managedidentity.UserAssignedIdentity
    """Identity of the nodes, which pulls images."""
    rights: Sequence[pulumi.Resource]
    """Role assignments that AKS checks when it is asked to create the cluster."""


def create_prerequisites(
    name: str, args: AksNetworkArgs, spec: AksClusterSpec, parent: pulumi.Resource
) -> ClusterPrerequisites:
    """Register the prerequisites as children of `parent`; group and network only where none is given."""
    builder = _Builder(name=name, spec=spec, parent=parent)
    group = builder.create_group() if spec.creates_resource_group else spec.resource_group
    node_subnet, pod_subnet = builder.get_or_create_subnets(args, group)
    control_plane = builder.create_identity("control-plane", group)
    kubelet = builder.create_identity("kubelet", group)
    rights = [
        builder.assign("control-plane-network", AzureRole.NETWORK_CONTRIBUTOR, node_subnet, control_plane),
        builder.assign("control-plane-kubelet", AzureRole.MANAGED_IDENTITY_OPERATOR, kubelet.id, control_plane),
    ]
    if pod_subnet is not None:
        rights.append(builder.assign("control-plane-pods", AzureRole.NETWORK_CONTRIBUTOR, pod_subnet, control_plane))
    return ClusterPrerequisites(
        group=group,
        node_subnet=node_subnet,
        pod_subnet=pod_subnet,
        control_plane=control_plane,
        kubelet=kubelet,
        rights=rights,
    )


@dataclass(frozen=True, kw_only=True)
class _Builder:
    name: str
    spec: AksClusterSpec
    parent: pulumi.Resource

    def create_group(self) -> pulumi.Output[str]:
        return resources.ResourceGroup(
            f"{self.name}-group",
            resource_group_name=self.spec.resource_group,
            location=self.spec.location,
            tags=self.spec.tags,
            opts=pulumi.ResourceOptions(parent=self.parent, protect=self.spec.production),
        ).name

    def get_or_create_subnets(
        self, args: AksNetworkArgs, group: pulumi.Input[str]
    ) -> tuple[pulumi.Input[str], pulumi.Input[str] | None]:
        """Return the ids of the nodes' and the pods' subnet: existing ones, or those of a network that is created."""
        existing = args.get("existing_subnet")
        if existing is not None:
            return existing, args.get("existing_pod_subnet")
        virtual_network = network.VirtualNetwork(
            f"{self.name}-network",
            resource_group_name=group,
            location=self.spec.location,
            virtual_network_name=f"{self.spec.cluster_name}-network",
            address_space={"address_prefixes": [str(self.spec.addresses.virtual_network)]},
            tags=self.spec.tags,
            # Subnets are resources of their own; without this each update would delete them.
            opts=pulumi.ResourceOptions(parent=self.parent, protect=self.spec.production, ignore_changes=["subnets"]),
        )
        subnets: dict[str, network.Subnet] = {}
        for key, prefix in self.spec.addresses.subnets():
            subnet_name = key.replace("_", "-")
            subnets[key] = network.Subnet(
                f"{self.name}-{subnet_name}",
                resource_group_name=group,
                virtual_network_name=virtual_network.name,
                subnet_name=subnet_name,
                address_prefix=str(prefix),
                service_endpoints=[{"service": "Microsoft.Storage"}],
                # Azure changes one subnet of a network at a time.
                opts=pulumi.ResourceOptions(
                    parent=self.parent, deleted_with=virtual_network, depends_on=list(subnets.values())[-1:]
                ),
            )
        return subnets["nodes"].id, subnets["pod_subnet"].id if "pod_subnet" in subnets else None

    def create_identity(self, purpose: str, group: pulumi.Input[str]) -> managedidentity.UserAssignedIdentity:
        return managedidentity.UserAssignedIdentity(
            f"{self.name}-{purpose}",
            resource_group_name=group,
            location=self.spec.location,
            resource_name_=f"{self.spec.cluster_name}-{purpose}",
            tags=self.spec.tags,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )

    def assign(
        self,
        purpose: str,
        role: AzureRole,
        scope: pulumi.Input[str],
        identity: managedidentity.UserAssignedIdentity,
    ) -> pulumi.Resource:
        return assign_role(
            f"{self.name}-{purpose}",
            role,
            scope=scope,
            principal=identity.principal_id,
            parent=self.parent,
            key=f"{self.spec.resource_group}/{self.spec.cluster_name}/{purpose}",
        )
