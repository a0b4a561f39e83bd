"""Network policies of a team's pods.

A namespace starts closed in both directions. Each workspace then opens the connections that Ray needs: its own pods
among each other, KubeRay's operator to the dashboard, and, for a server, clients in the same namespace. Policies take
effect where the cluster's network enforces them; the local cluster's bridge does not.
"""

from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.labels import WORKSPACE

Rule = dict[str, Any]

DASHBOARD_PORT = 8265
"""Port of Ray's dashboard, which takes jobs and serve configurations (Ray, `--dashboard-port`)."""

SERVE_PORT = 8000
"""Port of Ray Serve's HTTP proxy (Ray, `http_options.port`)."""

_DNS = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
_OPENSHIFT_DNS = [{"protocol": "UDP", "port": 5353}, {"protocol": "TCP", "port": 5353}]
_METADATA = "169.254.169.254/32"
"""Address of the clouds' metadata services, which give out the node's credentials (link-local on Azure and AWS)."""


def closed_network(namespace: str, ownership: Ownership, *, openshift: bool = False) -> dict[str, Any]:
    """Build the policy that denies all traffic of all pods except queries to the cluster's DNS.

    Args:
        namespace: namespace of the team.
        ownership: labels of the policy.
        openshift: the cluster is OpenShift, whose DNS runs in a namespace of its own; a policy sees the port of its
            pods, not of its service (openshift, cluster-dns-operator 03223f1, assets/dns/daemonset.yaml).
    """
    dns = (
        {"to": [_namespace("openshift-dns")], "ports": _OPENSHIFT_DNS}
        if openshift
        else {"to": [_namespace("kube-system")], "ports": _DNS}
    )
    return _policy("closed", namespace, ownership, pods={}, ingress=[], egress=[dns])


def ray_network(
    name: str,
    namespace: str,
    ownership: Ownership,
    *,
    operator_namespace: str,
    serves: bool = False,
    internet: bool = False,
) -> dict[str, Any]:
    """Build the policy that opens the connections of a workspace's Ray pods.

    Args:
        name: name of the workspace, which its pods carry as a label.
        namespace: namespace of the team.
        ownership: labels of the policy.
        operator_namespace: namespace of KubeRay.
        serves: clients in the namespace reach the HTTP proxy.
        internet: the workspace reads data or models from outside (s3://, hf://).
    """
    workspace = {"podSelector": {"matchLabels": {WORKSPACE: name}}}
    operator_ports = [DASHBOARD_PORT, SERVE_PORT] if serves else [DASHBOARD_PORT]
    ingress: list[Rule] = [
        {"from": [workspace]},
        {"from": [_namespace(operator_namespace)], "ports": [_tcp(port) for port in operator_ports]},
    ]
    if serves:
        ingress.append({"from": [{"podSelector": {}}], "ports": [_tcp(SERVE_PORT)]})
    egress: list[Rule] = [{"to": [workspace]}]
    if internet:
        outside = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [_METADATA]}}
        egress.append({"to": [outside], "ports": [_tcp(443)]})
    return _policy(name, namespace, ownership, pods={"matchLabels": {WORKSPACE: name}}, ingress=ingress, egress=egress)


def _policy(
    name: str, namespace: str, ownership: Ownership, *, pods: Rule, ingress: list[Rule], egress: list[Rule]
) -> dict[str, Any]:
    # A direction without rules is closed by its policy type. The API drops empty lists, so a list written here would
    # differ from the object for ever.
    open_directions = {key: rules for key, rules in (("ingress", ingress), ("egress", egress)) if rules}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace, "labels": ownership.labels()},
        "spec": {"podSelector": pods, "policyTypes": ["Ingress", "Egress"], **open_directions},
    }


def _namespace(name: str) -> Rule:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _tcp(port: int) -> Rule:
    return {"protocol": "TCP", "port": port}
