"""Environments of kind `existing`: a cluster that is reached by a kubeconfig, with nodes of its own."""

from collections.abc import Sequence
from typing import Any

import pulumi
from modelyard.components.kubernetes.existing_cluster import ExistingCluster, ExistingClusterArgs
from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.platforms.platform import ClusterContext, Platform
from typing_extensions import override


class ExistingPlatform(Platform[None, Any]):
    """A cluster that exists already."""

    cluster_keys = frozenset({"kubeconfig", "context"})

    @override
    def required_keys(self, environment: Environment) -> Sequence[str]:
        return ("kubeconfig",)

    @override
    def validate_cluster(self, environment: Environment) -> None:
        return  # the kubeconfig is read when the cluster is reached

    @override
    def validate_node_pool(self, environment: Environment, cluster: None, pool: NodePool) -> Any:
        raise NotImplementedError("pools of a kind that creates no nodes are refused before")

    @override
    def provision_cluster(self, environment: Environment, cluster: None) -> ClusterContext:
        args: ExistingClusterArgs = {"kubeconfig": environment.cluster.kubeconfig or ""}
        if environment.cluster.context is not None:
            args["context"] = environment.cluster.context
        provider: pulumi.ProviderResource = ExistingCluster(environment.name, args).provider
        return ClusterContext(provider=provider)


PLATFORM: Platform[None, Any] = ExistingPlatform()
