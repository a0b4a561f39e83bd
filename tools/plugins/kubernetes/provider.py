"""The provider's gRPC service: decodes requests, calls the part that does the work, encodes answers and errors."""

import importlib
import importlib.metadata
import sys
import threading
from typing import Any

import grpc
from google.protobuf import empty_pb2

from tools.plugins.answers import ErrorReport, diff_response, fail_partially
from tools.plugins.diff import Path, compare, drop_ignored
from tools.plugins.engine_log import WARNING, EngineLog
from tools.plugins.kubernetes import configuration
from tools.plugins.kubernetes import manifest as m
from tools.plugins.kubernetes.errors import ClusterError, UnreachableError
from tools.plugins.kubernetes.immutable import immutable_fields
from tools.plugins.kubernetes.naming import NamingError, assign_name
from tools.plugins.kubernetes.resource import Resource
from tools.plugins.kubernetes.state import INPUTS, protect, split_checkpoint, to_kubernetes
from tools.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc
from tools.plugins.serving import serve
from tools.plugins.wire import UNKNOWN, decode_struct, encode_struct, mark_like, reveal

NOTICE = "Kubernetes resources are handled by modelyard's offline stand-in of pulumi-resource-kubernetes."
_OFFICIAL_ONLY = "the offline stand-in of the Kubernetes provider does not support it; use the official provider"

# The type of helm.sh/v3 releases, which are not Kubernetes objects.
_RELEASE = "kubernetes:helm.sh/v3:Release"


class KubernetesProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's `ResourceProvider` for Kubernetes objects and Helm releases.

    Args:
        engine_address: `host:port` of the engine, empty when it comes with the handshake.
    """

    def __init__(self, engine_address: str) -> None:
        self._log = EngineLog(engine_address)
        self.cancelled = threading.Event()
        self._configuration = configuration.Configuration()
        self._objects: Any = None
        self._releases: Any = None
        self._namespace = "default"
        self._trouble: ClusterError | None = ClusterError("the Kubernetes provider was not configured")

    # -- about the provider ------------------------------------------------------------------------------------------

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Secrets are understood; outputs and resource references are not needed in manifests."""
        if request.engine_address:
            self._log = EngineLog(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the SDK that the behaviour follows; the build part marks it as the stand-in."""
        return plugin_pb2.PluginInfo(version=f"{_sdk_version()}+modelyard.offline")

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """A schema without types: programs bring their own SDK."""
        schema = f'{{"name": "kubernetes", "version": "{_sdk_version()}", "config": {{}}, "provider": {{}}}}'
        return provider_pb2.GetSchemaResponse(schema=schema)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Ctrl-C: end all waits; what exists is reported, so that the state stays true."""
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """End all waits and running commands."""
        self.cancelled.set()

    # -- configuration -----------------------------------------------------------------------------------------------

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse options that the stand-in does not have."""
        failures = [
            provider_pb2.CheckFailure(property=name, reason=reason)
            for name, reason in configuration.problems(decode_struct(request.news))
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """A provider of another cluster replaces all objects; any other change replaces none."""
        old = decode_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
        changed, replaces = configuration.changes(old, decode_struct(request.news))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
        )

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Connect to the cluster. One that cannot be reached is remembered: only operations that need it fail."""
        self._log.once(NOTICE)
        self._configuration = configuration.read(decode_struct(request.args))
        try:
            self._connect()
        except ClusterError as error:
            self._trouble = error
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def _connect(self) -> None:
        # Imported here: httpx takes longer to load than the engine should wait for the port.
        from tools.plugins.kubernetes import kubeconfig  # noqa: PLC0415
        from tools.plugins.kubernetes.api import Api  # noqa: PLC0415
        from tools.plugins.kubernetes.helm_release import Releases  # noqa: PLC0415
        from tools.plugins.kubernetes.objects import Objects  # noqa: PLC0415

        given = self._configuration
        connection = kubeconfig.load(given.kubeconfig, context=given.context, cluster=given.cluster)
        self._namespace = given.namespace or connection.namespace
        api = Api(connection, self.cancelled)
        self._objects = Objects(api, given, self._log, self.cancelled)
        self._releases = Releases(given, self._namespace, self._log, self.cancelled)
        api.get("/version")
        self._trouble = None

    def _require_cluster(self) -> None:
        if self._trouble is not None:
            raise self._trouble

    # -- resources ---------------------------------------------------------------------------------------------------

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Complete the inputs: apiVersion and kind, a name, a namespace; what must be secret is marked."""
        with ErrorReport(context):
            if self._trouble is not None and self._configuration.skip_unreachable:
                self._log.once(f"{self._trouble}; its resources are left as they are", severity=WARNING)
                return provider_pb2.CheckResponse(inputs=request.olds)
            self._require_cluster()
            news, olds = decode_struct(request.news), decode_struct(request.olds)
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                release = self._releases.check(news, olds, urn_name=_urn_name(request), seed=request.randomSeed)
                return provider_pb2.CheckResponse(inputs=encode_struct(release))
            try:
                checked = self._complete(request, token, news, olds)
            except NamingError as error:
                failure = provider_pb2.CheckFailure(property="metadata.name", reason=str(error))
                return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
            return provider_pb2.CheckResponse(inputs=encode_struct(checked))

    def _complete(
        self, request: provider_pb2.CheckRequest, token: str, news: dict[str, Any], olds: dict[str, Any]
    ) -> dict[str, Any]:
        resource = Resource(request.urn, token)
        plain = m.as_input(m.without_nulls(to_kubernetes(reveal(news))))
        plain = {"apiVersion": resource.api_version, "kind": resource.kind.removesuffix("Patch"), **plain}
        if m.text(plain, "kind").endswith("List") and "items" in plain:
            raise ClusterError(f"{m.text(plain, 'kind')} is a list: register its items as resources of their own")
        if resource.is_patch(plain) and not m.name_of(plain) and m.dig(plain, "metadata", "name") is not UNKNOWN:
            raise NamingError("a patch needs metadata.name, the name of the object that it changes")
        options = request.autonaming if request.HasField("autonaming") else None
        named = assign_name(
            plain,
            old=to_kubernetes(reveal(olds)),
            urn_name=_urn_name(request),
            seed=request.randomSeed,
            proposed=options.proposed_name if options is not None else None,
            is_allowed=options is None or options.mode != provider_pb2.CheckRequest.AutonamingOptions.DISABLE,
        )
        if m.is_definition(named):
            self._objects.discovery.plan(named)
        has_place = m.dig(named, "metadata", "namespace") or not isinstance(named.get("metadata"), dict)
        if not has_place and self._is_namespaced(named):
            named = m.with_namespace(named, self._namespace)
        return protect(mark_like(named, to_kubernetes(news)), news)

    def _is_namespaced(self, manifest: dict[str, Any]) -> bool:
        return self._objects.discovery.is_namespaced(m.text(manifest, "apiVersion"), m.text(manifest, "kind"))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare old and new inputs."""
        with ErrorReport(context):
            news, olds = decode_struct(request.news), decode_struct(request.olds)
            old_inputs = decode_struct(request.old_inputs) if request.HasField("old_inputs") else olds.get(INPUTS, {})
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                return _diff_release(request, news, old_inputs)
            self._require_cluster()
            return self._diff(request, token, news, old_inputs, olds)

    def _diff(
        self,
        request: provider_pb2.DiffRequest,
        token: str,
        news: dict[str, Any],
        old_inputs: dict[str, Any],
        olds: dict[str, Any],
    ) -> provider_pb2.DiffResponse:
        old, new = (m.as_input(m.without_nulls(to_kubernetes(reveal(inputs)))) for inputs in (old_inputs, news))
        _, live = split_checkpoint(olds)
        namespaced = self._is_namespaced(new)
        if m.name_of(new) and m.name_of(live):
            # The live name counts: a program may start to state a name that was generated.
            old = {**old, "metadata": {**old.get("metadata", {}), "name": m.name_of(live)}}
        if m.dig(new, "metadata", "namespace") is not UNKNOWN:
            old, new = (
                m.with_namespace(inputs, (m.namespace_of(inputs) or self._namespace) if namespaced else None)
                for inputs in (old, new)
            )
        if Resource(request.urn, token).is_patch(new):
            fields: list[Path] = [("metadata", "name"), ("metadata", "namespace")]
        else:
            given = self._configuration
            fields = immutable_fields(
                new, mutable_config_maps=given.mutable_config_maps, mutable_secrets=given.mutable_secrets
            )
        found = drop_ignored(compare(old, new, fields), list(request.ignoreChanges))
        response = diff_response(found)
        if m.is_annotated(new, m.REPLACE_UNREADY) and self._objects.is_unready_job(live):
            response.changes = provider_pb2.DiffResponse.DIFF_SOME
            response.replaces.append(f'metadata.annotations["{m.REPLACE_UNREADY}"]')
        is_fixed = m.name_of(new) == m.name_of(live) and not m.is_annotated(new, m.AUTONAMED)
        is_same_place = m.namespace_of(new) == m.namespace_of(old)
        response.deleteBeforeReplace = bool(response.replaces) and is_fixed and is_same_place
        return response

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create an object and wait until it is ready."""
        with ErrorReport(context):
            self._require_cluster()
            inputs = decode_struct(request.properties)
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                outcome = self._releases.create(
                    inputs, urn=request.urn, seconds=request.timeout, preview=request.preview
                )
            else:
                outcome = self._objects.create(
                    Resource(request.urn, token), inputs, seconds=request.timeout, preview=request.preview
                )
            if outcome.problems:
                fail_partially(context, outcome.identifier, outcome.outputs, outcome.problems)
            return provider_pb2.CreateResponse(id=outcome.identifier, properties=encode_struct(outcome.outputs))
        raise AssertionError

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change an object and wait until it is ready again."""
        with ErrorReport(context):
            self._require_cluster()
            inputs, olds = decode_struct(request.news), decode_struct(request.olds)
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                outcome = self._releases.update(
                    inputs, urn=request.urn, seconds=request.timeout, preview=request.preview
                )
            else:
                outcome = self._objects.update(
                    Resource(request.urn, token),
                    inputs,
                    old_outputs=olds,
                    ignored=tuple(request.ignoreChanges),
                    seconds=request.timeout,
                    preview=request.preview,
                )
            if outcome.problems:
                fail_partially(context, request.id, outcome.outputs, outcome.problems)
            return provider_pb2.UpdateResponse(properties=encode_struct(outcome.outputs))
        raise AssertionError

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """The object as it is now, for refresh, import and `get`; an empty answer when it is gone."""
        with ErrorReport(context):
            if self._trouble is not None and self._configuration.delete_unreachable:
                self._log.once(f"{self._trouble}; its resources are dropped from the state", severity=WARNING)
                return provider_pb2.ReadResponse()
            if self._trouble is not None and self._configuration.skip_unreachable:
                return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
            self._require_cluster()
            inputs, outputs = decode_struct(request.inputs), decode_struct(request.properties)
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                found = self._releases.read(request.id, inputs=inputs, outputs=outputs)
            else:
                found = self._objects.read(Resource(request.urn, token), request.id, inputs=inputs, outputs=outputs)
            if found is None:
                return provider_pb2.ReadResponse()
            if found.problems:
                fail_partially(context, found.identifier, found.outputs, found.problems, found.inputs)
            return provider_pb2.ReadResponse(
                id=found.identifier, properties=encode_struct(found.outputs), inputs=encode_struct(found.inputs)
            )
        raise AssertionError

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the object and wait until it is gone."""
        with ErrorReport(context):
            if isinstance(self._trouble, UnreachableError) and self._configuration.delete_unreachable:
                self._log.once(f"{self._trouble}; its resources are dropped from the state", severity=WARNING)
                return empty_pb2.Empty()
            if isinstance(self._trouble, UnreachableError):
                raise ClusterError(
                    f"{self._trouble}. If the cluster is gone for good, set PULUMI_K8S_DELETE_UNREACHABLE=true to drop "
                    "its resources from the state"
                )
            self._require_cluster()
            outputs = decode_struct(request.properties)
            token = _token(request.type, request.urn)
            if token == _RELEASE:
                self._releases.delete(request.id, outputs=outputs, urn=request.urn, seconds=request.timeout)
            else:
                self._objects.delete(Resource(request.urn, token), request.id, outputs=outputs, seconds=request.timeout)
            return empty_pb2.Empty()
        raise AssertionError

    # -- what only the official provider does ------------------------------------------------------------------------

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Functions such as `yaml.decode` and `helm.template` are not there."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok}: {_OFFICIAL_ONLY}")
        raise AssertionError

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        """Components such as `yaml/v2:ConfigGroup`, `helm.sh/v4:Chart` and `kustomize/v2:Directory` are not there."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.type}: {_OFFICIAL_ONLY}")
        raise AssertionError


def _sdk_version() -> str:
    return importlib.metadata.version("pulumi-kubernetes")


def _token(stated: str, urn: str) -> str:
    """The type token of a resource; older engines send it only inside the URN."""
    return stated or urn.split("::")[2].rpartition("$")[2]


def _urn_name(request: provider_pb2.CheckRequest) -> str:
    return request.name or request.urn.rpartition("::")[2]


def _diff_release(
    request: provider_pb2.DiffRequest, news: dict[str, Any], old_inputs: dict[str, Any]
) -> provider_pb2.DiffResponse:
    """A release changes with any of its inputs; another name or namespace is another release."""
    fields: list[Path] = [("name",), ("namespace",)]
    found = compare(m.without_nulls(reveal(old_inputs)), m.without_nulls(reveal(news)), fields)
    return diff_response(drop_ignored(found, list(request.ignoreChanges)))


def _preload() -> None:
    """Load what Configure needs while the engine still starts the program."""
    # httpx's command line is not needed, and its libraries take longer to load than the rest; None makes their import
    # fail, which httpx allows.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # the stubs know only loaded modules
    for name in ("api", "objects", "helm_release"):
        importlib.import_module(f"tools.plugins.kubernetes.{name}")


def main(arguments: list[str]) -> None:
    """Serve the provider; the engine's address is its only argument."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = KubernetesProvider(addresses[-1] if addresses else "")
    threading.Thread(target=_preload, daemon=True).start()
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), provider.stop)
