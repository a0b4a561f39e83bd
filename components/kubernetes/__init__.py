"""Components that work in any Kubernetes cluster: operators, queues, workspaces, manifests."""
