"""Model servers as KubeRay RayServices that Kueue admits.

Kueue suspends the service's Ray cluster until there is quota. KubeRay then starts the cluster, deploys the serve
application, and switches the service `<name>-serve-svc` to it once it is healthy; a changed cluster is started beside
the old one and takes over when it is ready. Fields: KubeRay 1.6.2, `ray.io/v1`.
"""

from dataclasses import dataclass
from typing import Any

import yaml
from modelyard.components.kubernetes.manifests.labels import PRIORITY, QUEUE
from modelyard.components.kubernetes.manifests.network_policy import SERVE_PORT
from modelyard.components.kubernetes.manifests.ray_cluster import RayGroups, ray_cluster
from modelyard.components.kubernetes.manifests.ray_pod import RayWorkload, SecretVariable

IMPORT_PATH = "modelyard.workloads.serve.app:build"


@dataclass(frozen=True, kw_only=True)
class ModelServer:
    """Values of a RayService manifest."""

    workload: RayWorkload
    groups: RayGroups
    config: dict[str, Any]
    """Fields of modelyard.workloads.serve.config.ServeConfig."""
    key: SecretVariable | None
    """Bearer token that clients must send; None leaves the endpoint open."""
    wait: tuple[str, ...] = ()
    """Command that must succeed before the head starts."""


def ray_service(server: ModelServer) -> dict[str, Any]:
    """Build the RayService of a model server."""
    workload = server.workload
    application = {
        "name": "model",
        "route_prefix": "/",
        "import_path": IMPORT_PATH,
        "args": server.config,
    }
    serve_config = {
        # On the head as well, where a cluster of one pod serves.
        "proxy_location": "EveryNode",
        "http_options": {"host": "0.0.0.0", "port": SERVE_PORT},  # noqa: S104 - the pod's own address
        "applications": [application],
    }
    variables = (server.key,) if server.key else ()
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayService",
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "labels": {**workload.labels, QUEUE: workload.queue, PRIORITY: workload.priority},
        },
        "spec": {
            "serveConfigV2": yaml.safe_dump(serve_config, sort_keys=False),
            "rayClusterConfig": ray_cluster(workload, server.groups, variables=variables, wait=server.wait),
        },
    }


def serve_service(name: str) -> str:
    """Name the Kubernetes service that KubeRay keeps in front of the healthy pods of RayService `name`."""
    return f"{name}-serve-svc"
