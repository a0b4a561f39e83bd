"""Clusters: each component ends with one Kubernetes provider that everything in the cluster uses."""

from modelyard.components.clusters.existing_cluster import ExistingCluster, ExistingClusterArgs

__all__ = ["ExistingCluster", "ExistingClusterArgs"]
