"""Checks that quotas fit the nodes, and that workspaces fit their quotas."""

from collections.abc import Iterable, Iterator

from modelyard.components.kubernetes.manifests.ray_job import SUBMITTER
from modelyard.components.kubernetes.workspaces.serve import HEAD as SERVE_HEAD
from modelyard.stacks.environment.cluster import Capacity
from modelyard.stacks.environment.environment import Environment
from modelyard.stacks.environment.section import Path
from modelyard.stacks.environment.team import FineTune, PodAmounts, Serve, Team
from modelyard.stacks.environment.unsound import skip_unsound
from modelyard.stacks.validation.messages import Fault

RESOURCES = ("cpus", "memory", "gpus")
#: Cores, MiB and GPUs of one pod, or of several together.
Amounts = tuple[float, int, int]


def capacity(environment: Environment) -> Iterator[Fault]:
    """Find quotas that have no room on the nodes beside the operators and each other."""
    if environment.cluster.capacity is not None:
        for resource in RESOURCES:
            yield from skip_unsound(_capacity_of, environment, environment.cluster.capacity, resource)


def _capacity_of(environment: Environment, nodes: Capacity, resource: str) -> Iterator[Fault]:
    operators, total, limit = 0.0, 0.0, getattr(nodes, resource)
    for settings in (environment.operators.kuberay, environment.operators.kueue):
        if resource != "gpus" and settings.installer != "present":
            operators += getattr(settings, resource)
    for i, team in enumerate(environment.teams):
        quota = getattr(team.quota, resource)
        total += quota
        if total + operators > limit + 1e-9:
            rest = f" ({_text(resource, operators)} of it for operators)" if operators else ""
            before = f", with the quotas before it {_text(resource, total)}" if i else ""
            capacity_text = f"cluster.capacity.{resource} is {_text(resource, limit)}{rest}"
            text = f"is {_text(resource, quota)}{before}, but {capacity_text}"
            yield Fault(("teams", i, "quota", resource), None, text)
            return


def admission(environment: Environment) -> Iterator[Fault]:
    """Find workspaces that are larger than their team's quota, and would queue for ever."""
    for path, team, workspace in environment.workspaces():
        yield from skip_unsound(_admission_of, path, team, workspace)
    for path, team, workspace in environment.workspaces():
        if isinstance(workspace, Serve):
            yield from skip_unsound(_room_for_both, path, team, workspace)


def _admission_of(path: Path, team: Team, workspace: FineTune | Serve) -> Iterator[Fault]:
    for resource, amount, limit in _beyond(team, [_needs(workspace)]):
        text = f"needs {amount} {resource} in all, but {_quota(path, resource)} is {limit}; Kueue would never admit it"
        yield Fault(path, workspace.name, text)


def _room_for_both(path: Path, team: Team, server: Serve) -> Iterator[Fault]:
    """A server that waits for a result already holds its quota; without room for both, each waits for the other."""
    for fine_tune in team.fine_tunes():
        if server.fine_tune is None or fine_tune.name != server.fine_tune:
            continue
        for resource, amount, limit in _beyond(team, [_needs(fine_tune), _needs(server)]):
            text = (
                f"waits for {fine_tune.name!r}, and both together need {amount} {resource}, but "
                f"{_quota(path, resource)} is {limit}; each would wait for the other"
            )
            yield Fault(path, server.name, text)


def _beyond(team: Team, needs: Iterable[Amounts]) -> Iterator[tuple[str, str, str]]:
    """Yield each resource of which more is needed than the quota holds, with both amounts as text."""
    for resource, amount in zip(RESOURCES, _sum(needs), strict=True):
        limit = getattr(team.quota, resource)
        if amount > limit + 1e-9:
            yield resource, _text(resource, amount), _text(resource, limit)


def _quota(path: Path, resource: str) -> str:
    return f"teams[{path[1]}].quota.{resource}"


def _needs(workspace: FineTune | Serve) -> Amounts:
    if isinstance(workspace, FineTune):
        submitter = (SUBMITTER.cpu_millis / 1000, SUBMITTER.memory_mib, 0)
        return _sum([_amounts(workspace.head), submitter, *[_amounts(workspace.worker)] * workspace.workers])
    if workspace.replicas == 0:
        return _amounts(workspace.replica)
    head = (SERVE_HEAD.cpu_millis / 1000, SERVE_HEAD.memory_mib, 0)
    return _sum([head, *[_amounts(workspace.replica)] * workspace.replicas])


def _amounts(pod: PodAmounts) -> Amounts:
    return (pod.cpus, pod.memory, pod.gpus)


def _sum(pods: Iterable[Amounts]) -> Amounts:
    cpus, memory, gpus = zip(*pods, strict=True)
    return (sum(cpus), sum(memory), sum(gpus))


def _text(resource: str, amount: float) -> str:
    if resource != "memory":
        return f"{amount:g}"
    return f"{amount / 1024:g}GiB" if amount % 1024 == 0 else f"{amount:g}MiB"
