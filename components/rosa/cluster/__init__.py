"""RosaCluster: arguments, validated spec, and the resources of one cluster."""
