"""AksCluster: its arguments, their validation, and the Azure resources of the cluster."""
