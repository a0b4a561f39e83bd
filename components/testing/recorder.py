"""Engine for tests: it accepts all resources that a program registers, and keeps them.

    engine = Recorder.installed()
    TeamQueue("team-a", {...})
    engine.finish()
    assert engine.objects["ResourceQuota/team-a/team"]["spec"]["hard"]["requests.nvidia.com/gpu"] == "2"

It corrects distortions of Pulumi's mocks: whole numbers come back whole, a URN counts once, and a mark replaces each
secret, so that no test output or golden file can hold one.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import ROOT, SETTINGS
from pulumi.runtime.stack import wait_for_rpcs

SECRET = "<secret>"  # noqa: S105 - the mark, no secret
"""Mark of a secret in recorded inputs."""


@dataclass(frozen=True)
class Registered:
    """Request to register a resource."""

    type: str
    name: str
    inputs: dict[str, Any]
    provider: str
    """URN and id of the provider; empty for the default provider."""

    @property
    def is_object(self) -> bool:
        """True for a Kubernetes object."""
        return self.type.startswith("kubernetes:") and "kind" in self.inputs


class Recorder(pulumi.runtime.Mocks):
    """Stand-in of the engine that creates every resource."""

    def __init__(self) -> None:
        self.registered: list[Registered] = []
        self.outputs: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {}
        """Outputs that a provider adds, computed from name and inputs, by type. An `id` becomes the resource's id."""
        self.answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        """Results of functions, computed from their arguments, by token."""

    @classmethod
    def installed(cls, *, stack: str = "test", preview: bool = False) -> "Recorder":
        """Put a new recorder in the engine's place.

        Args:
            stack: name of the stack.
            preview: leave values unknown that only a provider knows, as a preview does.
        """
        # Pulumi keeps these per thread. An earlier program that was refused leaves them with a loop that never ran.
        asyncio.set_event_loop(asyncio.new_event_loop())
        SETTINGS.rpc_manager.clear()  # type: ignore[attr-defined]
        SETTINGS.outputs.clear()  # type: ignore[attr-defined]
        ROOT.set(None)
        recorder = cls()
        monitor = _Monitor(recorder)
        pulumi.runtime.set_mocks(recorder, project="modelyard", stack=stack, preview=preview, monitor=monitor)
        return recorder

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Record a resource; Pulumi calls it for each."""
        self.registered.append(Registered(args.typ, args.name, _plain(args.inputs), args.provider or ""))
        added = self.outputs.get(args.typ, lambda _name, _inputs: {})(args.name, args.inputs)
        return added.get("id", f"{args.name}-id"), {**args.inputs, **added}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]  # the stub says tuple
        """Return the result of a function that the program calls.

        Raises:
            NotImplementedError: `answers` has no function of that name.
        """
        if args.token in self.answers:
            return self.answers[args.token](args.args)
        raise NotImplementedError(f"the recorder has no answer for the function {args.token}, which the program called")

    def finish(self) -> None:
        """Wait until all resources of the program are registered, and raise the first error of a registration."""
        asyncio.get_event_loop().run_until_complete(wait_for_rpcs())

    @property
    def objects(self) -> dict[str, dict[str, Any]]:
        """Kubernetes objects by `Kind/namespace/name`, or `Kind/name` without a namespace."""
        objects = {}
        for resource in self.registered:
            if resource.is_object:
                metadata = resource.inputs["metadata"]
                parts = (resource.inputs["kind"], metadata.get("namespace"), metadata["name"])
                objects["/".join(part for part in parts if part)] = resource.inputs
        return objects

    def names(self, type: str) -> list[str]:  # noqa: A002 - Pulumi's word for it
        """Return the sorted names of the resources of one type."""
        return sorted(resource.name for resource in self.registered if resource.type == type)


class _Monitor(MockMonitor):
    """Resource monitor that names resources as the engine does, and refuses a name twice as it does."""

    def __init__(self, mocks: pulumi.runtime.Mocks) -> None:
        super().__init__(mocks)
        self._requests: dict[str, Any] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Compose the URN with the types of all ancestors but the stack; the mock knows the direct parent only."""
        ancestors = parent.split("::")[2] if parent else ""
        inside = ancestors and not ancestors.startswith("pulumi:pulumi:Stack")
        return super().make_urn("", f"{ancestors}${type_}" if inside else type_, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        """Register a resource.

        Raises:
            ValueError: another resource has this URN.
        """
        urn = self.make_urn(request.parent, request.type, request.name)
        if self._requests.setdefault(urn, request) is not request:  # atomic: each request has a thread of its own
            raise ValueError(f"duplicate resource URN {urn!r}; give each resource of a type its own name")
        return super().RegisterResource(request)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if rpc.is_rpc_secret(value):
            return SECRET
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
