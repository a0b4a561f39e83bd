"""Old names of modules whose classes are in Pulumi states.

A dynamic provider is pickled into the state of each of its resources by module and class name. A stack that an earlier
release brought up therefore asks for the module by its old name, so every module of `MOVED` stays importable by it.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

_ROOT = "modelyard.components"

MOVED = {
    f"{_ROOT}.node_pools.pool_drain": f"{_ROOT}.azure.pool_drain",
    f"{_ROOT}.clusters.ocm.cluster": f"{_ROOT}.rosa.ocm.resources.cluster",
    f"{_ROOT}.clusters.ocm.cluster_access": f"{_ROOT}.rosa.ocm.resources.cluster_access",
    f"{_ROOT}.clusters.ocm.cluster_ready": f"{_ROOT}.rosa.ocm.resources.cluster",
    f"{_ROOT}.clusters.ocm.cluster_settings": f"{_ROOT}.rosa.ocm.resources.cluster_settings",
    f"{_ROOT}.clusters.ocm.group_member": f"{_ROOT}.rosa.ocm.resources.group_member",
    f"{_ROOT}.clusters.ocm.identity_provider": f"{_ROOT}.rosa.ocm.resources.identity_provider",
    f"{_ROOT}.clusters.ocm.node_configs": f"{_ROOT}.rosa.ocm.resources.node_configs",
    f"{_ROOT}.clusters.ocm.node_pool": f"{_ROOT}.rosa.ocm.resources.node_pool",
    f"{_ROOT}.clusters.ocm.node_pool_ready": f"{_ROOT}.rosa.ocm.resources.node_pool",
    f"{_ROOT}.clusters.ocm.oidc_config": f"{_ROOT}.rosa.ocm.resources.oidc_config",
    f"{_ROOT}.clusters.ocm.support_role": f"{_ROOT}.rosa.ocm.resources.support_role",
}
"""Module of 0.1.0 to module of today. Rows are never removed: a state lives as long as its cluster."""

_PACKAGES = {name.rpartition(".")[0] for name in MOVED} - {f"{_ROOT}.node_pools"} | {f"{_ROOT}.clusters"}
"""Packages of 0.1.0 that hold nothing else today."""


class _MovedModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import a module by its old name as the module of today."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname in MOVED or fullname in _PACKAGES:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=fullname in _PACKAGES)
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in MOVED:
            sys.modules[module.__name__] = importlib.import_module(MOVED[module.__name__])


def install() -> None:
    """Make the old names importable. Repeated calls change nothing."""
    if not any(isinstance(finder, _MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(_MovedModules())
