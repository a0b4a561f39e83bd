"""Pulumi's gRPC messages without the cost of importing the whole Pulumi SDK.

`import pulumi` takes about half a second on the reference machine, and a plugin is started for every `pulumi preview`.
The plugins need only the generated protocol modules that the SDK ships under `pulumi/runtime/proto`. This module
registers empty `pulumi` and `pulumi.runtime` packages that have only a search path, then imports those modules by it:
about 0.06 s. A process that has already imported the real SDK keeps it.

Source of the messages: the `.proto` files of github.com/pulumi/pulumi, generated into the PyPI package `pulumi`.
"""

import importlib.util
import sys
import types
from pathlib import Path

_PACKAGES = {"pulumi": "", "pulumi.runtime": "runtime", "pulumi.runtime.proto": "runtime/proto"}


def _register_bare_packages() -> None:
    if "pulumi" in sys.modules:
        return
    spec = importlib.util.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the Pulumi SDK is not installed for {sys.executable}: run `make up` in the checkout")
    root = Path(spec.submodule_search_locations[0])
    for name, folder in _PACKAGES.items():
        package = types.ModuleType(name)
        package.__path__ = [str(root / folder)]
        sys.modules[name] = package


_register_bare_packages()

# The order matters: these names exist only once the bare packages are registered.
from pulumi.runtime.proto import (  # noqa: E402
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
