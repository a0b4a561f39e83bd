"""What the installed SDK says of a resource's properties: their names, types, and which are required.

Reading it takes seconds (the SDKs are large), so it is done once per SDK version, by `reflection.py` in a process of
its own, and kept in `.local/cache`.
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

#: A type as `reflection` writes it.
Type = str | dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """One resource type of the SDK.

    Attributes:
        inputs: per property its type.
        required: inputs without which the SDK's constructor fails.
        outputs: per property its type; inputs of the same name among them.
        objects: the object types by name, each with `properties` and `required`.
    """

    inputs: dict[str, Type]
    required: tuple[str, ...]
    outputs: dict[str, Type]
    objects: dict[str, dict[str, Any]]

    def object(self, of: Type) -> dict[str, Any] | None:
        """The object type that `of` refers to, or None when it is something else."""
        return self.objects.get(str(of["object"])) if isinstance(of, dict) and "object" in of else None


class Shapes:
    """The types of one SDK.

    Args:
        package: its Python package, such as `pulumi_azure_native`.
        known: tokens that are read together, because each reading loads the SDK.
    """

    def __init__(self, package: str, known: Iterable[str]) -> None:
        self._package = package
        self._known = tuple(known)
        self._lock = threading.Lock()
        self._loaded: dict[str, Shape | None] = {}

    @property
    def version(self) -> str:
        """The version of the SDK.

        Raises:
            ProviderError: it is not installed.
        """
        name = self._package.replace("_", "-")
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise ProviderError(f"the Python package {name} is not installed for {sys.executable}") from None

    def of(self, token: str) -> Shape:
        """The shape of a type token.

        Raises:
            ProviderError: the SDK has no such resource, or cannot be read.
        """
        with self._lock:
            if token not in self._loaded:
                self._load(token)
            shape = self._loaded[token]
        if shape is None:
            raise ProviderError(f"{token} is no resource of {self._package} {self.version}")
        return shape

    def _load(self, token: str) -> None:
        # The reader is part of the key: another notation must not be taken for this one.
        stamp = int(_REFLECTION.stat().st_mtime)
        file = CACHE / f"{self._package}-{self.version}-{stamp}.json"
        stored: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        missing = [one for one in dict.fromkeys((token, *self._known)) if one not in stored]
        if token in missing:
            stored |= self._read(missing)
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(f".{threading.get_native_id()}")
            draft.write_text(json.dumps(stored))
            draft.replace(file)
        for name, found in stored.items():
            self._loaded[name] = found and Shape(
                found["inputs"], tuple(found["required"]), found["outputs"], found["objects"]
            )

    def _read(self, tokens: list[str]) -> dict[str, Any]:
        command = [sys.executable, str(_REFLECTION), self._package, *tokens]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProviderError(f"the types of {self._package} cannot be read: {done.stderr.strip()[-500:]}")
        return json.loads(done.stdout)
