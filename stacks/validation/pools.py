"""Node pools of a file: what their components refuse, told by its place, and quotas that they could never give."""

from collections.abc import Iterator

from modelyard.components.common.errors import ArgumentError
from modelyard.stacks import node_pools
from modelyard.stacks.environment.environment import Environment, Kind
from modelyard.stacks.platforms import clusters
from modelyard.stacks.validation.cluster import carries, of_cloud
from modelyard.stacks.validation.messages import Complaint, nearest

MAKE_NODES = (Kind.OPENSHIFT, Kind.AKS, Kind.ROSA)
"""Kinds with node pools."""

KEYS = {
    "pool_name": "name",
    "disk_gib": "disk",
    "spot_max_price": "max_price",
    "capacity_block": "capacity_blocks",
    "infiniband": "fabric",
    "efa": "fabric",
}
"""Keys of the file whose argument has another name in a component."""


def pools(environment: Environment) -> Iterator[Complaint]:
    """Pools are where nodes are made, and each and all of them can be."""
    cluster, makes_nodes = environment.cluster, environment.kind in MAKE_NODES
    if environment.node_pools and not makes_nodes:
        text = f"kind {environment.kind.value!r} makes no nodes; kinds 'openshift', 'aks' and 'rosa' do"
        yield Complaint(("node_pools",), None, text)
    if cluster.machine_set and environment.kind is not Kind.OPENSHIFT:
        yield Complaint(("cluster", "machine_set"), None, "is for kind 'openshift'")
    if not environment.node_pools or not makes_nodes:
        return
    if environment.kind is Kind.OPENSHIFT:
        for key in ("machine_set", "max_nodes"):
            if not getattr(cluster, key):
                yield Complaint(("cluster", key), None, "is missing, and there are node_pools to be made")
    if cluster.gpu_node_labels:
        text = "quotas are counted on the node_pools; leave it out"
        yield Complaint(("cluster", "gpu_node_labels"), None, text)
    for i, pool in enumerate(environment.node_pools):
        if pool.disk is not None and pool.disk % 1024:
            yield Complaint(("node_pools", i, "disk"), None, "must be a whole number of GiB")
        if pool.vm_template is not None and environment.kind is not Kind.OPENSHIFT:
            yield Complaint(("node_pools", i, "vm_template"), pool.vm_template, "is for kind 'openshift', on vSphere")
    if cluster.machine_set or (cluster.made() and _stands(environment)):
        found = [one for i in range(len(environment.node_pools)) for one in _pool(environment, i)]
        yield from found or _together(environment)


def _stands(environment: Environment) -> bool:
    """Whether the cluster can be made; of one that cannot, pools would only repeat the complaint."""
    try:
        clusters.judge(environment)
    except ArgumentError:
        return False
    return True


def _together(environment: Environment) -> Iterator[Complaint]:
    try:
        node_pools.judge_together(environment)
    except ArgumentError as wrong:
        yield of_cloud(environment, wrong)


def _pool(environment: Environment, i: int) -> Iterator[Complaint]:
    """What the pool's own component refuses, and quotas that it could never give."""
    pool = environment.node_pools[i]
    try:
        made = node_pools.judged(environment, pool)
    except ArgumentError as wrong:
        argument = wrong.argument.partition("[")[0]
        place = KEYS.get(argument, argument)
        if place == "template":
            yield Complaint(("cluster", "machine_set"), None, wrong.rule)
            return
        inside = (place,) if place in type(pool).model_fields else ()
        if not inside and carries(environment, wrong.argument):
            yield of_cloud(environment, wrong)
            return
        text = f"{wrong.rule} ({wrong.source})" if wrong.source else wrong.rule
        yield Complaint(("node_pools", i, *inside), wrong.value if inside else pool.name, text)
        return
    total = 0
    for j, team in enumerate(environment.teams):
        if node_pools.of_team(environment, team) is not pool:
            continue
        total += team.quota.gpus
        there = made.gpus * made.max_nodes
        if total > there:
            before = f", with the quotas before it {total}" if total != team.quota.gpus else ""
            text = (
                f"is {team.quota.gpus}{before}, but node_pools[{i}] has {there} at most ({made.max_nodes} nodes of "
                f"{made.gpus})"
            )
            yield Complaint(("teams", j, "quota", "gpus"), None, text)
            return


def quota_pools(environment: Environment) -> Iterator[Complaint]:
    """Quotas name pools that there are."""
    names = [one.name for one in environment.node_pools]
    for i, team in enumerate(environment.teams):
        if team.quota.pool is not None and team.quota.pool not in names:
            text = f"no such node pool; {nearest(team.quota.pool, names)}"
            yield Complaint(("teams", i, "quota", "pool"), team.quota.pool, text)
