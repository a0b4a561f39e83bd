"""Bundles of the operators that the local environment installs, rendered from Go modules alone.

`python -m tools.bundles` writes to `.local/bundles/`: `kueue.yaml` and `kuberay.yaml` (all objects of an operator, with
upstream's names of images) and `charts/` (the upstream Helm charts). `sources` finds the charts in Go's module cache,
`selection` drops objects that are not needed, `render` writes and caches.
"""
