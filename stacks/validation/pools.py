"""Validated forms of a file's cluster and node pools, and quotas that their pools could never give.

A component refuses with the path of its argument. Arguments have the keys of the file, so that the path in the file is
`cluster.aks.` or `node_pools[i].` and the argument's; `ELSEWHERE` lists those that the file has in another place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard.components.common.errors import ArgumentError
from modelyard.components.node_pools.spec import CloudNodePoolSpec, NodePoolSpec
from modelyard.stacks.environment.aliases import parse_path
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.section import Path, Section
from modelyard.stacks.environment.unsound import skip_unsound
from modelyard.stacks.platforms.registry import platform_of
from modelyard.stacks.validation.messages import Fault, argument_fault, nearest, rule_text

ELSEWHERE: Mapping[str, Path] = {"cluster_name": ("name",), "template": ("cluster", "machine_set")}
"""Place in the file of arguments that are not keys of their section."""
POOL_KEYS: Mapping[str, str] = {
    "pool_name": "name",
    "disk_gib": "disk",
}
"""Key of a pool in the file, where it is not the argument's: the file writes a disk with its unit."""


@dataclass
class Specs:
    """Validated forms of the cluster and its pools, as far as they are sound, and their faults."""

    cluster: Any = None
    cluster_is_sound: bool = False
    node_pools: list[CloudNodePoolSpec] = field(default_factory=list)
    shared_parts: dict[int, NodePoolSpec] = field(default_factory=dict)
    """Part of each pool that all kinds share, by its position; there also while the cluster is refused."""
    faults: list[Fault] = field(default_factory=list)


def validate_specs(environment: Environment) -> Specs:
    """Validate the cluster, each pool once, and all pools together."""
    specs = Specs()
    for step in (_validate_cluster, _validate_pools):
        specs.faults += skip_unsound(step, environment, specs)
    return specs


def quota_pools(environment: Environment) -> Iterator[Fault]:
    """Find quotas on pools that there are not."""
    names = [pool.name for pool in environment.node_pools]
    for i, team in enumerate(environment.teams):
        if team.quota.pool is not None and team.quota.pool not in names:
            text = f"no such node pool; {nearest(team.quota.pool, names)}"
            yield Fault(("teams", i, "quota", "pool"), team.quota.pool, text)


def _validate_cluster(environment: Environment, specs: Specs) -> Iterator[Fault]:
    platform = platform_of(environment.kind)
    if not all(getattr(environment.cluster, key) for key in platform.required_keys(environment)):
        return  # a missing key is a fault of its own
    try:
        specs.cluster = platform.validate_cluster(environment)
        specs.cluster_is_sound = True
    except ArgumentError as error:
        for fault in error.faults:
            yield _cluster_fault(environment, fault)


def _validate_pools(environment: Environment, specs: Specs) -> Iterator[Fault]:
    platform = platform_of(environment.kind)
    if not platform.creates_nodes:
        return
    for i in range(len(environment.node_pools)):
        yield from skip_unsound(_validate_pool, environment, specs, i)
    names = [pool.name for pool in environment.node_pools]
    if len(set(names)) < len(names):
        return  # sums over pools would only repeat the fault
    if names and len(specs.node_pools) == len(names):
        try:
            platform.validate_capacity(environment, specs.cluster, specs.node_pools)
        except ArgumentError as error:
            for fault in error.faults:
                yield _cluster_fault(environment, fault)
    for i, pool in specs.shared_parts.items():
        yield from skip_unsound(_pool_quotas, environment, i, pool)


def _validate_pool(environment: Environment, specs: Specs, i: int) -> Iterator[Fault]:
    platform, pool = platform_of(environment.kind), environment.node_pools[i]
    try:
        if specs.cluster_is_sound:
            spec = platform.validate_node_pool(environment, specs.cluster, pool)
            specs.node_pools.append(spec)
            specs.shared_parts[i] = spec.pool
        elif shared_part := platform.validate_shared_part(environment, pool):
            specs.shared_parts[i] = shared_part
    except ArgumentError as error:
        for fault in error.faults:
            yield _pool_fault(environment, i, fault)


def _pool_quotas(environment: Environment, i: int, pool: NodePoolSpec) -> Iterator[Fault]:
    total, limit = 0, pool.gpus * pool.max_nodes
    for j, team in enumerate(environment.teams):
        if environment.pool_of(team) is not environment.node_pools[i]:
            continue
        total += team.quota.gpus
        if total > limit:
            before = f", with the quotas before it {total}" if total != team.quota.gpus else ""
            text = (
                f"is {team.quota.gpus}{before}, but node_pools[{i}] has {limit} at most ({pool.max_nodes} nodes of "
                f"{pool.gpus})"
            )
            yield Fault(("teams", j, "quota", "gpus"), None, text)
            return


def _cluster_fault(environment: Environment, error: ArgumentError) -> Fault:
    """Return the fault of the cluster at the key that carries the argument."""
    path = _cluster_path(environment, parse_path(error.argument))
    section = platform_of(environment.kind).cluster_path
    return argument_fault(error, path) if path else Fault(section, None, f"{error.argument}: {rule_text(error)}")


def _pool_fault(environment: Environment, i: int, error: ArgumentError) -> Fault:
    """Return the fault of a pool at the key that carries the argument, which may be one of its cluster."""
    pool, (first, *rest) = environment.node_pools[i], parse_path(error.argument) or ("",)
    keys = _keys(pool, (POOL_KEYS.get(str(first), first), *rest))
    path = (
        ("node_pools", i, *keys)
        if keys
        else _cluster_path(environment, tuple(rest) if first == "cluster" else (first,))
    )
    return argument_fault(error, path) if path else Fault(("node_pools", i), pool.name, rule_text(error))


def _cluster_path(environment: Environment, argument: Path) -> Path:
    """Return the path of the cluster's argument in the file; empty where the file has no such key."""
    if argument and argument[0] in ELSEWHERE:
        return ELSEWHERE[str(argument[0])]
    path, section = platform_of(environment.kind).cluster_path, environment.cluster
    keys = _keys(getattr(section, str(path[1])) if len(path) > 1 else section, argument)
    return (*path, *keys) if keys else ()


def _keys(value: Any, path: Path) -> Path:
    """Return `path` as far as the file has it: keys of sections and objects; what is deeper stays with its list."""
    if not path:
        return ()
    first, *rest = path
    if isinstance(value, Section):
        return (first, *_keys(getattr(value, str(first)), tuple(rest))) if first in type(value).model_fields else ()
    if isinstance(value, Mapping):
        return (first,) if first in value else ()
    if isinstance(value, tuple) and isinstance(first, int) and first < len(value) and isinstance(value[first], Section):
        return (first, *_keys(value[first], tuple(rest)))
    return ()
