"""Reading an environment: from the value of `modelyard:environment` to its validated form, or to all of its faults."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from modelyard.stacks.environment.aliases import format_path, resolve_aliases
from modelyard.stacks.environment.environment import KEY, Environment
from modelyard.stacks.environment.names import is_name
from modelyard.stacks.environment.operators import Operators
from modelyard.stacks.environment.section import FaultCollector, Path
from modelyard.stacks.environment.unsound import skip_unsound
from modelyard.stacks.platforms.registry import platform_of
from modelyard.stacks.validation import cluster, pools, quotas, storage, workspaces
from modelyard.stacks.validation.messages import Fault, fault_of, refuse
from modelyard.stacks.validation.validated import ValidatedEnvironment

_STACK_FILE = re.compile(r"Pulumi\.(?P<stack>.+)\.yaml")


def read_environment(content: Any, file: str) -> ValidatedEnvironment:
    """Validate an environment without creating anything.

    Args:
        content: value of `modelyard:environment`, as plain objects. It is not changed.
        file: name of the file it comes from, `Pulumi.<stack>.yaml`.

    Raises:
        EnvironmentFileError: with every fault at once, each with its path, its value and what is allowed.
    """
    if not isinstance(content, dict):
        raise refuse(file, [Fault((), None, f"config.{KEY} is missing or not an object")])
    document = resolve_aliases(content)
    collector = FaultCollector.of(document.content)
    environment = Environment.model_validate(document.content, context=collector)
    faults = [fault_of(raw) for raw in collector.faults.values()]
    faults += skip_unsound(_stack_name, environment, file)
    for check in CHECKS:
        faults += skip_unsound(check, environment)
    specs = pools.validate_specs(environment)
    faults += specs.faults
    workspace_specs = workspaces.validate_specs(environment, {fault.path for fault in faults}, specs.shared_parts)
    faults += workspace_specs.faults
    if faults:
        raise refuse(file, faults, document)
    return ValidatedEnvironment(
        environment=environment,
        platform=platform_of(environment.kind),
        cluster=specs.cluster,
        node_pools=tuple(specs.node_pools),
        fine_tunes=workspace_specs.fine_tunes,
        servers=workspace_specs.servers,
        notes=tuple(document.notes()),
    )


def _stack_name(environment: Environment, file: str) -> Iterator[Fault]:
    """Names in the cloud follow the environment's name: two stacks with the same one would share them."""
    match = _STACK_FILE.fullmatch(file)
    stack = match["stack"] if match else environment.name
    if environment.name == stack:
        return
    mend = f"write name: {stack}" if is_name(stack) else f"rename the stack and its file to {environment.name}"
    text = f"must be the stack's name, {stack!r}, because names in the cloud follow it; {mend}"
    yield Fault(("name",), environment.name, text)


def _names(environment: Environment) -> Iterator[Fault]:
    yield from _twice((("teams", i, "name"), team) for i, team in enumerate(environment.teams))
    yield from _twice((("node_pools", i, "name"), pool) for i, pool in enumerate(environment.node_pools))
    yield from _twice((("priorities", i, "name"), level) for i, level in enumerate(environment.priorities))
    yield from _twice(((*path, "name"), workspace) for path, _, workspace in environment.workspaces())
    for i, team in enumerate(environment.teams):
        yield from _twice((("teams", i, "volumes", j, "claim"), claim) for j, claim in enumerate(team.volumes))


def _twice(sections: Iterable[tuple[Path, Any]]) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for path, section in sections:
        for name in skip_unsound(lambda path=path, section=section: [str(getattr(section, str(path[-1])))]):
            if name in first:
                yield Fault(path, name, f"this name is taken by {format_path(first[name])}; choose another")
            first.setdefault(name, path)


def _operators(environment: Environment) -> Iterator[Fault]:
    for name in Operators.model_fields:
        settings = getattr(environment.operators, name)
        if settings.installer != "present" and settings.source is None:
            text = f"is missing: the file or chart that installer {settings.installer!r} takes"
            yield Fault(("operators", name, "source"), None, text)


CHECKS: tuple[Callable[[Environment], Iterator[Fault]], ...] = (
    _names, storage.volumes, storage.buckets, cluster.keys, pools.quota_pools, _operators, quotas.capacity,
    workspaces.references, quotas.admission,
)  # fmt: skip
"""Checks of what must fit together. Each stops at the first unsound value, and the others go on."""
