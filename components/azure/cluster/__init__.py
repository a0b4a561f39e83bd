"""AksCluster: arguments, validated spec, and the Azure resources of one cluster."""
