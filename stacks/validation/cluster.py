"""Checks of the section `cluster`: keys that its kind needs, and keys that only other kinds have."""

from collections.abc import Iterator

from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.platforms.registry import kinds_with, platform_of
from modelyard.stacks.validation.messages import Fault

KEYS_OF_KINDS = ("kubeconfig", "context", "aks", "rosa", "machine_set", "max_nodes")
"""Keys of `cluster` that only some kinds have."""
POOL_KEYS_OF_KINDS = ("vm_template",)
"""Keys of a node pool that only some kinds have."""


def keys(environment: Environment) -> Iterator[Fault]:
    """Find keys of other kinds, and missing ones of this."""
    kind, cluster, platform = environment.kind.value, environment.cluster, platform_of(environment.kind)
    for key in KEYS_OF_KINDS:
        value = getattr(cluster, key)
        if value and key not in platform.cluster_keys:
            text = f"is for kind {kinds_with('cluster_keys', key)}, and this is {kind!r}; leave it out, or change kind"
            yield Fault(("cluster", key), value if isinstance(value, (str, int)) else None, text)
    for key in platform.required_keys(environment):
        if not getattr(cluster, key):
            yield Fault(("cluster", key), None, f"is missing; kind {kind!r} needs it")
    if environment.node_pools and not platform.creates_nodes:
        text = f"kind {kind!r} creates no nodes; {kinds_with('creates_nodes')} do"
        yield Fault(("node_pools",), None, text)
    elif environment.node_pools and cluster.gpu_node_labels:
        yield Fault(("cluster", "gpu_node_labels"), None, "quotas are counted on the node_pools; leave it out")
    for i, pool in enumerate(environment.node_pools):
        for key in POOL_KEYS_OF_KINDS:
            if getattr(pool, key) is not None and key not in platform.node_pool_keys:
                text = f"is for kind {kinds_with('node_pool_keys', key)}; leave it out"
                yield Fault(("node_pools", i, key), getattr(pool, key), text)
