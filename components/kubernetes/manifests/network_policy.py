"""Who may talk to a team's pods, and whom they may talk to.

A namespace starts closed in both directions. Each workspace then opens what Ray needs: its own pods among each other,
KubeRay's operator to the dashboard, and, for a server, clients in the same namespace. The policies take effect where
the cluster's network enforces them; the local cluster's bridge does not.
"""

from typing import Any

from modelyard.components.common.ownership import Ownership
from modelyard.components.kubernetes.manifests.labels import WORKSPACE

Rule = dict[str, Any]

#: Ray's dashboard, which takes jobs and serve configurations (Ray, `--dashboard-port`).
DASHBOARD_PORT = 8265
#: Ray Serve's HTTP proxy (Ray, `http_options.port`).
SERVE_PORT = 8000

_DNS = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
_OPENSHIFT_DNS = [{"protocol": "UDP", "port": 5353}, {"protocol": "TCP", "port": 5353}]
#: Cloud metadata services, whose credentials are the node's.
_METADATA = "169.254.169.254/32"


def closed(namespace: str, ownership: Ownership, *, openshift: bool = False) -> dict[str, Any]:
    """Denies all traffic of all pods, but for questions to the cluster's DNS.

    Args:
        namespace: of the team.
        ownership: labels of the policy.
        openshift: its DNS runs elsewhere, and a policy sees the port of the pod, not of the service (openshift,
            cluster-dns-operator 03223f1, assets/dns/daemonset.yaml).
    """
    dns = (
        {"to": [_namespace("openshift-dns")], "ports": _OPENSHIFT_DNS}
        if openshift
        else {"to": [_namespace("kube-system")], "ports": _DNS}
    )
    return _policy(
        "closed",
        namespace,
        ownership,
        pods={},
        ingress=[],
        egress=[dns],
    )


def ray_workspace(
    name: str,
    namespace: str,
    ownership: Ownership,
    *,
    operator_namespace: str,
    serves: bool = False,
    internet: bool = False,
) -> dict[str, Any]:
    """Opens what the Ray pods of workspace `name` need.

    Args:
        name: of the workspace; its pods carry it as a label.
        namespace: of the team.
        ownership: labels of the policy.
        operator_namespace: where KubeRay runs.
        serves: clients in the namespace reach the HTTP proxy.
        internet: the workspace reads data or models from outside (s3://, hf://).
    """
    own = {"podSelector": {"matchLabels": {WORKSPACE: name}}}
    operator_ports = [DASHBOARD_PORT, SERVE_PORT] if serves else [DASHBOARD_PORT]
    ingress: list[Rule] = [
        {"from": [own]},
        {"from": [_namespace(operator_namespace)], "ports": [_tcp(port) for port in operator_ports]},
    ]
    if serves:
        ingress.append({"from": [{"podSelector": {}}], "ports": [_tcp(SERVE_PORT)]})
    egress: list[Rule] = [{"to": [own]}]
    if internet:
        outside = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [_METADATA]}}
        egress.append({"to": [outside], "ports": [_tcp(443)]})
    return _policy(name, namespace, ownership, pods={"matchLabels": {WORKSPACE: name}}, ingress=ingress, egress=egress)


def _policy(
    name: str, namespace: str, ownership: Ownership, *, pods: Rule, ingress: list[Rule], egress: list[Rule]
) -> dict[str, Any]:
    # A direction without rules is closed by its policy type. The API keeps no empty list, and one that is written down
    # would differ from the object for ever.
    directions = {"ingress": ingress, "egress": egress}
    open_directions = {direction: rules for direction, rules in directions.items() if rules}
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
