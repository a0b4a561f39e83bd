"""Offline stand-in of Pulumi's Kubernetes provider (`pulumi-resource-kubernetes`).

One module per concern: `kubeconfig` and `api` (the cluster), `discovery`, `naming`, `state`, `immutable`, `readiness`,
`conditions`, `objects` (create, update, read, delete), `helm_release`, `provider` (the gRPC service). What providers
share lies above: `wire` (protocol values), `diff`, `answers`. The behaviour follows pulumi-kubernetes 4.34;
tests/engine/plugins/conformance says what is covered.
"""
