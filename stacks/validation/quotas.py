"""Whether quotas fit what there is, and workspaces fit their quotas."""

from collections.abc import Iterator

from modelyard.components.kubernetes.manifests.ray_job import SUBMITTER
from modelyard.components.kubernetes.workspaces.serve import HEAD as SERVE_HEAD
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.team import FineTune, PodAmounts, Serve, Team
from modelyard.stacks.validation.messages import Complaint

#: Cores and MiB of one pod or sum of pods, and its GPUs.
Amounts = tuple[float, int, int]


def capacity(environment: Environment) -> Iterator[Complaint]:
    """All quotas and operators together have room on the nodes."""
    nodes = environment.cluster.capacity
    if nodes is None:
        return
    taken: dict[str, float] = {"cpus": 0, "memory": 0}
    for settings in (environment.operators.kuberay, environment.operators.kueue):
        if settings.installer != "present":
            taken["cpus"] += settings.cpus
            taken["memory"] += settings.memory
    for what in ("cpus", "memory", "gpus"):
        total, there, operators = 0.0, getattr(nodes, what), taken.get(what, 0)
        for i, team in enumerate(environment.teams):
            asked = getattr(team.quota, what)
            total += asked
            if total + operators > there + 1e-9:
                rest = f" ({_shown(what, operators)} of it for operators)" if operators else ""
                before = f", with the quotas before it {_shown(what, total)}" if i else ""
                text = f"is {_shown(what, asked)}{before}, but cluster.capacity.{what} is {_shown(what, there)}{rest}"
                yield Complaint(("teams", i, "quota", what), None, text)
                break


def quota(environment: Environment) -> Iterator[Complaint]:
    """A workspace larger than its team's quota would queue for ever."""
    for i, j, workspace in environment.workspaces():
        there_is = environment.teams[i].quota
        needed = _needed(workspace)
        for what, amount in zip(("cpus", "memory", "gpus"), needed, strict=True):
            there = getattr(there_is, what)
            if amount > there + 1e-9:
                text = (
                    f"needs {_shown(what, amount)} {what} in all, but teams[{i}].quota.{what} is "
                    f"{_shown(what, there)}; Kueue would never admit it"
                )
                yield Complaint(("teams", i, "workspaces", j), workspace.name, text)

    for i, j, server in environment.workspaces():
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
