"""What must fit together in an environment file, beyond the type of each value. Each check returns its complaints."""

from collections.abc import Callable, Iterable, Iterator

from modelyard.components.common.errors import ArgumentError
from modelyard.stacks.environment.environment import Environment, Kind
from modelyard.stacks.platforms import clusters
from modelyard.stacks.validation.cluster import cluster
from modelyard.stacks.validation.messages import Complaint
from modelyard.stacks.validation.pools import pools, quota_pools
from modelyard.stacks.validation.quotas import capacity, quota
from modelyard.stacks.validation.workspaces import configurations, references


def complaints(environment: Environment) -> list[Complaint]:
    """Everything that does not fit together; nothing if the environment can be built."""
    found = [one for check in CHECKS for one in check(environment)]
    # A configuration is only looked at when names and places are right, or it would repeat their complaints.
    return found or list(configurations(environment))


def _names(environment: Environment) -> Iterator[Complaint]:
    yield from _twice((("teams", i, "name"), team.name) for i, team in enumerate(environment.teams))
    yield from _twice((("node_pools", i, "name"), one.name) for i, one in enumerate(environment.node_pools))
    yield from _twice((("priorities", i, "name"), one.name) for i, one in enumerate(environment.priorities))
    yield from _twice((("teams", i, "workspaces", j, "name"), one.name) for i, j, one in environment.workspaces())
    for i, team in enumerate(environment.teams):
        yield from _twice((("teams", i, "volumes", j, "claim"), one.claim) for j, one in enumerate(team.volumes))


def _twice(named: Iterable[tuple[tuple[str | int, ...], str]]) -> Iterator[Complaint]:
    seen: dict[str, tuple[str | int, ...]] = {}
    for path, name in named:
        if name in seen:
            first = Complaint(seen[name], None, "").line().removesuffix(": ")
            yield Complaint(path, name, f"this name is taken by {first}; choose another")
        seen.setdefault(name, path)


def _storage(environment: Environment) -> Iterator[Complaint]:
    storage = environment.storage
    made = [volume for team in environment.teams for volume in team.volumes if volume.size is not None]
    if environment.kind is Kind.LOCAL and storage.storage_class:
        yield Complaint(("storage", "storage_class"), storage.storage_class, "kind local takes host_folder instead")
    if environment.kind is not Kind.LOCAL and storage.host_folder:
        text = "only kind local keeps volumes in a node's folder; give storage_class instead"
        yield Complaint(("storage", "host_folder"), storage.host_folder, text)
    if made and not (storage.storage_class or storage.host_folder):
        wanted = "host_folder" if environment.kind is Kind.LOCAL else "storage_class"
        yield Complaint(("storage", wanted), None, "is missing, and volumes with a size are to be made")
    if storage.host_folder and not storage.host_folder.startswith("/"):
        yield Complaint(("storage", "host_folder"), storage.host_folder, "must be an absolute path")


def _buckets(environment: Environment) -> Iterator[Complaint]:
    buckets, path = environment.storage.buckets, ("storage", "buckets")
    if buckets is None:
        return
    made = environment.cluster.made()
    if made is None:
        text = (
            f"kind {environment.kind.value!r} makes no cluster that buckets could be made beside; give s3:// or pvc://"
        )
        yield Complaint(path, None, text)
        return
    if made.production and not buckets.keep:
        text = "models of a production environment are kept; leave it out, or set production: false"
        yield Complaint((*path, "keep"), buckets.keep, text)
    try:
        clusters.judge_buckets(environment, buckets)
    except ArgumentError as wrong:
        yield Complaint((*path, wrong.argument), wrong.value, f"{wrong.rule} ({wrong.source})")


def _operators(environment: Environment) -> Iterator[Complaint]:
    for name, settings in (("kuberay", environment.operators.kuberay), ("kueue", environment.operators.kueue)):
        if settings.installer != "present" and settings.source is None:
            text = f"is missing: the file or chart that installer {settings.installer!r} takes"
            yield Complaint(("operators", name, "source"), None, text)


CHECKS: tuple[Callable[[Environment], Iterator[Complaint]], ...] = (
    _names, _storage, _buckets, cluster, quota_pools, pools, _operators, capacity, references, quota,
)  # fmt: skip
