"""Recorder with the ids and ARNs that AWS gives out."""

from typing import Any

from modelyard.components.testing import Recorder

OCM: dict[str, dict[str, Any]] = {
    "OidcConfig": {"issuer_url": "https://oidc.example.com/1", "thumbprint": "ab" * 20},
    "SupportPrincipal": {"arn": "arn:aws:iam::710019948333:role/RH-Technical-Support-1"},
    "ClusterAccess": {"kubeconfig": "very-secret", "server": "https://api.example"},
    "HcpClusterReady": {"console_url": "https://console.example", "api_url": "https://api.example"},
}
"""Outputs of Cluster Manager's resources, by kind."""

ACCOUNT = "123456789012"
REGION = "us-east-1"


def aws_engine(*, preview: bool = False) -> Recorder:
    """A recorder in the engine's place."""
    engine = Recorder.installed(preview=preview)
    engine.outputs = {
        "aws:iam/role:Role": lambda _, inputs: {"arn": f"arn:aws:iam::{ACCOUNT}:role/{inputs['name']}"},
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": lambda _, inputs: {
            "arn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_host(inputs)}"
        },
        "aws:kms/key:Key": lambda name, _: {"arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}"},
        "aws:s3/bucket:Bucket": lambda _, inputs: {"arn": f"arn:aws:s3:::{inputs['bucket']}"},
        **{
            f"pulumi-python:dynamic/rosa:{kind}": lambda _name, _inputs, outputs=outputs: outputs
            for kind, outputs in OCM.items()
        },
        "pulumi-python:dynamic/rosa:ExistingOidcConfig": lambda _, inputs: {
            **OCM["OidcConfig"],
            "id": inputs["config_id"],
        },
    }
    return engine


def _host(inputs: dict[str, Any]) -> str:
    return str(inputs["url"]).removeprefix("https://")
