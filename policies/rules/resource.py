"""One registered resource, as the rules see it."""

import re
from dataclasses import dataclass
from typing import Any

from .field import UNKNOWN, Field

Kind = tuple[str, str]
"""API group and kind, such as `("ray.io", "RayJob")`; the group without a name is `core`, as in Pulumi's tokens."""

# kubernetes:<group>/<version>:<Kind>, with the group in full: networking.k8s.io, apps, core (pulumi-kubernetes 4.34)
_TOKEN = re.compile(r"kubernetes:(?P<group>[^/:]+)/(?P<version>[^/:]+):(?P<kind>[A-Za-z0-9]+)")


def kind_of(token: str) -> Kind | None:
    """Group and kind behind a Pulumi type token, or None for anything that is no Kubernetes object.

    The version is left out on purpose: a rule about RayJobs holds for v1 and for what follows it. Patch resources
    (`DeploymentPatch`) keep their own kind, which no rule names, because they hold only a part of an object.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    return match["group"], match["kind"]


@dataclass(frozen=True, slots=True)
class Resource:
    """A registered resource: its Pulumi type token, its properties as plain data, its name and URN in the stack."""

    token: str
    properties: dict[str, Any]
    name: str = ""
    urn: str | None = None

    @property
    def kind(self) -> Kind | None:
        """API group and kind, None outside Kubernetes."""
        return kind_of(self.token)

    @property
    def body(self) -> Field:
        """All properties."""
        return Field("", self.properties)

    @property
    def namespace(self) -> Field:
        """The namespace of the object; a Helm release carries it at the top."""
        if self.kind == ("helm.sh", "Release"):
            return self.body.at("namespace")
        return self.body.at("metadata", "namespace")

    @property
    def labels(self) -> Field:
        """The labels of the object."""
        return self.body.at("metadata", "labels")

    @property
    def annotations(self) -> Field:
        """The annotations of the object."""
        return self.body.at("metadata", "annotations")

    @property
    def object_name(self) -> Field:
        """The name of the object in the cluster; absent when Pulumi will choose it."""
        return self.body.at("metadata", "name")

    @property
    def label(self) -> str:
        """How messages call this resource: `RayJob team-a/train`, or the Pulumi name where the object has none yet."""
        kind = self.kind[1] if self.kind else self.token
        name, namespace = self.object_name.value, self.namespace.value
        shown = name if isinstance(name, str) else f"{self.name or 'without a name'} (Pulumi name)"
        if namespace is UNKNOWN or not isinstance(namespace, str):
            return f"{kind} {shown}"
        return f"{kind} {namespace}/{shown}"
