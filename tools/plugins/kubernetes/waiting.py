"""Waits until an object is ready or gone, shows progress, and stops at once when the engine cancels."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from tools.plugins.engine_log import EngineLog
from tools.plugins.kubernetes import readiness
from tools.plugins.kubernetes.api import Api
from tools.plugins.kubernetes.conditions import Rule, WaitForError, parse_wait_for
from tools.plugins.kubernetes.discovery import Discovery
from tools.plugins.kubernetes.errors import ApiError, CancelledError, ClusterError, NotReadyError, UnknownKindError
from tools.plugins.kubernetes.manifest import (
    SKIP_AWAIT,
    TIMEOUT_SECONDS,
    WAIT_FOR,
    annotation,
    dig,
    identity,
    is_annotated,
    name_of,
    namespace_of,
    text,
)
from tools.plugins.kubernetes.readiness import READY, Verdict, group_kind

Manifest = dict[str, Any]

# Seconds between looks: quick at first, since most objects are ready at once, then easy on the API server.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_PAUSE_GROWTH = 1.5

# Pods are looked at only when the wait becomes noticeable, and not at every look.
_PODS_AFTER_SECONDS = 3.0
_PODS_EVERY_SECONDS = 3.0

_WITH_PODS = {("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("batch", "Job")}

# Kinds whose skipAwait also skips the wait for their deletion (provider/pkg/metadata/overrides.go).
_SKIPS_DELETION = _WITH_PODS | {("", "Namespace"), ("", "Pod"), ("", "ReplicationController")}


def timeout_seconds(manifest: Manifest, custom: float) -> float:
    """Return the time-out: the resource option `customTimeouts`, else the annotation, else the kind's default."""
    if custom:
        return custom
    stated = annotation(manifest, TIMEOUT_SECONDS)
    return float(stated) if stated.isdigit() else readiness.default_timeout(manifest)


class Waiter:
    """Waits for objects of one cluster.

    Args:
        cancelled: ends all waits when it is set.
    """

    def __init__(self, api: Api, discovery: Discovery, log: EngineLog, cancelled: threading.Event) -> None:
        self._api = api
        self._discovery = discovery
        self._log = log
        self._cancelled = cancelled

    def rule(self, inputs: Manifest) -> Callable[[Manifest], Verdict]:
        """Return the condition that an object with these inputs waits for.

        Raises:
            ClusterError: its waitFor annotation cannot be read.
        """
        if is_annotated(inputs, SKIP_AWAIT):
            return lambda _: READY
        if stated := annotation(inputs, WAIT_FOR):
            try:
                return _all_of(parse_wait_for(stated))
            except WaitForError as error:
                raise ClusterError(str(error)) from None
        kind = group_kind(inputs)
        if kind == ("", "Service"):
            return self._service
        if kind == ("", "PersistentVolumeClaim"):
            return self._volume_claim
        if (own := readiness.rule_for(inputs)) is not None:
            return own
        return readiness.generic if os.environ.get("PULUMI_K8S_AWAIT_ALL") == "true" else lambda _: READY

    def until_ready(self, live: Manifest, inputs: Manifest, *, urn: str, seconds: float) -> Manifest:
        """Wait until the object is ready and return it as it is then.

        Raises:
            NotReadyError: it failed, was deleted, ran out of time or the engine cancelled; with the last known object.
        """
        rule = self.rule(inputs)
        kind = self._discovery.find(text(live, "apiVersion"), text(live, "kind"))
        path = kind.path(namespace_of(live), name_of(live))
        started, pods_at, trouble = time.monotonic(), _PODS_AFTER_SECONDS, ""
        shown = ""
        try:
            for _ in self._looks(started, seconds):
                verdict = rule(live)
                if verdict.is_ready:
                    return live
                waited = time.monotonic() - started
                if group_kind(live) in _WITH_PODS and waited >= pods_at:
                    pods_at = waited + _PODS_EVERY_SECONDS
                    trouble = self._pod_trouble(live)
                message = ": ".join(part for part in (verdict.message, trouble) if part)
                if verdict.is_failed:
                    raise NotReadyError([message], live)
                if message != shown:  # the display itself counts the seconds
                    self._log.status(message, urn=urn)
                    shown = message
                if self._cancelled.wait(_pause(waited)):
                    raise NotReadyError([f"cancelled while {message}"], live)
                try:
                    live = self._api.get(path)
                except ApiError as error:
                    if not error.is_not_found:
                        raise
                    raise NotReadyError([f"{identity(live)} was deleted while it was waited for"], live) from None
            raise NotReadyError(
                [f"not ready after {seconds:.0f} s: {rule(live).message or 'no reason given'}", trouble], live
            )
        finally:
            if shown:
                self._log.status("", urn=urn)

    def readiness_now(self, live: Manifest, inputs: Manifest) -> Verdict:
        """The verdict at this moment, for a refresh: only kinds that the official provider checks then."""
        checked = _WITH_PODS | {("", "Pod"), ("", "Service"), ("networking.k8s.io", "Ingress")}
        if group_kind(live) not in checked or annotation(inputs, WAIT_FOR):
            return READY
        return self.rule(inputs)(live)

    def until_deleted(self, live: Manifest, inputs: Manifest, path: str, *, urn: str, seconds: float) -> None:
        """Wait until the object is gone.

        Raises:
            ClusterError: it is still there after `seconds`; the text names its finalizers.
            CancelledError: the engine cancelled.
        """
        if is_annotated(inputs, SKIP_AWAIT) and group_kind(live) in _SKIPS_DELETION:
            return
        uid = dig(live, "metadata", "uid")
        started, shown = time.monotonic(), ""
        try:
            for waited in self._looks(started, seconds):
                try:
                    live = self._api.get(path)
                except ApiError as error:
                    if error.is_not_found:
                        return
                    raise
                if dig(live, "metadata", "uid") != uid:
                    return  # someone has already created another of the same name
                message = f"waiting for the deletion: {_what_holds(live)}"
                if waited > 1 and message != shown:
                    self._log.status(message, urn=urn)
                    shown = message
                if self._cancelled.wait(_pause(waited)):
                    raise CancelledError(f"cancelled while {text(live, 'kind')} {identity(live)} was being deleted")
        finally:
            if shown:
                self._log.status("", urn=urn)
        raise ClusterError(
            f"{text(live, 'kind')} {identity(live)} is still there {seconds:.0f} s after its deletion was asked for: "
            f"{_what_holds(live)}"
        )

    def _looks(self, started: float, seconds: float) -> Iterator[float]:
        """The seconds waited so far, as long as there is time left."""
        while (waited := time.monotonic() - started) <= seconds:
            yield waited

    def _service(self, live: Manifest) -> Verdict:
        verdict = readiness.service(live, [])
        if verdict.is_ready:
            return verdict
        kind = self._discovery.find("discovery.k8s.io/v1", "EndpointSlice")
        query = urlencode({"labelSelector": f"kubernetes.io/service-name={name_of(live)}"})
        found = self._api.get(f"{kind.collection(namespace_of(live))}?{query}")
        return readiness.service(live, found.get("items") or [])

    def _volume_claim(self, live: Manifest) -> Verdict:
        verdict = readiness.volume_claim(live, None)
        storage_class = text(live, "spec", "storageClassName")
        if verdict.is_ready or verdict.is_failed or not storage_class:
            return verdict
        try:
            kind = self._discovery.find("storage.k8s.io/v1", "StorageClass")
            return readiness.volume_claim(live, self._api.get(kind.path(None, storage_class)))
        except (ApiError, UnknownKindError):
            # Without the right to read storage classes, or a class that does not exist, only binding counts.
            return verdict

    def _pod_trouble(self, live: Manifest) -> str:
        labels = dig(live, "spec", "selector", "matchLabels") or {}
        if not labels:
            return ""
        query = urlencode({"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())})
        try:
            pods = self._api.get(f"/api/v1/namespaces/{namespace_of(live)}/pods?{query}").get("items") or []
        except ApiError:
            return ""
        for pod in pods:
            if trouble := readiness.pod_trouble(pod):
                return f"pod {name_of(pod)}: {trouble}"
        return ""


def _all_of(rules: list[Rule]) -> Rule:
    def rule(live: Manifest) -> Verdict:
        for one in rules:
            if not (verdict := one(live)).is_ready:
                return verdict
        return READY

    return rule


def _pause(waited: float) -> float:
    """The pause before the next look: about half of the time waited so far, within bounds."""
    return min(max(_FIRST_PAUSE, waited * (_PAUSE_GROWTH - 1)), _LONGEST_PAUSE)


def _what_holds(live: Manifest) -> str:
    """Why a deleted object is still there."""
    finalizers = [*(dig(live, "metadata", "finalizers") or []), *(dig(live, "spec", "finalizers") or [])]
    parts = []
    if finalizers:
        parts.append(f"its finalizers {', '.join(finalizers)} are not done")
    parts += [
        str(entry.get("message"))
        for entry in dig(live, "status", "conditions") or []
        # The namespace controller says here which content remains and whose finalizers it waits for.
        if entry.get("status") == "True" and str(entry.get("type", "")).startswith("Namespace") and entry.get("message")
    ]
    return "; ".join(parts) or "no finalizer is left; the API server is about to remove it"
