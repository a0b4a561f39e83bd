"""A Kubernetes provider for plans without a cluster: every object is planned from its arguments, and none is made.

The engine does the same by itself for a cluster that is made in the same update, because its kubeconfig is unknown
then (sdk/go/common/resource/plugin/provider_plugin.go of Pulumi 3.259). This one does it for a cluster that is said to
exist, which a machine without credentials cannot ask. So what only a cluster knows is not checked: whether a kind
exists, whether an object is valid, whether it is there already.
"""

import grpc

from tools.plugins.kubernetes.provider import KubernetesProvider
from tools.plugins.protocol import provider_pb2, provider_pb2_grpc
from tools.plugins.serving import serve

ONLY_PLANS = "this Kubernetes provider plans without a cluster, for `make preview`; it cannot make or change anything"


class PlannedKubernetes(KubernetesProvider):
    """The stand-in of the Kubernetes provider, without its connection."""

    def Configure(  # noqa: N802 - a method of Pulumi's gRPC service
        self,
        request: provider_pb2.ConfigureRequest,  # noqa: ARG002 - the same
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.ConfigureResponse:
        """Connect to nothing."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(  # noqa: N802
        self,
        request: provider_pb2.CheckRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> provider_pb2.CheckResponse:
        """Take the inputs as they are."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:  # noqa: N802
        """The inputs, as what the object will hold."""
        if not request.preview:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, ONLY_PLANS)
        return provider_pb2.CreateResponse(properties=request.properties)


def main(arguments: list[str]) -> None:
    """Serve the provider; the engine's address is its only argument."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = PlannedKubernetes(addresses[-1] if addresses else "")
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), provider.stop)
