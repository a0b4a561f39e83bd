"""Pulumi components: clusters, operators, queues and workspaces. They compose `manifests` and register resources."""
