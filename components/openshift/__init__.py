"""GPU machine sets of an OpenShift cluster that manages its own machines."""
