"""The gRPC service of a simulated cloud: decodes requests, calls the part that does the work, encodes the answers."""

import os
import threading

import grpc
from google.protobuf import empty_pb2

from simulator.clouds import faults, settings
from simulator.clouds.account import Account
from simulator.clouds.checking import problems
from simulator.clouds.cloud import Cloud, Question
from simulator.clouds.defaults import with_location
from simulator.clouds.naming import AUTONAMED, with_name
from simulator.clouds.operations import Operations
from simulator.clouds.planning import planned_outputs
from simulator.clouds.requests import Request
from simulator.clouds.resource_type import Place, ResourceType
from simulator.clouds.shapes import Shape, Shapes
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
        cloud: its types and functions.
        engine_address: `host:port` of the engine, empty when it comes with the handshake.
    """

    def __init__(self, cloud: Cloud, engine_address: str) -> None:
        self._cloud = cloud
        self._log = EngineLog(engine_address)
        self._shapes = Shapes(cloud.python_package, cloud.types)
        self._place = Place("")
        self._account: Account | None = None
        self._operations: Operations | None = None
        self._cancelled = threading.Event()

    # -- about the provider ------------------------------------------------------------------------------------------

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Secrets are understood; outputs and resource references are not needed by a cloud."""
        if request.engine_address:
            self._log = EngineLog(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the SDK whose types are simulated; the build part marks it as the stand-in."""
        with ErrorReport(context):
            return plugin_pb2.PluginInfo(version=f"{self._shapes.version}+modelyard.simulated")
        raise AssertionError

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """A schema without types: programs bring their own SDK."""
        version = self._shapes.version
        schema = f'{{"name": "{self._cloud.package}", "version": "{version}", "config": {{}}, "provider": {{}}}}'
        return provider_pb2.GetSchemaResponse(schema=schema)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Ctrl-C: end all waits; what exists is reported, so that the state stays true."""
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """End all waits."""
        self._cancelled.set()

    # -- configuration -----------------------------------------------------------------------------------------------

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Credentials are neither needed nor looked at."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Another configuration replaces nothing, as with the official providers."""
        old = reveal(decode_struct(request.old_inputs if request.HasField("old_inputs") else request.olds))
        return diff_response(compare(old, reveal(decode_struct(request.news)), []))

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Open the simulated account."""
        with ErrorReport(context):
            given = settings.read(os.environ, self._cloud.package)
            self._log.once(
                f"{self._cloud.package} is SIMULATED: nothing is created in a cloud, everything in {given.folder}."
            )
            self._place = self._cloud.place(reveal(decode_struct(request.args)))
            self._account = Account(given.folder, self._cloud.package)
            self._operations = Operations(
                self._cloud,
                self._account,
                faults.read(given.faults),
                self._place,
                tell=lambda urn, text: self._log.status(text, urn=urn),
                cancelled=self._cancelled,
            )
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def _ready(self) -> tuple[Account, Operations]:
        if self._account is None or self._operations is None:
            raise ProviderError(f"the provider {self._cloud.package} was not configured")
        return self._account, self._operations

    def _type(self, stated: str, urn: str) -> tuple[ResourceType, Shape]:
        token = stated or urn.split("::")[2].rpartition("$")[2]
        shape = self._shapes.of(token)
        return self._cloud.type(token, shape), shape

    # -- resources ---------------------------------------------------------------------------------------------------

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Complete the inputs by a name and a location, then check them against the SDK's types."""
        with ErrorReport(context):
            account, _ = self._ready()
            kind, shape = self._type(request.type, request.urn)
            news, olds = without_nulls(decode_struct(request.news)), reveal(decode_struct(request.olds))
            news = with_name(kind, news, olds, request.urn, request.randomSeed)
            if kind.default_location:
                with account.open() as contents:
                    news = with_location(news, olds, self._place, contents)
            failures = [
                provider_pb2.CheckFailure(property=place, reason=reason)
                for place, reason in problems(
                    news,
                    shape,
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
            found = drop_ignored(compare(comparable(old_inputs), news, paths), list(request.ignoreChanges))
            response = diff_response(found)
            is_same_name = bool(kind.name) and news.get(kind.name) == reveal(old_inputs).get(kind.name)
            is_fixed = is_same_name and not old_inputs.get(AUTONAMED)
            in_place = is_fixed or (self._cloud.replaces_in_place and not old_inputs.get(AUTONAMED))
            response.deleteBeforeReplace = bool(response.replaces) and in_place
            return response
        raise AssertionError

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create a resource; in a preview, say what is known of it."""
        with ErrorReport(context):
            kind, shape = self._type(request.type, request.urn)
            inputs = decode_struct(request.properties)
            if request.preview:
                return provider_pb2.CreateResponse(properties=encode_struct(planned_outputs(inputs, shape, {})))
            _, operations = self._ready()
            outcome = operations.create(kind, Request(reveal(inputs), request.urn, request.timeout))
            outputs = state(outcome, inputs, shape)
            if outcome.problems:
                fail_partially(context, outcome.identifier, outputs, outcome.problems, inputs)
            return provider_pb2.CreateResponse(id=outcome.identifier, properties=encode_struct(outputs))
        raise AssertionError

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource; in a preview, say what is known of it."""
        with ErrorReport(context):
            kind, shape = self._type(request.type, request.urn)
            inputs = decode_struct(request.news)
            if request.preview:
                stable = self._stable(decode_struct(request.olds), inputs)
                return provider_pb2.UpdateResponse(properties=encode_struct(planned_outputs(inputs, shape, stable)))
            _, operations = self._ready()
            outcome = operations.update(kind, request.id, Request(reveal(inputs), request.urn, request.timeout))
            outputs = state(outcome, inputs, shape)
            if outcome.problems:
                fail_partially(context, outcome.identifier, outputs, outcome.problems, inputs)
            return provider_pb2.UpdateResponse(properties=encode_struct(outputs))
        raise AssertionError

    def _stable(self, olds: Properties, inputs: Properties) -> Properties:
        wanted = self._cloud.stable_outputs
        kept = [name for name in olds if (name not in inputs if wanted is None else name in wanted)]
        return {name: olds[name] for name in kept}

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """The resource as it is now, for refresh, import and `get`; an empty answer when it is gone."""
        with ErrorReport(context):
            kind, shape = self._type(request.type, request.urn)
            _, operations = self._ready()
            outcome = operations.read(kind, request.id, Request({}, request.urn))
            if outcome is None:
                return provider_pb2.ReadResponse()
            inputs = mark_like(outcome.inputs, decode_struct(request.inputs))
            outputs = state(outcome, inputs, shape)
            return provider_pb2.ReadResponse(
                id=outcome.identifier, properties=encode_struct(outputs), inputs=encode_struct(inputs)
            )
        raise AssertionError

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete the resource and what lies below it."""
        with ErrorReport(context):
            kind, _ = self._type(request.type, request.urn)
            _, operations = self._ready()
            operations.delete(kind, request.id, Request({}, request.urn, request.timeout))
            return empty_pb2.Empty()
        raise AssertionError

    # -- functions ---------------------------------------------------------------------------------------------------

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Call one of the functions that are known."""
        with ErrorReport(context):
            account, operations = self._ready()
            operations.ask(request.tok)
            function = self._cloud.functions.get(request.tok) or self._cloud.unlisted_function(request.tok)
            if function is None:
                raise ProviderError(
                    f"the simulated {self._cloud.package} has no function {request.tok}; it has "
                    f"{', '.join(sorted(self._cloud.functions))}"
                )
            arguments = reveal(decode_struct(request.args))
            with account.open() as contents:
                found = function(Question(request.tok, arguments, contents, self._place))
            answer = provider_pb2.InvokeResponse()
            # The field is called `return`, which Python does not let anyone write.
            getattr(answer, "return").CopyFrom(encode_struct(found))
            return answer
        raise AssertionError


def run(cloud: Cloud, arguments: list[str]) -> None:
    """Serve the provider of a cloud; the engine's address is its only argument."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = CloudProvider(cloud, addresses[-1] if addresses else "")
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), provider.stop)
