"""Services that can be reached from outside the cluster."""

from collections.abc import Iterator

from .field import Field
from .resource import Kind, Resource
from .rule import Finding, Severity, rule
from .settings import Settings

_SERVICE: Kind = ("core", "Service")
_PUBLIC_TYPES = ("LoadBalancer", "NodePort")

# Annotations that make a cloud's load balancer internal, with the value that does so.
_INTERNAL = {
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "networking.gke.io/load-balancer-type": ("Internal",),
}

# Where Ray's kinds describe the Services that KubeRay makes for them (KubeRay 1.6).
_RAY_CLUSTER = {
    ("ray.io", "RayCluster"): ("spec",),
    ("ray.io", "RayJob"): ("spec", "rayClusterSpec"),
    ("ray.io", "RayService"): ("spec", "rayClusterConfig"),
}


def _services(resource: Resource) -> Iterator[tuple[Field, Field]]:
    """Yield type and annotations of every Service that `resource` is or creates."""
    body = resource.body
    if resource.kind == _SERVICE:
        yield body.at("spec", "type"), resource.annotations
    if resource.kind in _RAY_CLUSTER:
        head = body.at(*_RAY_CLUSTER[resource.kind], "headGroupSpec")
        yield head.at("serviceType"), head.at("headService", "metadata", "annotations")
        yield head.at("headService", "spec", "type"), head.at("headService", "metadata", "annotations")
    if resource.kind == ("ray.io", "RayService"):
        service = body.at("spec", "serveService")
        yield service.at("spec", "type"), service.at("metadata", "annotations")


@rule(
    name="no-public-service",
    kinds={_SERVICE, *_RAY_CLUSTER},
    tenants_only=True,
    severity=Severity.HIGH,
    requirement="No Service of a tenant, and none that Ray makes for one, is a NodePort or a public LoadBalancer.",
    reason="It puts a model endpoint or Ray's dashboard, which runs any code it is sent, on the internet.",
    source="gatekeeper-library block-loadbalancer and block-nodeport; Ray security documentation",
    fix="Use type ClusterIP behind a gateway with authentication, or a load balancer annotated as internal.",
)
def no_public_service(body: Field, resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per Service, one for external IPs."""
    for service_type, annotations in _services(resource):
        kind = service_type.read()
        internal = kind == "LoadBalancer" and any(
            annotations.at(key).read() in values for key, values in _INTERNAL.items()
        )
        if kind in _PUBLIC_TYPES and not internal:
            yield Finding(service_type.path, f"the Service is of type {kind}", "ClusterIP, or an internal LoadBalancer")
    addresses = body.at("spec", "externalIPs")
    if resource.kind == _SERVICE and addresses.read():
        yield Finding(addresses.path, "the Service takes external IPs", "no externalIPs")
