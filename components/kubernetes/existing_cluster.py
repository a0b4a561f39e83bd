"""A cluster that somebody else made: on any cloud, in a cellar, or the local one."""

import hashlib
from typing import NotRequired

import pulumi
import pulumi_kubernetes
from modelyard.components.common.component import Component
from modelyard.components.kubernetes import kubeconfig as kubeconfigs
from typing_extensions import TypedDict


class ExistingClusterArgs(TypedDict):
    """How to reach the cluster."""

    kubeconfig: str
    """Path of a kubeconfig, or the document itself. A document is kept in Pulumi's state as a secret."""
    context: NotRequired[str]
    """Context to use. Default: the current one."""


class ExistingCluster(Component):
    """One Kubernetes provider for a cluster that exists. It creates nothing there."""

    server: pulumi.Output[str]
    """Address of the API."""

    def __init__(self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        target = kubeconfigs.read(args["kubeconfig"], args.get("context"))
        super().__init__("modelyard:index:ExistingCluster", name, None, opts)
        given: pulumi.Input[str] = args["kubeconfig"]
        if kubeconfigs.is_document(args["kubeconfig"]):
            given = pulumi.Output.secret(args["kubeconfig"])
        self.provider = pulumi_kubernetes.Provider(
            name,
            kubeconfig=given,
            context=target.context,
            # Without a fixed identity, a moved or renewed kubeconfig could look like another cluster, and everything
            # in it would be replaced (pulumi-kubernetes, clusterIdentifier).
            cluster_identifier=_identity(target),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.server = pulumi.Output.from_input(target.server)
        self.register_outputs({"server": self.server})


def _identity(target: kubeconfigs.Target) -> str:
    return hashlib.sha256(target.server.encode()).hexdigest()[:16]
