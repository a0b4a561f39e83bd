"""A resource that drains a node pool when it is deleted, and creates nothing.

AKS deletes a pool together with its running pods, without regard to disruption budgets (AKS, delete a node pool). This
resource is created from the pool's id, so that Pulumi deletes it before the pool: at a destroy, when the pool leaves
the program, and when a change replaces it. When the cluster goes too, it goes without draining (`deleted_with`).
"""

from typing import Any

import pulumi
from modelyard.components.kubernetes.api_client import connect
from modelyard.components.kubernetes.drain import drain
from pulumi.dynamic import CreateResult, DiffResult, ResourceProvider, UpdateResult

LABEL = "kubernetes.azure.com/agentpool"
"""Node label with the name of the pool, which AKS sets on each node (AKS, reserved labels)."""


class PoolDrainProvider(ResourceProvider):
    """Provider that the state holds as the name of an importable class, without code or credentials."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the properties as they are: there is nothing to create."""
        return CreateResult(str(props["selector"]), props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Replace the resource of another pool, after the old pool has been drained."""
        replaces = [key for key in ("pool", "selector") if _olds.get(key) != _news.get(key)]
        changed = bool(replaces) or any(_olds.get(key) != _news.get(key) for key in ("kubeconfig", "minutes"))
        return DiffResult(changes=changed, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Store another kubeconfig or wait; both count at the next drain."""
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Drain the pool's nodes.

        Raises:
            DrainError: pods remain; the pool is then not deleted.
        """
        with connect(str(_props["kubeconfig"])) as api:
            drain(api, str(_props["selector"]), seconds=60 * float(_props["minutes"]))


class PoolDrain(pulumi.dynamic.Resource, module="aks", name="PoolDrain"):
    """Drain of the nodes of the pool with the id `pool` before the pool is deleted, in at most so many minutes."""

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
