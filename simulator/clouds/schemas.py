"""Schemas of resources in the installed SDK: names and types of properties, and the required ones.

Reading takes seconds (the SDKs are large), so `reflection.py` does it once per SDK version, in a process of its own,
and the result is kept in `.local/cache`.
"""

import importlib.metadata
import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.plugins.answers import ProviderError
from tools.setup.locations import LOCAL

CACHE = LOCAL / "cache" / "cloud-types"
_REFLECTION = Path(__file__).with_name("reflection.py")

#: Type in the notation of `reflection`.
Type = str | dict[str, Any]


@dataclass(frozen=True)
class ResourceSchema:
    """Schema of one resource type of the SDK.

    Attributes:
        inputs: type of each input.
        required: inputs without which the SDK's constructor fails.
        outputs: type of each output, inputs of the same name included.
        objects: object types by name, each with `properties` and `required`.
    """

    inputs: dict[str, Type]
    required: tuple[str, ...]
    outputs: dict[str, Type]
    objects: dict[str, dict[str, Any]]

    def object(self, type_: Type) -> dict[str, Any] | None:
        """Return the object type of a type, or None for any other type."""
        return self.objects.get(str(type_["object"])) if isinstance(type_, dict) and "object" in type_ else None


class SdkSchemas:
    """Schemas of one SDK.

    Args:
        package: Python package, such as `pulumi_azure_native`.
        tokens: types that are read together, because each reading loads the SDK.
    """

    def __init__(self, package: str, tokens: Iterable[str]) -> None:
        self._package = package
        self._tokens = tuple(tokens)
        self._lock = threading.Lock()
        self._loaded: dict[str, ResourceSchema | None] = {}

    @property
    def version(self) -> str:
        """Version of the SDK.

        Raises:
            ProviderError: the SDK is not installed.
        """
        name = self._package.replace("_", "-")
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise ProviderError(f"the Python package {name} is not installed for {sys.executable}") from None

    def get(self, token: str) -> ResourceSchema:
        """Return the schema of a type token.

        Raises:
            ProviderError: the SDK has no such resource, or cannot be read.
        """
        with self._lock:
            if token not in self._loaded:
                self._load(token)
            schema = self._loaded[token]
        if schema is None:
            raise ProviderError(f"{token}: {self._package} {self.version} has no such resource")
        return schema

    def _load(self, token: str) -> None:
        # The reader is part of the key: its notation may change.
        stamp = int(_REFLECTION.stat().st_mtime)
        file = CACHE / f"{self._package}-{self.version}-{stamp}.json"
        stored: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        missing = [other for other in dict.fromkeys((token, *self._tokens)) if other not in stored]
        if token in missing:
            stored |= self._read(missing)
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(f".{threading.get_native_id()}")
            draft.write_text(json.dumps(stored))
            draft.replace(file)
        for name, description in stored.items():
            self._loaded[name] = description and ResourceSchema(
                description["inputs"], tuple(description["required"]), description["outputs"], description["objects"]
            )

    def _read(self, tokens: list[str]) -> dict[str, Any]:
        command = [sys.executable, str(_REFLECTION), self._package, *tokens]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise ProviderError(f"the types of {self._package} cannot be read: {result.stderr.strip()[-500:]}")
        return json.loads(result.stdout)
