"""GPU nodes of a ROSA cluster with a hosted control plane: a machine pool in one zone, scaled by the autoscaler.

A pool waits until its cluster is ready, because `RosaCluster.reference` is known only then.
"""

from typing import Any

import pulumi
from modelyard.components.common.component import Component
from modelyard.components.rosa.machine_pool.spec import RosaGpuMachinePoolArgs, RosaPool, checked
from modelyard.components.rosa.ocm import versions
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfig, TuningConfig
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePool, HcpNodePoolReady

__all__ = ["RosaGpuMachinePool", "RosaGpuMachinePoolArgs", "node_pool"]


class RosaGpuMachinePool(Component):
    """A machine pool with GPUs, and the kubelet and tuning configurations that it names."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(self, name: str, args: RosaGpuMachinePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        made = checked(name, args)
        super().__init__("modelyard:index:RosaGpuMachinePool", name, None, opts)
        self.pool = made.pool
        # With the cluster its pools go; alone, a pool drains first.
        self._deleted_with = opts.deleted_with if opts else None
        cluster = args["cluster"]
        configs, before = self._configs(made, args)
        inputs = {
            "cluster_id": cluster["cluster_id"],
            "subnet": cluster["subnets"][made.zone],
            **node_pool(made),
            **configs,
        }
        # What the pool comes after is written into the state, which the order of deletion is taken from.
        options = self._child(depends_on=[*before, *_after(opts)], delete_before_replace=True)  # the name is unique
        self.machine_pool = HcpNodePool(name, inputs, options)
        waiting = HcpNodePoolReady(f"{name}-ready", self.machine_pool.id, made.pool.min_nodes, self._child())
        self.ready: list[pulumi.Resource] = [waiting]
        self.nodes = pulumi.Output.from_input(made.pool.labels)
        self.register_outputs({"nodes": self.nodes})

    def _child(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, deleted_with=self._deleted_with, **more)

    def _configs(
        self, made: RosaPool, args: RosaGpuMachinePoolArgs
    ) -> tuple[dict[str, list[str]], list[pulumi.Resource]]:
        """Configurations of the pool's own, which bear its name."""
        name, cluster_id = self._name, args["cluster"]["cluster_id"]
        named: dict[str, list[str]] = {}
        before: list[pulumi.Resource] = []
        if made.pod_pids_limit is not None:
            before.append(KubeletConfig(name, cluster_id, name, made.pod_pids_limit, self._child()))
            named["kubelet_configs"] = [name]
        if "tuned" in args:
            before.append(TuningConfig(name, cluster_id, name, args["tuned"], self._child()))
            named["tuning_configs"] = [name]
        return named, before


def _after(opts: pulumi.ResourceOptions | None) -> list[Any]:
    given: Any = opts.depends_on if opts else None
    return [given] if isinstance(given, pulumi.Resource) else list(given or [])


def node_pool(made: RosaPool) -> dict[str, Any]:
    """Inputs of `HcpNodePool`, but for what is known of the cluster only."""
    pool = made.pool
    return {
        "id": pool.name,
        "auto_repair": True,
        "autoscaling": {"min_replica": pool.min_nodes, "max_replica": pool.max_nodes},
        "labels": pool.labels,
        "taints": [{"key": one.key, "value": one.value, "effect": one.effect} for one in pool.taints],
        "aws_node_pool": _aws(made),
        "node_drain_grace_period": {"value": made.drain_minutes, "unit": "minutes"},
        # GPUs are scarce: an upgrade takes a node away before it asks for another.
        "management_upgrade": {"max_surge": "0", "max_unavailable": "1"},
        "version": {"id": versions.version_id(made.version)},
    }


def _aws(made: RosaPool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "instance_type": made.pool.instance.name,
        "root_volume": {"size": made.disk_gib},
        "ec2_metadata_http_tokens": "required",
        "tags": made.pool.ownership.tags(),
    }
    if made.security_groups:
        found["additional_security_group_ids"] = list(made.security_groups)
    if made.max_price is not None:
        found["spot_market_options"] = {"max_price": f"{made.max_price:.4f}".rstrip("0").rstrip(".")}
    if made.reservation is not None:
        found["capacity_reservation"] = {
            "id": made.reservation,
            "market_type": made.market,
            "preference": "capacity-reservations-only",
        }
    return found
