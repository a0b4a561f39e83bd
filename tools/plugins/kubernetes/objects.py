"""Creates, updates, reads and deletes Kubernetes objects for Pulumi."""

import threading
import time
from collections.abc import Callable
from typing import Any

from tools.plugins.engine_log import WARNING, EngineLog
from tools.plugins.kubernetes import manifest as m
from tools.plugins.kubernetes.api import Api
from tools.plugins.kubernetes.configuration import Configuration
from tools.plugins.kubernetes.discovery import Discovery, Kind
from tools.plugins.kubernetes.errors import ApiError, CancelledError, ClusterError, NotReadyError, UnknownKindError
from tools.plugins.kubernetes.naming import field_manager
from tools.plugins.kubernetes.outcomes import Found, Outcome
from tools.plugins.kubernetes.ownership import is_own, leave_ignored, takeover
from tools.plugins.kubernetes.readiness import group_kind, job
from tools.plugins.kubernetes.refusals import TERMINATING, explained, is_only_preview
from tools.plugins.kubernetes.resource import Resource
from tools.plugins.kubernetes.state import (
    FIELD_MANAGER,
    INITIAL_API_VERSION,
    as_inputs_of,
    checkpoint,
    fold_string_data,
    protect,
    split_checkpoint,
    to_kubernetes,
)
from tools.plugins.kubernetes.waiting import Waiter, timeout_seconds
from tools.plugins.wire import contains_unknown, reveal

Properties = dict[str, Any]

# How long a write is repeated while its namespace, or the webhook that must admit it, is not there yet.
_SETTLE_SECONDS = 30.0
_SETTLE_PAUSE_SECONDS = 1.0


class Objects:
    """The objects of one cluster."""

    def __init__(self, api: Api, configuration: Configuration, log: EngineLog, cancelled: threading.Event) -> None:
        self._api = api
        self._configuration = configuration
        self._log = log
        self._cancelled = cancelled
        self.discovery = Discovery(api)
        self.waiter = Waiter(api, self.discovery, log, cancelled)

    # -- create and update -------------------------------------------------------------------------------------------

    def create(self, resource: Resource, inputs: Properties, *, seconds: float, preview: bool) -> Outcome:
        """Create an object, or ask the API server what it would become.

        Raises:
            ClusterError: it exists already, or the API server refused.
        """
        wanted = self._to_apply(inputs)
        self.waiter.rule(wanted)  # a waitFor that cannot be read fails before anything is created
        manager = m.annotation(wanted, m.PATCH_FIELD_MANAGER) or field_manager(resource.urn)
        is_upsert = resource.is_patch(wanted) or self._configuration.upsert_existing
        if preview and (contains_unknown(inputs) or resource.is_patch(wanted)):
            return Outcome("", inputs)
        try:
            kind = self._kind(wanted, wait=not preview)
            wanted = m.with_namespace(wanted, m.namespace_of(wanted) or "default" if kind.namespaced else None)
            live = self._write(
                resource, kind, wanted, manager=manager, preview=preview, is_upsert=is_upsert, ignored=()
            )
        except UnknownKindError:
            if preview:
                return Outcome("", inputs)
            raise
        except ApiError as error:
            if preview and is_only_preview(error):
                return Outcome("", inputs)
            raise explained(error, "creation", wanted) from None
        return self._finish(resource, inputs, wanted, live, manager=manager, seconds=seconds, preview=preview)

    def update(
        self,
        resource: Resource,
        inputs: Properties,
        *,
        old_outputs: Properties,
        ignored: tuple[str, ...],
        seconds: float,
        preview: bool,
    ) -> Outcome:
        """Bring an object to its new inputs.

        Raises:
            ClusterError: the API server refused; nothing was changed.
        """
        if preview and contains_unknown(inputs):
            return Outcome("", inputs)
        wanted = self._to_apply(inputs)
        self.waiter.rule(wanted)
        stored = reveal(old_outputs).get(FIELD_MANAGER)
        old_manager = stored or field_manager(resource.urn)
        manager = m.annotation(wanted, m.PATCH_FIELD_MANAGER) or old_manager
        try:
            kind = self._kind(wanted, wait=not preview)
            wanted = m.with_namespace(wanted, m.namespace_of(wanted) or "default" if kind.namespaced else None)
            live = self._write(
                resource, kind, wanted, manager=manager, preview=preview, is_upsert=True, ignored=ignored
            )
            if manager != old_manager and not preview:
                self._relinquish(kind, wanted, old_manager)
        except UnknownKindError:
            if preview:
                return Outcome("", inputs)
            raise
        except ApiError as error:
            if preview and error.status == 403:
                return Outcome("", inputs)
            raise explained(error, "update", wanted) from None
        return self._finish(resource, inputs, wanted, live, manager=manager, seconds=seconds, preview=preview)

    def _to_apply(self, inputs: Properties) -> Properties:
        """The manifest as it is sent: no secret marks, no nulls, no fields that only the server writes."""
        return m.as_input(fold_string_data(m.without_nulls(to_kubernetes(reveal(inputs)))))

    def _kind(self, wanted: Properties, *, wait: bool) -> Kind:
        find = self.discovery.await_kind if wait else self.discovery.find
        return find(m.text(wanted, "apiVersion"), m.text(wanted, "kind"))

    def _write(
        self,
        resource: Resource,
        kind: Kind,
        wanted: Properties,
        *,
        manager: str,
        preview: bool,
        is_upsert: bool,
        ignored: tuple[str, ...],
    ) -> Properties:
        """Server-side apply, repeated while what it depends on is still starting."""
        path = kind.path(m.namespace_of(wanted), m.name_of(wanted))
        force = m.is_annotated(wanted, m.PATCH_FORCE) or self._configuration.patch_force

        def warn(text: str) -> None:
            if not self._configuration.suppress_warnings:
                self._log.once(text, urn=resource.urn, severity=WARNING)

        def write() -> Properties:
            live = self._get(path)
            body = wanted
            if live is not None:
                if not is_upsert and m.dig(live, "metadata", "deletionTimestamp"):
                    raise ApiError(409, {"reason": TERMINATING}, "the object of this name is still being deleted")
                if not is_upsert and not is_own(live, manager):
                    raise ApiError(409, {"reason": "AlreadyExists"}, "it already exists in the cluster")
                if not resource.is_patch(wanted) and not preview and (patch := takeover(live, manager)):
                    live = self._api.patch_json(path, patch)
                body = leave_ignored(wanted, live, list(ignored), manager)
            return self._api.apply(path, body, manager=manager, force=force, dry_run=preview, warn=warn)

        return write() if preview else self._repeat_while_starting(write, resource.urn)

    def _repeat_while_starting(self, write: Callable[[], Properties], urn: str) -> Properties:
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            try:
                return write()
            except ApiError as error:
                is_starting = error.is_namespace_missing or error.is_webhook_starting or error.reason == TERMINATING
                if not is_starting or time.monotonic() >= deadline:
                    raise
                self._log.status(f"repeating: {error}", urn=urn)
            if self._cancelled.wait(_SETTLE_PAUSE_SECONDS):
                raise CancelledError("cancelled before the object was written")

    def _get(self, path: str) -> Properties | None:
        try:
            return self._api.get(path)
        except ApiError as error:
            if error.is_not_found:
                return None
            raise

    def _finish(
        self,
        resource: Resource,
        inputs: Properties,
        wanted: Properties,
        live: Properties,
        *,
        manager: str,
        seconds: float,
        preview: bool,
    ) -> Outcome:
        problems: list[str] = []
        if preview:
            live = {key: value for key, value in live.items() if key != "status"}
        else:
            if m.is_definition(wanted):
                self._forget_group(wanted)
            try:
                live = self.waiter.until_ready(live, wanted, urn=resource.urn, seconds=timeout_seconds(wanted, seconds))
            except NotReadyError as error:
                live, problems = error.live, [reason for reason in error.reasons if reason]
            except ClusterError as error:
                # The object exists: whatever went wrong while waiting must not lose it.
                problems = [str(error)]
            if m.is_definition(wanted):
                self._forget_group(wanted)
        outputs = checkpoint(live, inputs, api_version=m.text(wanted, "apiVersion"), manager=manager)
        return Outcome("" if preview else m.identity(live), outputs, tuple(problems))

    def _forget_group(self, definition: Properties) -> None:
        group = m.text(definition, "spec", "group")
        for version in m.dig(definition, "spec", "versions") or []:
            self.discovery.forget(f"{group}/{version.get('name')}")

    # -- read and delete ---------------------------------------------------------------------------------------------

    def read(self, resource: Resource, identifier: str, *, inputs: Properties, outputs: Properties) -> Found | None:
        """The object as it is now; None when it, or its kind, does not exist.

        Without inputs (an import or a `get`) everything but status and server-written metadata becomes the inputs.
        """
        namespace, name = m.split_identity(identifier)
        old_inputs, old_live = split_checkpoint(outputs)
        known = to_kubernetes(reveal(inputs)) or old_inputs
        api_version = m.text(known, "apiVersion") or m.text(old_live, "apiVersion") or resource.api_version
        kind_name = m.text(known, "kind") or m.text(old_live, "kind") or resource.kind.removesuffix("Patch")
        try:
            kind = self.discovery.find(api_version, kind_name)
            live = self._get(kind.path(namespace, name))
        except UnknownKindError:
            return None
        if live is None:
            return None
        problems: tuple[str, ...] = ()
        if known:
            current = as_inputs_of(live, known)
            verdict = self.waiter.readiness_now(live, known)
            problems = () if verdict.is_ready else (verdict.message,)
        else:
            current = m.as_input({key: value for key, value in live.items() if key != "status"})
        marked = protect(current, inputs)
        plain = reveal(outputs)
        state = checkpoint(
            live,
            marked,
            api_version=plain.get(INITIAL_API_VERSION) or api_version,
            manager=plain.get(FIELD_MANAGER) or field_manager(resource.urn),
        )
        return Found(identifier, marked, state, problems)

    def is_unready_job(self, known: Properties) -> bool:
        """Say if it is a Job that exists and has not completed, for `pulumi.com/replaceUnready`."""
        if group_kind(known) != ("batch", "Job"):
            return False
        try:
            kind = self.discovery.find(m.text(known, "apiVersion"), "Job")
        except UnknownKindError:
            return False
        live = self._get(kind.path(m.namespace_of(known), m.name_of(known)))
        return live is not None and not job(live).is_ready

    def delete(self, resource: Resource, identifier: str, *, outputs: Properties, seconds: float) -> None:
        """Delete the object and wait until it is gone; for a patch, give its fields back.

        Raises:
            ClusterError: the API server refused, or the object is still there when the time is up.
        """
        inputs, live = split_checkpoint(outputs)
        namespace, name = m.split_identity(identifier)
        api_version = m.text(live, "apiVersion") or resource.api_version
        kind_name = m.text(live, "kind") or resource.kind.removesuffix("Patch")
        try:
            kind = self.discovery.find(api_version, kind_name)
        except UnknownKindError:
            return  # the definition is gone and took its objects with it
        path = kind.path(namespace, name)
        try:
            if resource.is_patch(inputs):
                self._relinquish(kind, {**inputs, "metadata": live["metadata"]}, reveal(outputs).get(FIELD_MANAGER, ""))
                return
            current = self._get(path)
            if current is None:
                return
            self._api.delete(path, propagation=_propagation(inputs), uid=None)
        except ApiError as error:
            if error.is_not_found:
                return
            raise explained(error, "deletion", live) from None
        self.waiter.until_deleted(current, inputs, path, urn=resource.urn, seconds=seconds or 600.0)
        if m.is_definition(live):
            self._forget_group(live)

    def _relinquish(self, kind: Kind, wanted: Properties, manager: str) -> None:
        """Give up all fields of `manager`: an apply that names none."""
        path = kind.path(m.namespace_of(wanted), m.name_of(wanted))
        if self._get(path) is None:
            return
        body = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": m.name_of(wanted)}}
        if kind.namespaced:
            body["metadata"]["namespace"] = m.namespace_of(wanted) or "default"
        self._api.apply(path, body, manager=manager, force=False, dry_run=False)


def _propagation(inputs: Properties) -> str:
    stated = m.annotation(inputs, m.DELETION_PROPAGATION).lower()
    return {"orphan": "Orphan", "background": "Background"}.get(stated, "Foreground")
