"""From a node pool of the file to the arguments that pools take on every kind of cluster."""

from typing import Any

from modelyard.stacks.environment.environment import Environment, NodePool
from modelyard.stacks.platforms.context import ownership


def shared(environment: Environment, pool: NodePool) -> dict[str, Any]:
    """Arguments of `NodePoolArgs`, and the root disk, which all kinds call the same."""
    args: dict[str, Any] = {
        "ownership": ownership(environment),
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
        "spot": pool.spot,
        "zones": list(pool.zones),
        "labels": pool.labels,
        "taints": list(pool.taints),
    }
    for key in ("driver", "instance_type", "for_preset", "task", "mig_profile", "capacity_reservation"):
        if getattr(pool, key) is not None:
            args[key] = getattr(pool, key)
    if pool.disk is not None:
        args["disk_gib"] = pool.disk // 1024
    return args
