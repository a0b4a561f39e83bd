"""Kubernetes provider for plans without a cluster: it plans every object from its inputs, and creates none.

The engine itself does the same for a cluster of the same update, because its kubeconfig is unknown then
(sdk/go/common/resource/plugin/provider_plugin.go of Pulumi 3.259). This provider does it for an existing cluster, which
a machine without credentials cannot ask. So three checks are missing that need the cluster: that a kind exists, that an
object is valid, that no object has its name.
"""

import grpc

from tools.plugins.kubernetes.provider import KubernetesProvider
from tools.plugins.protocol import provider_pb2, provider_pb2_grpc
from tools.plugins.serving import serve

ONLY_PLANS = "this Kubernetes provider only plans, for `make preview`; use the official one to create or change objects"


class PlannedKubernetes(KubernetesProvider):
    """Kubernetes provider without a connection."""

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
        """Accept the inputs unchanged."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:  # noqa: N802
        """Return the inputs as the planned object."""
        if not request.preview:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, ONLY_PLANS)
        return provider_pb2.CreateResponse(properties=request.properties)


def main(arguments: list[str]) -> None:
    """Serve the provider; the engine's address is the last argument."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = PlannedKubernetes(addresses[-1] if addresses else "")
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server), provider.stop)
