"""Values that AWS and OpenShift Cluster Manager compute, for the recorder: ARNs, an issuer, a kubeconfig."""

from typing import Any

import pulumi
from modelyard.components.testing import Recorder

_COMPUTED: dict[str, dict[str, Any]] = {
    "OidcConfig": {"issuer_url": "https://oidc.example/1", "thumbprint": "ab"},
    "SupportPrincipal": {"arn": "arn:aws:iam::710019948333:role/RH-Technical-Support-1"},
    "ClusterAccess": {"kubeconfig": "a kubeconfig", "server": "https://api.example"},
    "HcpClusterReady": {"console_url": "https://console.example", "api_url": "https://api.example"},
}


class Cloud(Recorder):
    """Answers with what only the providers know."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        number, state = super().new_resource(args)
        kind = args.typ.rpartition(":")[2]
        return number, {**state, "arn": f"arn:aws:test:::{args.name}", **_COMPUTED.get(kind, {})}


def rosa_engine(**options: Any) -> Recorder:
    """A recorder that adds what AWS and Cluster Manager would."""
    return Cloud.installed(**options)
