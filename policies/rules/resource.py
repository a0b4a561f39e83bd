"""One registered resource, as the rules see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .field import UNKNOWN, Field

Kind = tuple[str, str]
"""API group and kind, such as `("ray.io", "RayJob")`; the group without a name is `core`, as in Pulumi's tokens. Of a
cloud's resource provider, module and type: `("azure-native:storage", "StorageAccount")`, `("aws:s3", "Bucket")`; of one
of OCM, the API of ROSA, `("rosa", "HcpCluster")`."""

# kubernetes:<group>/<version>:<Kind>, with the group in full: networking.k8s.io, apps, core (pulumi-kubernetes 4.34)
_TOKEN = re.compile(r"kubernetes:(?P<group>[^/:]+)/(?P<version>[^/:]+):(?P<kind>[A-Za-z0-9]+)")

# azure-native:storage:StorageAccount, azure-native:storage/v20240101:StorageAccount; aws:s3/bucket:Bucket;
# pulumi-python:dynamic/rosa:HcpCluster, as dynamic providers in Python are called
_CLOUD = re.compile(r"(?P<group>(azure-native|aws):[a-z0-9]+)(/[A-Za-z0-9]+)?:(?P<kind>[A-Za-z0-9]+)")
_OCM = re.compile(r"pulumi-python:dynamic/(?P<group>rosa):(?P<kind>[A-Za-z0-9]+)")

ANNOTATION = "modelyard.dev/policy-exempt"
"""The annotation that holds the exemptions of a Kubernetes object."""

EXEMPT_TAG = "policy-exempt"
"""On a cloud's resource, which has no annotations, the tag that holds exemptions. Azure allows no `/` in its name."""


def kind_of(token: str) -> Kind | None:
    """Group and kind behind a Pulumi type token, or None for what is neither a Kubernetes object nor of a known cloud.

    The version is left out on purpose: a rule about RayJobs holds for v1 and for what follows it. Patch resources
    (`DeploymentPatch`) keep their own kind, which no rule names, because they hold only a part of an object.
    """
    match = _TOKEN.fullmatch(token) or _CLOUD.fullmatch(token) or _OCM.fullmatch(token)
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
    protect: bool = False
    """True if Pulumi refuses to delete it."""
    refers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs of the resources that each property is made from; known of a whole stack only, and at preview already."""

    @property
    def kind(self) -> Kind | None:
        """API group and kind, None for what no rule can be about."""
        return kind_of(self.token)

    @property
    def in_cloud(self) -> bool:
        """True for a resource of a cloud, False for a Kubernetes object."""
        return self.kind is not None and not self.token.startswith("kubernetes:")

    @property
    def tags(self) -> Field:
        """The tags of a cloud's resource; OCM keeps those of what it makes in AWS."""
        inner = {("rosa", "HcpCluster"): "aws", ("rosa", "HcpNodePool"): "aws_node_pool"}.get(self.kind or ("", ""))
        return self.body.at(*filter(None, [inner]), "tags")

    @property
    def body(self) -> Field:
        """All properties."""
        return Field("", self.properties)

    @property
    def namespace(self) -> Field:
        """The namespace of the object; a Helm release carries it at the top."""
        if self.kind == ("helm.sh", "Release"):
            return self.body.at("namespace")
        return self._metadata.at("namespace")

    @property
    def _metadata(self) -> Field:
        """Of a Kubernetes object; a blob container has something else of that name, which no rule is about."""
        return Field("metadata") if self.in_cloud else self.body.at("metadata")

    @property
    def labels(self) -> Field:
        """The labels of the object."""
        return self._metadata.at("labels")

    @property
    def annotations(self) -> Field:
        """The annotations of the object."""
        return self._metadata.at("annotations")

    def refers_to(self, other: "Resource", key: str) -> bool:
        """Say if the property `key` is computed from `other`; known of a whole stack only."""
        return other.urn is not None and other.urn in self.refers.get(key, ())

    @property
    def exemption(self) -> Field:
        """The text of its exemptions: an annotation, or a tag."""
        return self.tags.at(EXEMPT_TAG) if self.in_cloud else self.annotations.at(ANNOTATION)

    @property
    def object_name(self) -> Field:
        """The name of the object in the cluster; absent when Pulumi will choose it."""
        return self._metadata.at("name")

    @property
    def label(self) -> str:
        """Name in messages: `RayJob team-a/train`, or the Pulumi name if the object has none yet."""
        kind = self.kind[1] if self.kind else self.token
        if self.in_cloud:
            return f"{kind} {self.name or 'without a name'}"
        name, namespace = self.object_name.value, self.namespace.value
        shown = name if isinstance(name, str) else f"{self.name or 'without a name'} (Pulumi name)"
        if namespace is UNKNOWN or not isinstance(namespace, str):
            return f"{kind} {shown}"
        return f"{kind} {namespace}/{shown}"
