"""A checked pool, as the builders of manifests take it."""

from collections.abc import Mapping

from modelyard.components.common.ownership import tags
from modelyard.components.kubernetes.manifests.node_template import NodeTemplate
from modelyard.components.node_pools.spec import Pool


def node_template(pool: Pool, more_labels: Mapping[str, str] | None = None) -> NodeTemplate:
    """What the nodes of `pool` are; `more_labels` are those that only one kind of cluster needs."""
    instance = pool.instance
    return NodeTemplate(
        name=pool.name,
        ownership=pool.ownership,
        instance_type=instance.name,
        gpu=instance.gpu,
        gpus=pool.gpus,
        vcpus=instance.vcpus,
        memory_gib=instance.memory_gib,
        nvme_gib=instance.nvme_gib,
        efa=instance.fabric == "efa",
        min_nodes=pool.min_nodes,
        max_nodes=pool.max_nodes,
        spot=pool.spot,
        zones=pool.zones,
        labels={**pool.labels, **(more_labels or {})},
        taints=tuple(one.mapping() for one in pool.taints),
        tags=tags(pool.ownership),
    )
