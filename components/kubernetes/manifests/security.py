"""Security contexts that Pod Security Admission accepts at level `restricted` (Kubernetes, Pod Security Standards)."""

from typing import Any

USER = 1000
"""User and group of the workload images; their home is `HOME`."""

HOME = "/home/modelyard"


def pod_context() -> dict[str, Any]:
    """Build the context of a pod. `fsGroup` gives mounted claims to the image's group."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        # Large volumes would otherwise be walked file by file at every start.
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_context() -> dict[str, Any]:
    """Build the context of a container. KubeRay copies it to the init containers that it adds."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
