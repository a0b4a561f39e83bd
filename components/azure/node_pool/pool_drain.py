"""A resource that makes nothing, and empties a pool's nodes when the pool goes.

AKS deletes a pool with the pods that run there, without asking any disruption budget (AKS, delete a node pool). This
resource is made from the pool's id, so that Pulumi deletes it before the pool: at a destroy, when the pool leaves the
program, and when a change replaces it. Where the cluster goes too, it goes without draining (`deleted_with`).
"""

from typing import Any

import pulumi
from modelyard.components.kubernetes.api_client import connect
from modelyard.components.kubernetes.drain import drain
from pulumi.dynamic import CreateResult, DiffResult, ResourceProvider, UpdateResult

LABEL = "kubernetes.azure.com/agentpool"
"""Label with the name of its pool that AKS sets on each node (AKS, reserved labels)."""


class PoolDrainProvider(ResourceProvider):
    """Pickled into the state as the name of an importable class: no code, and no credential."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing to make."""
        return CreateResult(str(props["selector"]), props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Another pool is another drain, and the old one is emptied first."""
        replaces = [key for key in ("pool", "selector") if _olds.get(key) != _news.get(key)]
        changed = bool(replaces) or any(_olds.get(key) != _news.get(key) for key in ("kubeconfig", "minutes"))
        return DiffResult(changes=changed, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """The way to the cluster, or the patience."""
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Empties the nodes.

        Raises:
            DrainError: pods remain; the pool is then not deleted.
        """
        with connect(str(_props["kubeconfig"])) as api:
            drain(api, str(_props["selector"]), seconds=60 * float(_props["minutes"]))


class PoolDrain(pulumi.dynamic.Resource, module="aks", name="PoolDrain"):
    """Empties the nodes of an AKS pool before it is deleted.

    Args:
        name: of the resource.
        pool: id of the pool.
        pool_name: its name in AKS.
        kubeconfig: of the cluster; a secret.
        minutes: longest wait for pods to leave.
        opts: options.
    """

    def __init__(
        self,
        name: str,
        *,
        pool: pulumi.Input[str],
        pool_name: str,
        kubeconfig: pulumi.Input[str],
        minutes: int,
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "pool": pool,
            "selector": f"{LABEL}={pool_name}",
            "kubeconfig": pulumi.Output.secret(kubeconfig),
            "minutes": minutes,
        }
        super().__init__(PoolDrainProvider(), name, props, opts)
