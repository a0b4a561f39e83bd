"""Helm releases, `kubernetes:helm.sh/v3:Release`, through the `helm` executable.

A release is compared by its inputs alone: version, values, options, and the checksum of a local chart. Without a change
helm does not run at all.
"""

import json
import threading
from collections.abc import Callable
from typing import Any

from tools.plugins.engine_log import WARNING, EngineLog
from tools.plugins.kubernetes import kubeconfig as kubeconfigs
from tools.plugins.kubernetes.chart import checksum, local_chart
from tools.plugins.kubernetes.configuration import Configuration
from tools.plugins.kubernetes.errors import CancelledError, ClusterError
from tools.plugins.kubernetes.helm_command import Helm, HelmError
from tools.plugins.kubernetes.helm_values import resource_names, secret_texts, values_of
from tools.plugins.kubernetes.manifest import split_identity, text, without_nulls
from tools.plugins.kubernetes.naming import suffix
from tools.plugins.kubernetes.outcomes import Found, Outcome
from tools.plugins.kubernetes.state import INPUTS
from tools.plugins.wire import UNKNOWN, Secret, contains_unknown, mark_like, reveal

Properties = dict[str, Any]

_CHECKSUM = "checksum"

# helm's own default (pkg/cmd: --timeout 5m0s), in seconds.
_TIMEOUT_SECONDS = 300

# Options of install and upgrade alike: input name, flag.
_SHARED_FLAGS = {
    "atomic": "--atomic",
    "createNamespace": "--create-namespace",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "forceUpdate": "--force",
    "renderSubchartNotes": "--render-subchart-notes",
    "skipCrds": "--skip-crds",
    "takeOwnership": "--take-ownership",
    "verify": "--verify",
    "waitForJobs": "--wait-for-jobs",
}
_INSTALL_FLAGS = {"replace": "--replace"}
_UPGRADE_FLAGS = {
    "cleanupOnFail": "--cleanup-on-fail",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
}

_GONE = "not found"


class Releases:
    """The releases of one cluster.

    Args:
        namespace: where releases go that name none.
    """

    def __init__(
        self, configuration: Configuration, namespace: str, log: EngineLog, cancelled: threading.Event
    ) -> None:
        self._configuration = configuration
        self._namespace = namespace
        self._log = log
        self._helm = Helm(
            lambda: kubeconfigs.standalone(
                configuration.kubeconfig, context=configuration.context, cluster=configuration.cluster
            ),
            configuration.helm_settings,
            cancelled,
        )

    def check(self, news: Properties, olds: Properties, *, urn_name: str, seed: bytes) -> Properties:
        """The inputs with a name, a namespace and, for a local chart, its checksum.

        Raises:
            ClusterError: the chart is not there.
        """
        inputs = without_nulls(news)
        # Old states may carry what the official provider once put there.
        inputs = {key: value for key, value in inputs.items() if key not in (_CHECKSUM, "resourceNames", "status")}
        if not inputs.get("name"):
            inputs["name"] = text(olds, "name") or f"{urn_name}-{suffix(seed)}"
        if not inputs.get("namespace"):
            inputs["namespace"] = self._namespace
        if inputs.get("chart") is not UNKNOWN and (path := local_chart(inputs)) is not None:
            inputs[_CHECKSUM] = checksum(path)
        return inputs

    def create(self, inputs: Properties, *, urn: str, seconds: float, preview: bool) -> Outcome:
        """Install a release and wait for it, unless `skipAwait`.

        Raises:
            ClusterError: helm refused and left nothing behind.
        """
        if preview:
            return self._preview(inputs)
        plain = reveal(inputs)
        name, namespace = text(plain, "name"), text(plain, "namespace")
        found = self._status(name, namespace)
        state = text(found, "info", "status")
        if state == "deployed" and not self._configuration.upsert_existing:
            raise ClusterError(
                f"a Helm release {namespace}/{name} exists already: adopt it with `pulumi import`, or set "
                "`upsertExistingObjects` of the Kubernetes provider to take it over"
            )
        if found and state != "deployed":
            self._log.message(f"removing what is left of the release {namespace}/{name} ({state})", urn=urn)
            self._helm.run(["uninstall", name, "--namespace", namespace, "--wait"])
        verb = ["upgrade", "--install"] if state == "deployed" else ["install"]
        return self._write(verb, inputs, urn=urn, seconds=seconds)

    def update(self, inputs: Properties, *, urn: str, seconds: float, preview: bool) -> Outcome:
        """Upgrade a release and wait for it; one that an interrupted run left unfinished is put right first."""
        if preview:
            return self._preview(inputs)
        plain = reveal(inputs)
        name, namespace = text(plain, "name"), text(plain, "namespace")
        state = text(self._status(name, namespace), "info", "status")
        if state.startswith("pending-"):
            # Helm refuses to touch it; Pulumi's lock on the stack says that nobody is at work on it.
            text_ = f"the release {namespace}/{name} was left {state} by an interrupted run; it is recovered"
            self._log.message(text_, urn=urn, severity=WARNING)
            if state == "pending-install":
                self._helm.run(["uninstall", name, "--namespace", namespace, "--wait"])
            else:
                self._helm.run(["rollback", name, "--namespace", namespace])
        return self._write(["upgrade", "--install"], inputs, urn=urn, seconds=seconds)

    def read(self, identifier: str, *, inputs: Properties, outputs: Properties) -> Found | None:
        """The release as the cluster knows it; None when it is gone."""
        namespace, name = split_identity(identifier)
        namespace = namespace or self._namespace
        found = self._status(name, namespace)
        if not found:
            return None
        old = inputs or outputs.get(INPUTS) or {}
        plain = reveal(old)
        current = {**old} if old else {"name": name, "namespace": namespace, "chart": self._chart_name(name, namespace)}
        live_values = found.get("config") or {}
        if live_values != values_of(plain):
            # Values from files cannot be told apart in the cluster; then all of them are the release's values.
            current.pop("valueYamlFiles", None)
            current["values"] = mark_like(live_values, old.get("values"))
        state = text(found, "info", "status")
        problems = () if state == "deployed" else (f"the release is {state}: {text(found, 'info', 'description')}",)
        return Found(identifier, current, self._outputs(current, found), problems)

    def delete(self, identifier: str, *, outputs: Properties, urn: str, seconds: float) -> None:
        """Uninstall a release and wait until its objects are gone, unless `skipAwait`."""
        namespace, name = split_identity(identifier)
        plain = reveal(outputs)
        arguments = ["uninstall", name, "--namespace", namespace or self._namespace]
        if not plain.get("skipAwait"):
            arguments += ["--wait", "--cascade", "foreground"]
        arguments += ["--timeout", f"{_timeout(plain, seconds)}s"]
        if plain.get("disableWebhooks"):
            arguments.append("--no-hooks")
        try:
            self._helm.run(arguments, progress=self._progress("uninstalling", urn))
        except HelmError as error:
            if _GONE not in str(error):
                raise ClusterError(f"the Helm release {identifier} was not uninstalled: {error}") from None
        finally:
            self._log.status("", urn=urn)

    # -- helm --------------------------------------------------------------------------------------------------------

    def _write(self, verb: list[str], inputs: Properties, *, urn: str, seconds: float) -> Outcome:
        plain = reveal(inputs)
        name, namespace = text(plain, "name"), text(plain, "namespace")
        arguments, repository = self._arguments(verb, plain, seconds)
        doing = "installing" if verb == ["install"] else "upgrading"
        problems: tuple[str, ...] = ()
        try:
            self._helm.run(
                arguments,
                stdin=json.dumps(values_of(plain)),
                secrets=tuple(secret_texts(inputs)),
                progress=self._progress(doing, urn),
                repository=repository,
            )
        except (HelmError, CancelledError) as error:
            problems = (str(error),)
        finally:
            self._log.status("", urn=urn)
        found = self._status_after(name, namespace)
        if problems and not found:
            raise ClusterError(f"{doing} the Helm release {namespace}/{name} failed: {problems[0]}")
        return Outcome(f"{namespace}/{name}", self._outputs(inputs, found), problems)

    def _arguments(self, verb: list[str], plain: Properties, seconds: float) -> tuple[list[str], dict[str, str] | None]:
        """The command line, and the repository when its login must not be on it."""
        options = plain.get("repositoryOpts") or {}
        chart, repository = text(plain, "chart"), None
        arguments = [*verb, text(plain, "name")]
        if options.get("username") or options.get("password"):
            repository = {"url": text(options, "repo")} | {
                key: str(options[key]) for key in ("username", "password") if options.get(key)
            }
            arguments.append(f"private/{chart}")
        else:
            path = local_chart(plain)
            arguments.append(str(path) if path is not None else chart)
            if options.get("repo"):
                arguments += ["--repo", text(options, "repo")]
        for key, flag in {"caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}.items():
            if options.get(key):
                arguments += [flag, str(options[key])]
        arguments += ["--namespace", text(plain, "namespace"), "--values", "-"]
        arguments += ["--timeout", f"{_timeout(plain, seconds)}s"]
        if not plain.get("skipAwait"):
            arguments.append("--wait")
        own = _INSTALL_FLAGS if verb == ["install"] else _UPGRADE_FLAGS
        arguments += [flag for key, flag in {**_SHARED_FLAGS, **own}.items() if plain.get(key) is True]
        for key, flag in {"version": "--version", "description": "--description", "keyring": "--keyring"}.items():
            if plain.get(key):
                arguments += [flag, str(plain[key])]
        if plain.get("postrender"):
            arguments += ["--post-renderer", str(plain["postrender"])]
        if plain.get("maxHistory") and verb != ["install"]:
            arguments += ["--history-max", str(plain["maxHistory"])]
        return arguments, repository

    def _preview(self, inputs: Properties) -> Outcome:
        """Render a local chart, so that an error in it or its values shows before anything changes."""
        plain = reveal(inputs)
        if not contains_unknown(inputs) and local_chart(plain) is not None:
            arguments, _ = self._arguments(["template"], plain, 0)
            drop = {"--wait", "--create-namespace", "--atomic", "--force", "--cleanup-on-fail", "--reset-values"}
            drop |= {"--reuse-values", "--take-ownership", "--wait-for-jobs", "--replace"}
            try:
                self._helm.run(
                    [argument for argument in arguments if argument not in drop],
                    stdin=json.dumps(values_of(plain)),
                    secrets=tuple(secret_texts(inputs)),
                )
            except HelmError as error:
                raise ClusterError(f"the chart of {text(plain, 'name')} does not render: {error}") from None
        return Outcome("", {**inputs, "status": UNKNOWN, "resourceNames": UNKNOWN})

    def _status(self, name: str, namespace: str) -> Properties:
        """Read helm's record of a release; empty when there is none."""
        try:
            return json.loads(self._helm.run(["status", name, "--namespace", namespace, "--output", "json"]))
        except HelmError as error:
            if _GONE in str(error):
                return {}
            raise

    def _status_after(self, name: str, namespace: str) -> Properties:
        """The status after a write, even one that was cancelled: the state must know what exists."""
        try:
            return json.loads(self._uninterrupted(["status", name, "--namespace", namespace, "--output", "json"]))
        except HelmError:
            return {}

    def _chart_name(self, name: str, namespace: str) -> str:
        return text(self._listed(name, namespace), "chart").rpartition("-")[0]

    def _listed(self, name: str, namespace: str) -> Properties:
        which = ["--namespace", namespace, "--filter", f"^{name}$", "--all"]
        output = self._uninterrupted(["list", *which, "--output", "json"])
        return next(iter(json.loads(output or "[]")), {})

    def _uninterrupted(self, arguments: list[str]) -> str:
        """Run a short command that only reads, even after a cancellation."""
        return Helm(self._helm.kubeconfig, self._configuration.helm_settings, threading.Event()).run(arguments)

    def _outputs(self, inputs: Properties, found: Properties) -> Properties:
        name, namespace = text(found, "name"), text(found, "namespace")
        listed = self._listed(name, namespace) if found else {}
        chart, _, version = text(listed, "chart").rpartition("-")
        return {
            **inputs,
            "status": {
                "appVersion": text(listed, "app_version"),
                "chart": chart,
                "name": name,
                "namespace": namespace,
                "revision": found.get("version", 0),
                "status": text(found, "info", "status"),
                "version": version,
            },
            "resourceNames": resource_names(text(found, "manifest")),
            # All of it, as the official provider keeps it: values often hold passwords that nobody marked.
            INPUTS: Secret(reveal(inputs)),
        }

    def _progress(self, doing: str, urn: str) -> Callable[[float], None]:
        return lambda waited: self._log.status(f"helm is {doing}", urn=urn) if waited < 2 else None


def _timeout(plain: Properties, seconds: float) -> int:
    """Seconds: the resource option `customTimeouts`, then the release's own, then helm's default."""
    stated = plain.get("timeout")
    return int(seconds or (stated if isinstance(stated, int | float) and stated else _TIMEOUT_SECONDS))
