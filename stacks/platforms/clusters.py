"""The environment's cluster: one that is there, or one that is made; the SDK of a cloud is loaded by its kind only."""

from typing import Any

from modelyard.components.kubernetes.existing_cluster import ExistingCluster
from modelyard.stacks.environment.environment import Buckets, Environment
from modelyard.stacks.platforms import aks, aks_storage, rosa, rosa_storage
from modelyard.stacks.platforms.context import Reached


def reach(environment: Environment) -> Reached:
    """Registers the environment's cluster. What is wrong with it was refused when the file was read."""
    cluster = environment.cluster
    if cluster.aks is not None:
        return aks.reach(environment, cluster.aks)
    if cluster.rosa is not None:
        return rosa.reach(environment, cluster.rosa)
    args: dict[str, Any] = {"kubeconfig": cluster.kubeconfig}
    if cluster.context is not None:
        args["context"] = cluster.context
    made = ExistingCluster(environment.name, args)  # type: ignore[arg-type]  # keys are those of the TypedDict
    return Reached(provider=made.provider)


def judge(environment: Environment) -> None:
    """Nothing, if the cluster can be made.

    Raises:
        ArgumentError: a rule of the cloud is broken; `argument` is the component's.
    """
    cluster = environment.cluster
    if cluster.aks is not None:
        aks.judge(environment, cluster.aks)
    if cluster.rosa is not None:
        rosa.judge(environment, cluster.rosa)


def judge_buckets(environment: Environment, buckets: Buckets) -> None:
    """Nothing, if buckets can be made beside the cluster.

    Raises:
        ArgumentError: a rule of the cloud is broken; `argument` is the key under `storage.buckets`.
    """
    if environment.cluster.aks is not None:
        aks_storage.judge(environment, buckets)
    if environment.cluster.rosa is not None:
        rosa_storage.judge(environment, environment.cluster.rosa, buckets)


def sign_in(environment: Environment) -> None:
    """Nothing, if the services that make the cluster let us in. Asked before anything is made; a preview needs none.

    Raises:
        NoAccessError: they do not.
    """
    if environment.cluster.rosa is not None:
        rosa.sign_in(environment.cluster.rosa)
