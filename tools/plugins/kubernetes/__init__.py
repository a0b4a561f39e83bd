"""Offline stand-in of Pulumi's Kubernetes provider (`pulumi-resource-kubernetes`).

One module per concern: `wire` (protocol values), `kubeconfig` and `api` (the cluster), `discovery`, `naming`, `state`,
`diff`, `immutable`, `readiness`, `conditions`, `objects` (create, update, read, delete), `helm_release`, `provider`
(the gRPC service). The behaviour follows pulumi-kubernetes 4.34; tests/engine/plugins/conformance says what is covered.
"""
