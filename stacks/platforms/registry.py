"""Registry of the kinds of cluster: each kind's module is loaded when an environment of that kind is read."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from modelyard.stacks.environment.cluster import Kind
from modelyard.stacks.platforms.platform import Platform

_MODULES: Mapping[Kind, str] = MappingProxyType(
    {Kind.LOCAL: "local", Kind.EXISTING: "existing", Kind.OPENSHIFT: "openshift", Kind.AKS: "aks", Kind.ROSA: "rosa"}
)
"""Module of each kind in this package; its `PLATFORM` has the verbs."""


def platform_of(kind: Kind) -> Platform[Any, Any]:
    """Return the verbs of a kind of cluster."""
    return importlib.import_module(f"{__package__}.{_MODULES[kind]}").PLATFORM


def kinds_with(attribute: str, key: str = "") -> str:
    """Return the kinds whose `attribute` is true, or holds `key`, for messages: `'aks' and 'rosa'`."""
    values = {kind: getattr(platform_of(kind), attribute) for kind in _MODULES}
    kinds = [repr(kind.value) for kind, value in values.items() if (key in value if key else value)]
    return " and ".join(filter(None, [", ".join(kinds[:-1]), kinds[-1]]))
