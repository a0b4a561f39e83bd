"""Clusters: each component ends with one Kubernetes provider that everything in the cluster uses.

Those of a cloud are loaded when they are first asked for: a program for one cloud loads no SDK of another.
"""

from typing import TYPE_CHECKING

from modelyard.components.clusters.existing_cluster import ExistingCluster, ExistingClusterArgs
from modelyard.components.on_demand import loader

if TYPE_CHECKING:
    from modelyard.components.clusters.aks_cluster import AksCluster, AksClusterArgs
    from modelyard.components.clusters.rosa_cluster import RosaCluster, RosaClusterArgs

_MODULES = {"AksCluster": "aks_cluster", "RosaCluster": "rosa_cluster"}
"""Where each component of a cloud, and the type of its arguments, is defined."""

__all__ = [
    "AksCluster",
    "AksClusterArgs",
    "ExistingCluster",
    "ExistingClusterArgs",
    "RosaCluster",
    "RosaClusterArgs",
]

__getattr__ = loader(__name__, _MODULES)
