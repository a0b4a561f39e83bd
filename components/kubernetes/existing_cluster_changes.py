"""What changing an argument of ExistingCluster does."""

from collections.abc import Mapping

from modelyard.components.common.change import Change, Effect

_SAME = "a way to the same server: in place. Another server: everything in the cluster is made again there"

EXISTING_CLUSTER_CHANGES: Mapping[str, Change] = {
    "kubeconfig": Change(Effect.REPLACE, _SAME),
    "context": Change(Effect.REPLACE, _SAME),
}
"""By argument."""
