"""Renders the operators that the local environment installs, from Go modules alone.

`python -m tools.bundles` leaves in `.local/bundles/`: `kueue.yaml` and `kuberay.yaml` (all objects of an operator,
images as upstream names them) and `charts/` (the upstream Helm charts). `sources` finds the charts in Go's module
cache, `selection` says what of them is kept, `render` writes and caches.
"""
