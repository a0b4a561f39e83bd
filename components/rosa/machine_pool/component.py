"""GPU nodes of a ROSA cluster with a hosted control plane: a machine pool in one zone, scaled by the autoscaler.

A pool waits until its cluster is ready, because `RosaCluster.reference` is known only then.
"""

from collections.abc import Sequence
from typing import Any

import pulumi
from modelyard.components.common.component import Component, list_dependencies
from modelyard.components.node_pools.spec import NodePoolSpec
from modelyard.components.rosa.machine_pool.args import RosaGpuMachinePoolArgs
from modelyard.components.rosa.machine_pool.spec import RosaMachinePoolSpec, validate_node_pool
from modelyard.components.rosa.ocm import versions
from modelyard.components.rosa.ocm.resources.node_configs import KubeletConfig, TuningConfig
from modelyard.components.rosa.ocm.resources.node_pool import HcpNodePool, HcpNodePoolReady

__all__ = ["RosaGpuMachinePool", "RosaGpuMachinePoolArgs"]


class RosaGpuMachinePool(Component):
    """A machine pool with GPUs, and the kubelet and tuning configurations that it refers to."""

    nodes: pulumi.Output[dict[str, str]]
    """Labels of the nodes."""

    def __init__(
        self,
        name: str,
        args: RosaGpuMachinePoolArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        spec: RosaMachinePoolSpec | None = None,
    ) -> None:
        spec = spec or validate_node_pool(name, args)
        super().__init__("modelyard:index:RosaGpuMachinePool", name, None, opts)
        self.pool: NodePoolSpec = spec.pool
        # With the cluster its pools go; alone, a pool drains first.
        self._deleted_with = opts.deleted_with if opts else None
        cluster = args["cluster"]
        config_names, configs = self._create_configs(spec, args)
        inputs = {
            "cluster_id": cluster["cluster_id"],
            "subnet": cluster["subnets"][spec.zone],
            **node_pool_inputs(spec),
            **config_names,
        }
        options = self._child([*configs, *list_dependencies(opts)], delete_before_replace=True)  # the name is unique
        self.machine_pool: HcpNodePool = HcpNodePool(name, inputs, options)
        ready = HcpNodePoolReady(f"{name}-ready", self.machine_pool.id, spec.pool.min_nodes, self._child())
        self.ready: list[pulumi.Resource] = [ready]
        self.nodes = pulumi.Output.from_input(spec.pool.labels)
        self.register_outputs({"nodes": self.nodes})

    def _child(self, after: Sequence[Any] = (), *, delete_before_replace: bool | None = None) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            deleted_with=self._deleted_with,
            depends_on=[*after],
            delete_before_replace=delete_before_replace,
        )

    def _create_configs(
        self, spec: RosaMachinePoolSpec, args: RosaGpuMachinePoolArgs
    ) -> tuple[dict[str, list[str]], list[pulumi.Resource]]:
        """Create the pool's own configurations, which have its name; return inputs that refer to them."""
        name, cluster_id = self._name, args["cluster"]["cluster_id"]
        inputs: dict[str, list[str]] = {}
        configs: list[pulumi.Resource] = []
        if spec.pod_pids_limit is not None:
            configs.append(KubeletConfig(name, cluster_id, name, spec.pod_pids_limit, self._child()))
            inputs["kubelet_configs"] = [name]
        if "tuned" in args:
            configs.append(TuningConfig(name, cluster_id, name, args["tuned"], self._child()))
            inputs["tuning_configs"] = [name]
        return inputs, configs


def node_pool_inputs(spec: RosaMachinePoolSpec) -> dict[str, Any]:
    """Build the inputs of `HcpNodePool`, without those that only the cluster knows."""
    pool = spec.pool
    return {
        "id": pool.name,
        "auto_repair": True,
        "autoscaling": {"min_replica": pool.min_nodes, "max_replica": pool.max_nodes},
        "labels": pool.labels,
        "taints": [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints],
        "aws_node_pool": _aws_inputs(spec),
        "node_drain_grace_period": {"value": spec.drain_minutes, "unit": "minutes"},
        # GPUs are scarce: an upgrade takes a node away before it asks for another.
        "management_upgrade": {"max_surge": "0", "max_unavailable": "1"},
        "version": {"id": versions.version_id(spec.version)},
    }


def _aws_inputs(spec: RosaMachinePoolSpec) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "instance_type": spec.pool.instance.name,
        "root_volume": {"size": spec.disk_gib},
        "ec2_metadata_http_tokens": "required",
        "tags": spec.pool.ownership.tags(),
    }
    if spec.security_groups:
        inputs["additional_security_group_ids"] = list(spec.security_groups)
    if spec.max_price is not None:
        inputs["spot_market_options"] = {"max_price": f"{spec.max_price:.4f}".rstrip("0").rstrip(".")}
    if spec.capacity_reservation is not None:
        inputs["capacity_reservation"] = {
            "id": spec.capacity_reservation,
            "market_type": "CapacityBlocks" if spec.capacity_blocks else "OnDemand",
            "preference": "capacity-reservations-only",
        }
    return inputs
