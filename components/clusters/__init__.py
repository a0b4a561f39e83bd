"""Clusters: each component ends with one Kubernetes provider that everything in the cluster uses."""
