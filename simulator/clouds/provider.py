"""The gRPC service of a simulated cloud: it decodes requests, calls the operations, encodes the answers."""

import os
import threading

import grpc
from google.protobuf import empty_pb2

from simulator.clouds import faults, settings
from simulator.clouds.account import Account
from simulator.clouds.checking import find_faults
from simulator.clouds.cloud import Cloud, FunctionCall
from simulator.clouds.defaults import with_location
from simulator.clouds.naming import AUTONAMED, with_name
from simulator.clouds.operations import Operations
from simulator.clouds.planning import planned_outputs
from simulator.clouds.requests import Request
from simulator.clouds.resource_type import AccountScope, ResourceType
from simulator.clouds.schemas import ResourceSchema, SdkSchemas
from simulator.clouds.state import Properties, comparable, state, without_nulls
from tools.plugins.answers import ErrorReport, ProviderError, diff_response, fail_partially
from tools.plugins.diff import compare, drop_ignored, parse_path
from tools.plugins.engine_log import EngineLog
from tools.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc
from tools.plugins.serving import serve
from tools.plugins.wire import decode_struct, encode_struct, mark_like, reveal


class CloudProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's `ResourceProvider` for one simulated cloud.

    Args:
        cloud: types and functions.
        engine_address: `host:port` of the engine, empty when the handshake has it.
    """

    def __init__(self, cloud: Cloud, engine_address: str) -> None:
        self._cloud = cloud
        self._log = EngineLog(engine_address)
        self._schemas = SdkSchemas(cloud.python_package, cloud.types)
        self._scope = AccountScope("")
        self._account: Account | None = None
        self._operations: Operations | None = None
        self._cancelled = threading.Event()

    # -- about the provider ------------------------------------------------------------------------------------------

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Accept secrets; a cloud needs neither outputs nor resource references."""
        if request.engine_address:
            self._log = EngineLog(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version of the SDK whose types are simulated; its build part marks the stand-in."""
        with ErrorReport(context):
            return plugin_pb2.PluginInfo(version=f"{self._schemas.version}+modelyard.simulated")
        raise AssertionError

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Return a schema without types: programs have their own SDK."""
        version = self._schemas.version
        schema = f'{{"name": "{self._cloud.package}", "version": "{version}", "config": {{}}, "provider": {{}}}}'
        return provider_pb2.GetSchemaResponse(schema=schema)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End all waits after Ctrl-C; existing resources are reported, so that the state stays correct."""
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """End all waits."""
        self._cancelled.set()

    # -- configuration -----------------------------------------------------------------------------------------------

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept any configuration; credentials are neither needed nor read."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare configurations; as with the official providers, a change replaces no resource."""
        old = reveal(decode_struct(request.old_inputs if request.HasField("old_inputs") else request.olds))
        return diff_response(compare(old, reveal(decode_struct(request.news)), []))

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Open the simulated account."""
        with ErrorReport(context):
            options = settings.read(os.environ, self._cloud.package)
            self._log.once(
                f"{self._cloud.package} is SIMULATED: nothing is created in a cloud, everything in {options.folder}."
            )
            self._scope = self._cloud.scope(reveal(decode_struct(request.args)))
            self._account = Account(options.folder, self._cloud.package)
            self._operations = Operations(
                self._cloud,
                self._account,
                faults.read(options.faults),
                self._scope,
                tell=lambda urn, text: self._log.status(text, urn=urn),
                cancelled=self._cancelled,
            )
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def _ready(self) -> tuple[Account, Operations]:
        if self._account is None or self._operations is None:
            raise ProviderError(f"the provider {self._cloud.package} was not configured")
        return self._account, self._operations

    def _type(self, stated: str, urn: str) -> tuple[ResourceType, ResourceSchema]:
        token = stated or urn.split("::")[2].rpartition("$")[2]
        schema = self._schemas.get(token)
        return self._cloud.type(token, schema), schema

    # -- resources ---------------------------------------------------------------------------------------------------

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Add a name and a location to the inputs, then check them against the SDK's types."""
        with ErrorReport(context):
            account, _ = self._ready()
            kind, schema = self._type(request.type, request.urn)
            news, olds = without_nulls(decode_struct(request.news)), reveal(decode_struct(request.olds))
            news = with_name(kind, news, olds, request.urn, request.randomSeed)
            if kind.default_location:
                with account.open() as contents:
                    news = with_location(news, olds, self._scope, contents)
            failures = [
                provider_pb2.CheckFailure(property=path, reason=reason)
                for path, reason in find_faults(
                    news,
                    schema,
                    lenient=self._cloud.is_lenient,
                    closed=kind.token.startswith(self._cloud.closed_enums),
                )
            ]
            return provider_pb2.CheckResponse(inputs=encode_struct(news), failures=failures)
        raise AssertionError

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare old and new inputs."""
        with ErrorReport(context):
            kind, _ = self._type(request.type, request.urn)
            news = comparable(decode_struct(request.news))
            old_inputs = decode_struct(request.old_inputs)
            paths = [parse_path(path) for path in kind.replace_on]
            differences = drop_ignored(compare(comparable(old_inputs), news, paths), list(request.ignoreChanges))
            response = diff_response(differences)
            is_same_name = bool(kind.name) and news.get(kind.name) == reveal(old_inputs).get(kind.name)
            is_fixed = is_same_name and not old_inputs.get(AUTONAMED)
            in_place = is_fixed or (self._cloud.replaces_in_place and not old_inputs.get(AUTONAMED))
            response.deleteBeforeReplace = bool(response.replaces) and in_place
            return response
        raise AssertionError

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create a resource; in a preview, return its known outputs."""
        with ErrorReport(context):
            kind, schema = self._type(request.type, request.urn)
            inputs = decode_struct(request.properties)
            if request.preview:
                return provider_pb2.CreateResponse(properties=encode_struct(planned_outputs(inputs, schema, {})))
            _, operations = self._ready()
            outcome = operations.create(kind, Request(reveal(inputs), request.urn, request.timeout))
            outputs = state(outcome, inputs, schema)
            if outcome.problems:
                fail_partially(context, outcome.identifier, outputs, outcome.problems, inputs)
            return provider_pb2.CreateResponse(id=outcome.identifier, properties=encode_struct(outputs))
        raise AssertionError

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource; in a preview, return its known outputs."""
        with ErrorReport(context):
            kind, schema = self._type(request.type, request.urn)
            inputs = decode_struct(request.news)
            if request.preview:
                stable = self._stable(decode_struct(request.olds), inputs)
                return provider_pb2.UpdateResponse(properties=encode_struct(planned_outputs(inputs, schema, stable)))
            _, operations = self._ready()
            outcome = operations.update(kind, request.id, Request(reveal(inputs), request.urn, request.timeout))
            outputs = state(outcome, inputs, schema)
            if outcome.problems:
                fail_partially(context, outcome.identifier, outputs, outcome.problems, inputs)
            return provider_pb2.UpdateResponse(properties=encode_struct(outputs))
        raise AssertionError

    def _stable(self, olds: Properties, inputs: Properties) -> Properties:
        stable = self._cloud.stable_outputs
        names = [name for name in olds if (name not in inputs if stable is None else name in stable)]
        return {name: olds[name] for name in names}

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Read the resource for refresh, import and `get`; answer nothing when it does not exist."""
        with ErrorReport(context):
            kind, schema = self._type(request.type, request.urn)
            _, operations = self._ready()
            outcome = operations.read(kind, request.id, Request({}, request.urn))
            if outcome is None:
                return provider_pb2.ReadResponse()
            inputs = mark_like(outcome.inputs, decode_struct(request.inputs))
            outputs = state(outcome, inputs, schema)
            return provider_pb2.ReadResponse(
                id=outcome.identifier, properties=encode_struct(outputs), inputs=encode_struct(inputs)
            )
        raise AssertionError

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the resource and the resources below it."""
        with ErrorReport(context):
            kind, _ = self._type(request.type, request.urn)
            _, operations = self._ready()
            operations.delete(kind, request.id, Request({}, request.urn, request.timeout))
            return empty_pb2.Empty()
        raise AssertionError

    # -- functions ---------------------------------------------------------------------------------------------------

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Call a function."""
        with ErrorReport(context):
            account, operations = self._ready()
            operations.ask(request.tok)
            function = self._cloud.functions.get(request.tok) or self._cloud.unlisted_function(request.tok)
            if function is None:
                raise ProviderError(
                    f"{request.tok}: the simulated {self._cloud.package} has no such function; known: "
                    f"{', '.join(sorted(self._cloud.functions))}"
                )
            arguments = reveal(decode_struct(request.args))
            with account.open() as contents:
                result = function(FunctionCall(request.tok, arguments, contents, self._scope))
            response = provider_pb2.InvokeResponse()
            # The field is called `return`, a keyword of Python.
            getattr(response, "return").CopyFrom(encode_struct(result))
            return response
        raise AssertionError


def run(cloud: Cloud, arguments: list[str]) -> None:
    """Serve the provider of a cloud; the engine's address is the last argument."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = CloudProvider(cloud, addresses[-1] if addresses else "")
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), provider.stop)
