"""A Kubernetes cluster that this program does not create: in any cloud, on premises, or the local one."""

import hashlib
from collections.abc import Mapping
from typing import NotRequired

import pulumi
import pulumi_kubernetes
from modelyard.components.common.change import ArgumentChange, Effect
from modelyard.components.common.component import Component
from modelyard.components.kubernetes.kubeconfig import is_document, read_kubeconfig
from typing_extensions import TypedDict


class ExistingClusterArgs(TypedDict):
    """Access to the cluster."""

    kubeconfig: str
    """Path of a kubeconfig, or the document itself. A document is kept in Pulumi's state as a secret."""
    context: NotRequired[str]
    """Context to use. Default: the current one."""


class ExistingCluster(Component):
    """Kubernetes provider of an existing cluster. Creates nothing in the cluster."""

    server: pulumi.Output[str]
    """Address of the API."""

    def __init__(self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        kubeconfig = args["kubeconfig"]
        target = read_kubeconfig(name, kubeconfig, args.get("context"))
        super().__init__("modelyard:index:ExistingCluster", name, None, opts)
        self.provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=pulumi.Output.secret(kubeconfig) if is_document(kubeconfig) else kubeconfig,
            context=target.context,
            # Without a fixed identity, a moved or renewed kubeconfig could look like another cluster, and everything
            # in it would be replaced (pulumi-kubernetes, clusterIdentifier).
            cluster_identifier=hashlib.sha256(target.server.encode()).hexdigest()[:16],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.server = pulumi.Output.from_input(target.server)
        self.register_outputs({"server": self.server})


_SERVER = "in place where it leads to the same server; for another server, everything in the cluster is created there"

EXISTING_CLUSTER_CHANGES: Mapping[str, ArgumentChange] = {
    "kubeconfig": ArgumentChange(Effect.REPLACE, _SERVER),
    "context": ArgumentChange(Effect.REPLACE, _SERVER),
}
"""Changes of ExistingCluster, by argument."""
