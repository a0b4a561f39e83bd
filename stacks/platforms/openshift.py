"""Environments of kind `openshift`: an existing cluster, whose GPU pools are machine sets of its own kind."""

from collections.abc import Sequence
from typing import Any

from modelyard.components.openshift.cluster_autoscaler import OpenShiftClusterAutoscaler
from modelyard.components.openshift.spec import OpenShiftNodePoolSpec, validate_node_pool
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.platforms.existing import ExistingPlatform
from modelyard.stacks.platforms.platform import ClusterContext, Platform
from typing_extensions import override


class OpenShiftPlatform(ExistingPlatform):
    """An OpenShift cluster that manages its own machines."""

    cluster_keys = frozenset({"kubeconfig", "context", "machine_set", "max_nodes"})
    node_pool_keys = frozenset({"vm_template"})
    creates_nodes = True
    is_openshift = True

    @override
    def required_keys(self, environment: Environment) -> Sequence[str]:
        return ("kubeconfig", "machine_set", "max_nodes") if environment.node_pools else ("kubeconfig",)

    @override
    def validate_node_pool(self, environment: Environment, cluster: None, pool: NodePool) -> OpenShiftNodePoolSpec:
        args: Any = {**self.validated_features(environment, pool), "template": environment.cluster.machine_set}
        return validate_node_pool(pool.name, args)

    @override
    def provision_cluster(self, environment: Environment, cluster: None) -> ClusterContext:
        context = super().provision_cluster(environment, cluster)
        return ClusterContext(provider=context.provider, node_pool_args={"template": environment.cluster.machine_set})

    @override
    def provision_autoscaler(
        self, environment: Environment, pools: Sequence[OpenShiftNodePoolSpec], context: ClusterContext
    ) -> None:
        gpus: dict[str, int] = {}
        for spec in pools:
            pool = spec.pool
            gpus[pool.instance.gpu] = gpus.get(pool.instance.gpu, 0) + pool.gpus * pool.max_nodes
        OpenShiftClusterAutoscaler(
            "autoscaler", {"max_nodes": environment.cluster.max_nodes or 0, "gpus": gpus}, context.child_options()
        )


PLATFORM: Platform[None, OpenShiftNodePoolSpec] = OpenShiftPlatform()
