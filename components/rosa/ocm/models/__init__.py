"""Bodies that OpenShift Cluster Manager takes, and answers that it gives."""
