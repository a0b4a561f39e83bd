"""Pulumi resources for what OpenShift Cluster Manager keeps, each beside its dynamic provider."""
