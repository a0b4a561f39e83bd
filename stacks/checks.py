"""What must fit together in an environment file, beyond the type of each value. Each check returns its complaints."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from modelyard.components.manifests.ray_job import SUBMITTER
from modelyard.components.node_pools.pool import PoolError
from modelyard.components.workspaces.fine_tune import run_config
from modelyard.components.workspaces.serve import HEAD as SERVE_HEAD
from modelyard.components.workspaces.serve import serve_config
from modelyard.stacks import clusters, node_pools
from modelyard.stacks.complaints import Complaint, from_validation
from modelyard.stacks.environment import Aks, Environment, FineTune, Kind, PodAmounts, Serve, Team
from modelyard.stacks.workspaces import fine_tune_args, serve_args, serve_result
from modelyard.workloads.fine_tune.config import FineTuneConfig
from modelyard.workloads.preprocess.location import parse
from modelyard.workloads.serve.config import ServeConfig
from pydantic import ValidationError

#: Cores and MiB of one pod or sum of pods, and its GPUs.
Amounts = tuple[float, int, int]


def complaints(environment: Environment) -> list[Complaint]:
    """Everything that does not fit together; nothing if the environment can be built."""
    found = [one for check in CHECKS for one in check(environment)]
    # A configuration is only looked at when names and places are right, or it would repeat their complaints.
    return found or list(_configurations(environment))


def _names(environment: Environment) -> Iterator[Complaint]:
    yield from _twice((("teams", i, "name"), team.name) for i, team in enumerate(environment.teams))
    yield from _twice((("node_pools", i, "name"), one.name) for i, one in enumerate(environment.node_pools))
    yield from _twice((("priorities", i, "name"), one.name) for i, one in enumerate(environment.priorities))
    yield from _twice((("teams", i, "workspaces", j, "name"), one.name) for i, j, one in _workspaces(environment))
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


def _cluster(environment: Environment) -> Iterator[Complaint]:
    """What a kind needs to be told of its cluster, and what it must not."""
    cluster, kind = environment.cluster, environment.kind
    if kind is Kind.AKS:
        if cluster.aks is None:
            yield Complaint(("cluster", "aks"), None, "is missing: the cluster that kind 'aks' makes")
        for key in ("kubeconfig", "context"):
            if getattr(cluster, key) is not None:
                yield Complaint(("cluster", key), getattr(cluster, key), "kind 'aks' makes its cluster; leave it out")
    else:
        if cluster.kubeconfig is None:
            yield Complaint(("cluster", "kubeconfig"), None, "is missing")
        if cluster.aks is not None:
            yield Complaint(("cluster", "aks"), None, f"kind {kind.value!r} makes no cluster; kind 'aks' does")
    try:
        clusters.judge(environment)
    except PoolError as wrong:
        yield _of_aks(wrong)


def _of_aks(wrong: PoolError) -> Complaint:
    """What a rule of the cloud says, at the key that carries it."""
    key = wrong.argument.partition("[")[0]
    if key in Aks.model_fields:
        value = wrong.value if isinstance(wrong.value, (str, int)) else None
        return Complaint(("cluster", "aks", key), value, f"{wrong.rule} ({wrong.source})")
    return Complaint(("cluster", "aks"), None, f"{wrong.argument} = {wrong.value!r}: {wrong.rule} ({wrong.source})")


def _node_pools(environment: Environment) -> Iterator[Complaint]:
    cluster, makes_nodes = environment.cluster, environment.kind in (Kind.OPENSHIFT, Kind.AKS)
    if environment.node_pools and not makes_nodes:
        text = f"kind {environment.kind.value!r} makes no nodes; kinds 'openshift' and 'aks' do"
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
    if cluster.machine_set or cluster.aks:
        found = [one for i in range(len(environment.node_pools)) for one in _pool(environment, i)]
        yield from found or _together(environment)


def _together(environment: Environment) -> Iterator[Complaint]:
    try:
        node_pools.judge_together(environment)
    except PoolError as wrong:
        yield _of_aks(wrong)


def _pool(environment: Environment, i: int) -> Iterator[Complaint]:
    """What the pool's own component refuses, and quotas that it could never give."""
    pool = environment.node_pools[i]
    try:
        made = node_pools.judged(environment, pool)
    except PoolError as wrong:
        argument = wrong.argument.partition("[")[0]
        place = {"pool_name": "name", "disk_gib": "disk"}.get(argument, argument)
        if place == "template":
            yield Complaint(("cluster", "machine_set"), None, wrong.rule)
            return
        inside = (place,) if place in type(pool).model_fields else ()
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


def _quota_pools(environment: Environment) -> Iterator[Complaint]:
    names = [one.name for one in environment.node_pools]
    for i, team in enumerate(environment.teams):
        if team.quota.pool is not None and team.quota.pool not in names:
            text = f"no such node pool; {_nearest(team.quota.pool, names)}"
            yield Complaint(("teams", i, "quota", "pool"), team.quota.pool, text)


def _operators(environment: Environment) -> Iterator[Complaint]:
    for name, settings in (("kuberay", environment.operators.kuberay), ("kueue", environment.operators.kueue)):
        if settings.installer != "present" and settings.source is None:
            text = f"is missing: the file or chart that installer {settings.installer!r} takes"
            yield Complaint(("operators", name, "source"), None, text)


def _capacity(environment: Environment) -> Iterator[Complaint]:
    capacity = environment.cluster.capacity
    if capacity is None:
        return
    taken: dict[str, float] = {"cpus": 0, "memory": 0}
    for settings in (environment.operators.kuberay, environment.operators.kueue):
        if settings.installer != "present":
            taken["cpus"] += settings.cpus
            taken["memory"] += settings.memory
    for what in ("cpus", "memory", "gpus"):
        total, there, operators = 0.0, getattr(capacity, what), taken.get(what, 0)
        for i, team in enumerate(environment.teams):
            asked = getattr(team.quota, what)
            total += asked
            if total + operators > there + 1e-9:
                rest = f" ({_shown(what, operators)} of it for operators)" if operators else ""
                before = f", with the quotas before it {_shown(what, total)}" if i else ""
                text = f"is {_shown(what, asked)}{before}, but cluster.capacity.{what} is {_shown(what, there)}{rest}"
                yield Complaint(("teams", i, "quota", what), None, text)
                break


def _quota(environment: Environment) -> Iterator[Complaint]:
    """A workspace larger than its team's quota would queue for ever."""
    for i, j, workspace in _workspaces(environment):
        quota = environment.teams[i].quota
        needed = _needed(workspace)
        for what, amount in zip(("cpus", "memory", "gpus"), needed, strict=True):
            there = getattr(quota, what)
            if amount > there + 1e-9:
                text = (
                    f"needs {_shown(what, amount)} {what} in all, but teams[{i}].quota.{what} is "
                    f"{_shown(what, there)}; Kueue would never admit it"
                )
                yield Complaint(("teams", i, "workspaces", j), workspace.name, text)

    for i, j, server in _workspaces(environment):
        if isinstance(server, Serve) and server.fine_tune is not None:
            yield from _room_for_both(environment.teams[i], server, ("teams", i, "workspaces", j))


def _room_for_both(team: Team, server: Serve, path: tuple[str | int, ...]) -> Iterator[Complaint]:
    """A server that waits for a result already holds its quota; without room for both, each waits for the other."""
    for trained in team.workspaces:
        if not isinstance(trained, FineTune) or trained.name != server.fine_tune:
            continue
        both = _sum([_needed(trained), _needed(server)])
        for what, amount in zip(("cpus", "memory", "gpus"), both, strict=True):
            there = getattr(team.quota, what)
            if amount > there + 1e-9:
                text = (
                    f"waits for {trained.name!r}, and both together need {_shown(what, amount)} {what}, but "
                    f"teams[{path[1]}].quota.{what} is {_shown(what, there)}; each would wait for the other"
                )
                yield Complaint(path, server.name, text)


def _needed(workspace: FineTune | Serve) -> Amounts:
    if isinstance(workspace, FineTune):
        submitter = (SUBMITTER.cpu_millis / 1000, SUBMITTER.memory_mib, 0)
        return _sum([_amounts(workspace.head), submitter, *[_amounts(workspace.worker)] * workspace.workers])
    if workspace.replicas == 0:
        return _amounts(workspace.replica)
    head = (SERVE_HEAD.cpu_millis / 1000, SERVE_HEAD.memory_mib, 0)
    return _sum([head, *[_amounts(workspace.replica)] * workspace.replicas])


def _amounts(pod: PodAmounts) -> Amounts:
    return (pod.cpus, pod.memory, pod.gpus)


def _sum(pods: list[Amounts]) -> Amounts:
    return (sum(p[0] for p in pods), sum(p[1] for p in pods), sum(p[2] for p in pods))


def _shown(what: str, amount: float) -> str:
    if what != "memory":
        return f"{amount:g}"
    return f"{amount / 1024:g}GiB" if amount % 1024 == 0 else f"{amount:g}MiB"


def _references(environment: Environment) -> Iterator[Complaint]:
    priorities = [one.name for one in environment.priorities]
    for i, j, workspace in _workspaces(environment):
        path = ("teams", i, "workspaces", j)
        team = environment.teams[i]
        if workspace.priority not in priorities:
            text = f"no such priority; {_nearest(workspace.priority, priorities)}"
            yield Complaint((*path, "priority"), workspace.priority, text)
        image = "train" if isinstance(workspace, FineTune) else "serve"
        if getattr(environment.images, image) is None:
            yield Complaint(("images", image), None, f"is missing, and workspace {workspace.name!r} needs it")
        claims = [volume.claim for volume in team.volumes]
        for key in ("train_data", "validation_data", "model", "tokenizer", "results"):
            uri = getattr(workspace, key, None)
            claim = parse(uri).claim if uri else None
            if claim and claim not in claims:
                text = f"team {team.name!r} has no volume {claim!r}; {_nearest(claim, claims)}"
                yield Complaint((*path, key), uri, text)
        if isinstance(workspace, Serve):
            yield from _source(workspace, team, path)


def _source(server: Serve, team: Team, path: tuple[str | int, ...]) -> Iterator[Complaint]:
    given = [key for key in ("model", "fine_tune") if getattr(server, key) is not None]
    if len(given) == 2:
        yield Complaint(path, server.name, "has both model and fine_tune; give one")
    if not given and server.preset is None:
        yield Complaint(path, server.name, "has nothing to serve; give preset, model or fine_tune")
    trained = [one.name for one in team.workspaces if isinstance(one, FineTune)]
    if server.fine_tune is not None and server.fine_tune not in trained:
        text = f"team {team.name!r} has no fine-tune workspace of that name; {_nearest(server.fine_tune, trained)}"
        yield Complaint((*path, "fine_tune"), server.fine_tune, text)


def _configurations(environment: Environment) -> Iterator[Complaint]:
    """What the jobs themselves would refuse, refused here."""
    refused: set[str] = set()
    in_order = sorted(_workspaces(environment), key=lambda one: isinstance(one[2], Serve))
    for i, j, workspace in in_order:
        if isinstance(workspace, Serve) and workspace.fine_tune in refused:
            continue  # it would only repeat the complaint
        team, path = environment.teams[i], ("teams", i, "workspaces", j)
        known = FineTuneConfig if isinstance(workspace, FineTune) else ServeConfig
        try:
            if isinstance(workspace, FineTune):
                run_config(workspace.name, fine_tune_args(environment, team, workspace))
            else:
                args = serve_args(environment, team, workspace)
                serve_config(workspace.name, args, serve_result(environment, team, workspace))
        except ValidationError as wrong:
            refused.add(workspace.name)
            for one in from_validation(wrong, workspace.settings):
                inside = ("settings",) if one.path and one.path[0] not in type(workspace).model_fields else ()
                text = one.text
                if one.kind == "extra_forbidden":
                    text = f"unknown setting; {_nearest(str(one.path[-1]), sorted(known.model_fields))}"
                yield Complaint((*path, *inside, *one.path), one.value, text)


def _workspaces(environment: Environment) -> Iterator[tuple[int, int, FineTune | Serve]]:
    for i, team in enumerate(environment.teams):
        for j, workspace in enumerate(team.workspaces):
            yield i, j, workspace


def _nearest(name: str, known: list[str]) -> str:
    if not known:
        return "there are none"
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


CHECKS: tuple[Callable[[Environment], Iterator[Complaint]], ...] = (
    _names, _storage, _cluster, _quota_pools, _node_pools, _operators, _capacity, _references, _quota,
)  # fmt: skip
