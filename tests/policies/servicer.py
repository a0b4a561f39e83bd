"""The policy pack as the engine drives it: real decoding, real proxies, without the engine.

This is the only place that touches pulumi-policy's private servicer (1.21); policies/pyproject.toml pins that version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from modelyard.policies.pack import policies
from modelyard.policies.rules import POLICIES
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

UNKNOWN = UNKNOWN_STRING_VALUE
"""Text that the engine sends for a value that is not known yet."""

_LEVELS = {proto.ADVISORY: "advisory", proto.MANDATORY: "mandatory"}


@dataclass(frozen=True)
class Diagnostic:
    """One line that the engine would show."""

    level: str
    policy: str
    message: str
    urn: str


class Pack:
    """The pack with one configuration, the content of `--policy-pack-config` for each of its policies."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._servicer = _PolicyAnalyzerServicer("modelyard", "0.1.0", list(policies()), EnforcementLevel.ADVISORY)
        if config is not None:
            self._configure(config)

    def resource(
        self, token: str, properties: Mapping[str, Any], name: str = "thing", *, protect: bool = False
    ) -> list[Diagnostic]:
        request = proto.AnalyzeRequest(
            type=token,
            properties=_struct(properties),
            urn=_urn(token, name),
            name=name,
            options=proto.AnalyzerResourceOptions(protect=protect),
        )
        return _told(self._servicer.Analyze(request, None))

    def stack(
        self, resources: Iterable[tuple[str, Mapping[str, Any]]], refers: Mapping[tuple[int, str], int] | None = None
    ) -> list[Diagnostic]:
        """`refers`: which resource, by its place, a property of another is made from: `{(1, "bucket"): 0}`."""
        resources = list(resources)
        urns = [_urn(token, f"r{index}") for index, (token, _) in enumerate(resources)]
        made_from: dict[int, dict[str, Any]] = {}
        for (index, key), target in (refers or {}).items():
            made_from.setdefault(index, {})[key] = proto.AnalyzerPropertyDependencies(urns=[urns[target]])
        entries = [
            proto.AnalyzerResource(
                type=token,
                properties=_struct(properties),
                urn=urns[index],
                name=f"r{index}",
                propertyDependencies=made_from.get(index, {}),
            )
            for index, (token, properties) in enumerate(resources)
        ]
        return _told(self._servicer.AnalyzeStack(proto.AnalyzeStackRequest(resources=entries), None))

    def info(self) -> Any:
        return self._servicer.GetAnalyzerInfo(None, None)

    def _configure(self, config: Mapping[str, Any]) -> None:
        request = proto.ConfigureAnalyzerRequest()
        for policy in self.info().policies:
            assert policy.name in POLICIES
            request.policyConfig[policy.name].enforcementLevel = policy.enforcementLevel
            request.policyConfig[policy.name].properties.update(dict(config))
        self._servicer.Configure(request, None)


def _told(response: Any) -> list[Diagnostic]:
    return [
        Diagnostic(_LEVELS[each.enforcementLevel], each.policyName, each.message, each.urn)
        for each in response.diagnostics
    ]


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(properties))
    return struct


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::modelyard::{token}::{name}"
