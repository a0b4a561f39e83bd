"""Which kinds a cluster knows, and the path of each object."""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tools.plugins.kubernetes.api import Api
from tools.plugins.kubernetes.errors import ApiError, CancelledError, UnknownKindError

# A definition that was created a moment ago is served within about a second; operators that install theirs take longer.
_APPEAR_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class Kind:
    """A kind that the API server serves."""

    api_version: str
    name: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str | None) -> str:
        """The path of all its objects (in `namespace`, when the kind has namespaces)."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        if self.namespaced:
            root += f"/namespaces/{quote(namespace or 'default', safe='')}"
        return f"{root}/{self.plural}"

    def path(self, namespace: str | None, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"


class Discovery:
    """Kinds that the API server serves, read once per API group version and again when a kind is missing."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[tuple[str, str], Kind] = {}
        self._asked: set[str] = set()
        self._planned: dict[tuple[str, str], bool] = {}
        self._lock = threading.Lock()

    def find(self, api_version: str, kind: str) -> Kind:
        """The kind, if it is served now.

        Raises:
            UnknownKindError: it is not.
        """
        with self._lock:
            known = self._known.get((api_version, kind))
            asked = api_version in self._asked
        if known is None and not asked:
            self._ask(api_version)
            known = self._known.get((api_version, kind))
        if known is None:
            raise UnknownKindError(api_version, kind)
        return known

    def await_kind(self, api_version: str, kind: str) -> Kind:
        """The kind; when it is not served yet, wait for its definition to appear.

        Raises:
            UnknownKindError: it did not appear within 30 s.
            CancelledError: the engine cancelled meanwhile.
        """
        deadline = time.monotonic() + _APPEAR_SECONDS
        while True:
            try:
                return self.find(api_version, kind)
            except UnknownKindError:
                if time.monotonic() >= deadline:
                    raise
            if self._api.cancelled.wait(_LOOK_AGAIN_SECONDS):
                raise CancelledError(f"cancelled while waiting for the definition of {kind}")
            self.forget(api_version)

    def forget(self, api_version: str) -> None:
        """Ask again for this group version next time: a definition of it was created, changed or deleted."""
        with self._lock:
            self._asked.discard(api_version)

    def plan(self, definition: dict[str, Any]) -> None:
        """Remember the scope of a CustomResourceDefinition that the program is about to create."""
        spec = definition.get("spec")
        if not isinstance(spec, dict) or not isinstance(spec.get("names"), dict):
            return
        with self._lock:
            self._planned[(str(spec.get("group")), str(spec["names"].get("kind")))] = spec.get("scope") == "Namespaced"

    def is_namespaced(self, api_version: str, kind: str) -> bool:
        """Say if objects of the kind live in namespaces; a kind that nobody knows yet is taken to do so."""
        try:
            return self.find(api_version, kind).namespaced
        except UnknownKindError:
            with self._lock:
                return self._planned.get((api_version.rpartition("/")[0], kind), True)

    def _ask(self, api_version: str) -> None:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            resources = self._api.get(root).get("resources") or []
        except ApiError as error:
            if not error.is_not_found:
                raise
            resources = []
        with self._lock:
            self._asked.add(api_version)
            for resource in resources:
                # Names with a slash are subresources such as deployments/status.
                if "/" not in resource["name"]:
                    self._known[(api_version, resource["kind"])] = Kind(
                        api_version, resource["kind"], resource["name"], resource["namespaced"]
                    )
