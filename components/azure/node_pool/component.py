"""GPU node pool in AKS: one agent pool, its placement group and its right to a capacity reservation.

It is a resource of its own, never a part of the cluster's: a change of one pool must not touch the others. AKS works on
one pool of a cluster at a time, so a program with several pools lets each depend on the one before.
"""

from typing import Any

import pulumi
from modelyard.components.azure.identity import AzureRole, assign_role
from modelyard.components.azure.node_pool.args import AksGpuNodePoolArgs
from modelyard.components.azure.node_pool.changes import AKS_GPU_POOL_CHANGES
from modelyard.components.azure.node_pool.spec import AksNodePoolSpec, validate_node_pool
from modelyard.components.azure.pool_drain import PoolDrain
from modelyard.components.common.change import replaced_properties
from modelyard.components.common.component import Component, list_dependencies
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import MIG_CONFIG, NodePoolSpec
from pulumi_azure_native import compute, containerservice

__all__ = ["FIXED", "AksGpuNodePool", "AksGpuNodePoolArgs", "agent_pool_args"]

FIXED = replaced_properties(AKS_GPU_POOL_CHANGES, "AgentPool")
"""Inputs that AKS accepts at creation only: a change replaces the pool."""


class AksGpuNodePool(Component):
    """GPU nodes of one size, tainted for GPU pods, from zero."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(
        self,
        name: str,
        args: AksGpuNodePoolArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: AksNodePoolSpec | None = None,
    ) -> None:
        self.spec: AksNodePoolSpec = spec or validate_node_pool(name, args)
        self.pool: NodePoolSpec = self.spec.pool
        super().__init__("modelyard:index:AksGpuNodePool", name, None, opts)
        self._deleted_with = opts.deleted_with if opts else None
        depends_on = [*self._assign_reservation_role(args), *list_dependencies(opts)]
        self.agent_pool: containerservice.AgentPool = self._create_agent_pool(args, depends_on)
        self._create_drain(args)
        self.ready: list[pulumi.Resource] = [self.agent_pool]
        self.nodes = pulumi.Output.from_input(_node_labels(self.pool))
        self.register_outputs({"nodes": self.nodes})

    def _create_agent_pool(
        self, args: AksGpuNodePoolArgs, depends_on: list[pulumi.Resource]
    ) -> containerservice.AgentPool:
        cluster, spec = args["cluster"], self.spec
        return containerservice.AgentPool(
            self._name,
            resource_group_name=cluster["resource_group"],
            resource_name_=cluster["name"],
            agent_pool_name=spec.pool_name,
            **agent_pool_args(spec),
            vnet_subnet_id=cluster["node_subnet"],
            pod_subnet_id=cluster.get("pod_subnet"),
            proximity_placement_group_id=self._get_placement_group(args),
            capacity_reservation_group_id=args.get("capacity_reservation"),
            opts=pulumi.ResourceOptions(
                parent=self,
                deleted_with=self._deleted_with,
                depends_on=depends_on,
                ignore_changes=[
                    *(["count"] if spec.autoscaled else []),
                    *([] if spec.kubernetes_version else ["orchestratorVersion"]),
                ],
                replace_on_changes=list(FIXED),
                delete_before_replace=True,  # the name is the resource's id
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="180m", delete="90m"),
            ),
        )

    def _create_drain(self, args: AksGpuNodePoolArgs) -> None:
        kubeconfig = args["cluster"].get("kubeconfig")
        if kubeconfig is None:
            return
        PoolDrain(
            f"{self._name}-drain",
            pool=self.agent_pool.id,
            pool_name=self.spec.pool_name,
            kubeconfig=kubeconfig,
            minutes=self.spec.drain_minutes,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self._deleted_with),
        )

    def _get_placement_group(self, args: AksGpuNodePoolArgs) -> pulumi.Input[str] | None:
        if not self.spec.creates_placement_group:
            return args.get("placement_group")
        cluster, pool = args["cluster"], self.pool
        return compute.ProximityPlacementGroup(
            f"{self._name}-placement",
            resource_group_name=cluster["resource_group"],
            location=cluster["location"],
            proximity_placement_group_name=f"{self.spec.pool_name}-placement",
            proximity_placement_group_type="Standard",
            intent={"vm_sizes": [pool.instance.name]},
            zones=list(pool.zones) or None,
            tags=pool.ownership.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        ).id

    def _assign_reservation_role(self, args: AksGpuNodePoolArgs) -> list[pulumi.Resource]:
        group, identity = args.get("capacity_reservation"), args["cluster"].get("identity")
        if group is None or identity is None:
            return []
        right = assign_role(
            f"{self._name}-reservation",
            AzureRole.CONTRIBUTOR,  # role and scope as in AKS, capacity reservation groups
            scope="/".join(group.split("/")[:5]),
            principal=identity,
            parent=self,
            key=f"{group}/{self.spec.pool_name}",
        )
        return [right]


def agent_pool_args(spec: AksNodePoolSpec) -> dict[str, Any]:
    """Return the keyword arguments of `containerservice.AgentPool`, without those that only the cluster knows."""
    pool = spec.pool
    args: dict[str, Any] = {
        "type": "VirtualMachineScaleSets",
        "mode": "User",
        "vm_size": pool.instance.name,
        "os_type": "Linux",
        "os_sku": spec.os_sku.value,
        "os_disk_type": "Ephemeral" if spec.ephemeral_disk else "Managed",
        "os_disk_size_gb": spec.disk_gib,
        "count": pool.min_nodes,
        "enable_auto_scaling": spec.autoscaled,
        "max_pods": spec.max_pods,
        "node_labels": _node_labels(pool),
        # AKS adds the spot taint itself, and refuses it from anybody else.
        "node_taints": [taint.text() for taint in pool.taints],
        "gpu_profile": {"driver": "Install" if pool.driver is Driver.CLOUD else "None"},
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "scale_down_mode": "Delete",
        "tags": pool.ownership.tags(),
    }
    if spec.autoscaled:
        args |= {"min_count": pool.min_nodes, "max_count": pool.max_nodes}
    if pool.zones:
        args["availability_zones"] = list(pool.zones)
    if spec.kubernetes_version:
        args["orchestrator_version"] = spec.kubernetes_version
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        args["gpu_instance_profile"] = f"MIG{pool.mig_profile.partition('.')[0]}"
    if pool.spot:
        return args | {
            "scale_set_priority": "Spot",
            "scale_set_eviction_policy": spec.eviction_policy.value,
            "spot_max_price": spec.max_price,
        }
    upgrade: dict[str, Any] = {"max_surge": spec.max_surge, "drain_timeout_in_minutes": spec.drain_minutes}
    if spec.demand.nodes == pool.max_nodes:  # no surge
        upgrade["max_unavailable"] = "1"
    return args | {"scale_set_priority": "Regular", "upgrade_settings": upgrade}


def _node_labels(pool: NodePoolSpec) -> dict[str, str]:
    """Return the node labels; where AKS partitions the GPUs, without the order to the operator's MIG manager."""
    if pool.driver is not Driver.CLOUD:
        return pool.labels
    return {key: value for key, value in pool.labels.items() if key != MIG_CONFIG}
