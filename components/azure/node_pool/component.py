"""A pool of GPU nodes in AKS: one agent pool, and what it needs beside it.

It is a resource of its own, never a part of the cluster's: changing one pool must not touch the others. AKS works on
one pool of a cluster at a time, so a program that makes several lets each depend on the one before.
"""

from typing import Any

import pulumi
from modelyard.components.azure.node_pool.changes import AKS_GPU_POOL_CHANGES
from modelyard.components.azure.node_pool.pool_drain import PoolDrain
from modelyard.components.azure.node_pool.spec import AksGpuNodePoolArgs, AksPool, checked
from modelyard.components.azure.role import AzureRole, assign
from modelyard.components.common.change import replacing
from modelyard.components.common.component import Component
from modelyard.components.node_pools.args import Driver
from modelyard.components.node_pools.spec import MIG_CONFIG

__all__ = ["FIXED", "AksGpuNodePool", "AksGpuNodePoolArgs", "agent_pool"]

FIXED = replacing(AKS_GPU_POOL_CHANGES, "AgentPool")
"""Inputs that AKS takes at creation only: a change deletes the pool and makes it again."""


class AksGpuNodePool(Component):
    """GPU nodes of one size, tainted for GPU pods, from zero."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: AksGpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        made = checked(name, args)
        super().__init__("modelyard:index:AksGpuNodePool", name, None, opts)
        self.pool, self.demand = made.pool, made.demand
        self._deleted_with = opts.deleted_with if opts else None
        # Said again of the pool itself: a component's dependencies order what is made, not what is replaced or deleted.
        before = [*self._reservation_right(made, args), *_told(opts)]
        self.agent_pool = self._agent_pool(made, args, before)
        self._drain(made, args)
        self.ready: list[pulumi.Resource] = [self.agent_pool]
        self.nodes = pulumi.Output.from_input(_labels(made))
        self.register_outputs({"nodes": self.nodes})

    def _agent_pool(self, made: AksPool, args: AksGpuNodePoolArgs, before: list[pulumi.Resource]) -> Any:
        from pulumi_azure_native import containerservice  # noqa: PLC0415 - loaded by programs that have such a pool

        cluster = args["cluster"]
        autoscaled = made.pool.min_nodes < made.pool.max_nodes
        return containerservice.AgentPool(
            self._name,
            resource_group_name=cluster["resource_group"],
            resource_name_=cluster["name"],
            agent_pool_name=made.name,
            **agent_pool(made),
            vnet_subnet_id=cluster["node_subnet"],
            pod_subnet_id=cluster.get("pod_subnet"),
            proximity_placement_group_id=self._placement_group(made, args),
            capacity_reservation_group_id=args.get("capacity_reservation"),
            opts=pulumi.ResourceOptions(
                parent=self,
                deleted_with=self._deleted_with,
                depends_on=before,
                ignore_changes=[*(["count"] if autoscaled else []), *([] if made.version else ["orchestratorVersion"])],
                replace_on_changes=list(FIXED),
                delete_before_replace=True,  # the name is the resource's id
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="180m", delete="90m"),
            ),
        )

    def _drain(self, made: AksPool, args: AksGpuNodePoolArgs) -> None:
        kubeconfig = args["cluster"].get("kubeconfig")
        if kubeconfig is None:
            return
        PoolDrain(
            f"{self._name}-drain",
            pool=self.agent_pool.id,
            pool_name=made.name,
            kubeconfig=kubeconfig,
            minutes=made.drain_minutes,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self._deleted_with),
        )

    def _placement_group(self, made: AksPool, args: AksGpuNodePoolArgs) -> pulumi.Input[str] | None:
        if not made.makes_placement_group:
            return args.get("placement_group")
        from pulumi_azure_native import compute  # noqa: PLC0415

        cluster = args["cluster"]
        return compute.ProximityPlacementGroup(
            f"{self._name}-placement",
            resource_group_name=cluster["resource_group"],
            location=cluster["location"],
            proximity_placement_group_name=f"{made.name}-placement",
            proximity_placement_group_type="Standard",
            intent={"vm_sizes": [made.pool.instance.name]},
            zones=list(made.pool.zones) or None,
            tags=made.pool.ownership.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        ).id

    def _reservation_right(self, made: AksPool, args: AksGpuNodePoolArgs) -> list[pulumi.Resource]:
        group, identity = args.get("capacity_reservation"), args["cluster"].get("identity")
        if group is None or identity is None:
            return []
        right = assign(
            f"{self._name}-reservation",
            AzureRole.CONTRIBUTOR,  # that role, on that scope (AKS, capacity reservation groups)
            scope="/".join(group.split("/")[:5]),
            principal=identity,
            parent=self,
            key=f"{group}/{made.name}",
        )
        return [right]


def agent_pool(made: AksPool) -> dict[str, Any]:
    """Keyword arguments of `containerservice.AgentPool`, but for what is known of the cluster only."""
    pool = made.pool
    autoscaled = pool.min_nodes < pool.max_nodes
    found: dict[str, Any] = {
        "type": "VirtualMachineScaleSets",
        "mode": "User",
        "vm_size": pool.instance.name,
        "os_type": "Linux",
        "os_sku": made.os_sku,
        "os_disk_type": "Ephemeral" if made.ephemeral else "Managed",
        "os_disk_size_gb": made.disk_gib,
        "count": pool.min_nodes,
        "enable_auto_scaling": autoscaled,
        "max_pods": made.max_pods,
        "node_labels": _labels(made),
        # AKS adds the spot taint itself, and refuses it from anybody else.
        "node_taints": [one.text() for one in pool.taints],
        "gpu_profile": {"driver": "Install" if pool.driver is Driver.CLOUD else "None"},
        "enable_encryption_at_host": True,
        "enable_node_public_ip": False,
        "scale_down_mode": "Delete",
        "tags": pool.ownership.tags(),
    }
    if autoscaled:
        found |= {"min_count": pool.min_nodes, "max_count": pool.max_nodes}
    if pool.zones:
        found["availability_zones"] = list(pool.zones)
    if made.version:
        found["orchestrator_version"] = made.version
    if pool.mig_profile and pool.driver is Driver.CLOUD:
        found["gpu_instance_profile"] = f"MIG{pool.mig_profile.partition('.')[0]}"
    if pool.spot:
        return found | {
            "scale_set_priority": "Spot",
            "scale_set_eviction_policy": made.eviction_policy,
            "spot_max_price": made.spot_max_price,
        }
    upgrade: dict[str, Any] = {"max_surge": made.max_surge, "drain_timeout_in_minutes": made.drain_minutes}
    if made.surge_nodes == 0:
        upgrade["max_unavailable"] = "1"
    return found | {"scale_set_priority": "Regular", "upgrade_settings": upgrade}


def _told(opts: pulumi.ResourceOptions | None) -> list[Any]:
    """What the component was told to come after."""
    given = opts.depends_on if opts else None
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _labels(made: AksPool) -> dict[str, str]:
    """All labels; where AKS cuts the GPUs, the operator's MIG manager must not be told to do it again."""
    cut_by_aks = made.pool.driver is Driver.CLOUD
    return {key: value for key, value in made.pool.labels.items() if not (cut_by_aks and key == MIG_CONFIG)}
