"""ROSA with hosted control planes: cluster, machine pools, IAM, network, Cluster Manager client."""
