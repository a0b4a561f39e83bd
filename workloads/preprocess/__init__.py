"""Location and preparation of the data of a workload."""
