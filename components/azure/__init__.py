"""Azure: the AKS cluster, its GPU node pools, storage of models, and identities of workloads."""
