"""AKS: the cluster, its GPU node pools, storage and identities."""
