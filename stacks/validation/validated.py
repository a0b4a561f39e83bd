"""The validated form of an environment: everything that reading derives, so that deploying derives nothing again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.kubernetes.workspaces.fine_tune import FineTuneSpec
from modelyard.components.kubernetes.workspaces.serve import ServeSpec
from modelyard.components.node_pools.spec import CloudNodePoolSpec
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import Team
from modelyard.stacks.platforms.platform import Platform

FLAVOR = "gpu-nodes"
"""Name of the one flavor of a platform whose nodes exist already."""


@dataclass(frozen=True, kw_only=True)
class ValidatedEnvironment:
    """An environment without faults, and the validated forms of its cluster, node pools and workspaces."""

    environment: Environment
    platform: Platform[Any, Any]
    cluster: Any
    """Spec of the cluster's component; None where none is created."""
    node_pools: tuple[CloudNodePoolSpec, ...]
    """Spec of each node pool's component, in the order of the file."""
    fine_tunes: Mapping[str, FineTuneSpec]
    """Spec of each fine-tune by its name, which is unlike that of every other workspace."""
    servers: Mapping[str, ServeSpec]
    """Spec of each server by its name."""
    notes: tuple[str, ...] = ()
    """Advice that refuses nothing, such as keys that are called otherwise today."""

    def flavor_of(self, team: Team) -> str:
        """Return the flavor that a team's quota is counted on."""
        pool = self.environment.pool_of(team)
        return FLAVOR if pool is None else pool.name

    def flavors(self) -> list[dict[str, Any]]:
        """Return a flavor for each pool, or the one of a cluster whose nodes exist already."""
        if not self.node_pools:
            return [{"name": FLAVOR, "node_labels": self.environment.cluster.gpu_node_labels}]
        return [
            {
                "name": pool.name,
                "node_labels": {key: text for key, text in pool.labels.items() if key.startswith("modelyard.dev/")},
                "taints": [taint.mapping() for taint in pool.all_taints],
            }
            for pool in (spec.pool for spec in self.node_pools)
        ]
