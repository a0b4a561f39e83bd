"""Command lines of the Kubernetes components, each a pure function of folder and addresses.

No secret is in any of them: credentials are files. Everything listens on the namespace's loopback or on the node's
address, which only this machine reaches.
"""

from __future__ import annotations

from pathlib import Path

from tools.cluster.addresses import API_PORT, AddressPlan
from tools.cluster.binaries import built
from tools.cluster.daemon import Command
from tools.cluster.kubeconfig import component_kubeconfig
from tools.cluster.state import StateFolder

ETCD_CLIENT = "https://127.0.0.1:2379"
ETCD_PEER = "https://127.0.0.1:2380"

HEALTH_PORTS = {"etcd": 2381, "controller-manager": 10257, "scheduler": 10259, "kubelet": 10248, "proxy": 10256}
"""Ports of the health end points, upstream's defaults."""

SIMULATED_PODS, SIMULATED_NODE = "198.18.0.1/15", "198.19.255.254"
"""Addresses that simulated pods and nodes claim: the range of RFC 2544, kept for tests, to which the namespace has no
route. A connection to one fails at once."""

_REQUEST_RATES = {"--kube-api-qps": 200, "--kube-api-burst": 400}
"""Requests per second to the API server. Upstream's 20 (controller manager) are for a server that many share; with
them alone the start of the controllers takes five seconds."""


def etcd(state: StateFolder, plan: AddressPlan) -> Command:
    """Return etcd's command: clients and peers over TLS with certificates of its own authority, on loopback only."""
    pki = state.folder("pki")
    files = (pki / "etcd-ca.crt", pki / "etcd.crt", pki / "etcd.key")
    authority, certificate, key = files
    arguments = {
        "--name": state.instance,
        "--data-dir": state.folder("etcd"),
        "--listen-client-urls": ETCD_CLIENT,
        "--advertise-client-urls": ETCD_CLIENT,
        "--listen-peer-urls": ETCD_PEER,
        "--initial-advertise-peer-urls": ETCD_PEER,
        "--initial-cluster": f"{state.instance}={ETCD_PEER}",
        "--listen-metrics-urls": f"http://{plan.node.ip}:{HEALTH_PORTS['etcd']}",
        "--client-cert-auth": "true",
        "--trusted-ca-file": authority,
        "--cert-file": certificate,
        "--key-file": key,
        "--peer-client-cert-auth": "true",
        "--peer-trusted-ca-file": authority,
        "--peer-cert-file": certificate,
        "--peer-key-file": key,
        # Keeps the file small over days of use: etcd forgets old revisions after an hour.
        "--auto-compaction-retention": "1h",
        "--log-level": "warn",
    }
    return _command("etcd", "etcd", arguments, files)


def apiserver(state: StateFolder, plan: AddressPlan) -> Command:
    """Return the API server's command: certificates only, no anonymous request, authorization by Node and RBAC."""
    pki = state.folder("pki")
    files = {
        "--client-ca-file": pki / "ca.crt",
        "--tls-cert-file": pki / "apiserver.crt",
        "--tls-private-key-file": pki / "apiserver.key",
        "--etcd-cafile": pki / "etcd-ca.crt",
        "--etcd-certfile": pki / "apiserver-etcd-client.crt",
        "--etcd-keyfile": pki / "apiserver-etcd-client.key",
        "--kubelet-certificate-authority": pki / "ca.crt",
        "--kubelet-client-certificate": pki / "apiserver-kubelet-client.crt",
        "--kubelet-client-key": pki / "apiserver-kubelet-client.key",
        "--requestheader-client-ca-file": pki / "front-proxy-ca.crt",
        "--proxy-client-cert-file": pki / "front-proxy-client.crt",
        "--proxy-client-key-file": pki / "front-proxy-client.key",
        "--service-account-key-file": pki / "service-accounts.pub",
        "--service-account-signing-key-file": pki / "service-accounts.key",
    }
    arguments = {
        **files,
        "--etcd-servers": ETCD_CLIENT,
        "--bind-address": plan.node.ip,
        "--advertise-address": plan.node.ip,
        "--secure-port": API_PORT,
        "--service-cluster-ip-range": plan.services,
        "--service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "--requestheader-allowed-names": "front-proxy-client",
        "--requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "--requestheader-group-headers": "X-Remote-Group",
        "--requestheader-username-headers": "X-Remote-User",
        "--authorization-mode": "Node,RBAC",
        "--enable-admission-plugins": "NodeRestriction",
        "--anonymous-auth": "false",
        "--allow-privileged": "true",
        # The kubelet's name is not resolvable on the host; its address is.
        "--kubelet-preferred-address-types": "InternalIP",
        "--profiling": "false",
    }
    return _command("apiserver", "kube-apiserver", arguments, tuple(files.values()))


def controller_manager(state: StateFolder, plan: AddressPlan) -> Command:
    """Return the controller manager's command; pod addresses come from the CNI plugin, so it hands out no ranges."""
    pki = state.folder("pki")
    files = {
        "--tls-cert-file": pki / "controller-manager-server.crt",
        "--tls-private-key-file": pki / "controller-manager-server.key",
        "--service-account-private-key-file": pki / "service-accounts.key",
        "--root-ca-file": pki / "ca.crt",
        "--cluster-signing-cert-file": pki / "ca.crt",
        "--cluster-signing-key-file": pki / "ca.key",
    }
    arguments = {
        **_clients(component_kubeconfig(state, "controller-manager")),
        **files,
        "--bind-address": plan.node.ip,
        "--use-service-account-credentials": "true",
        "--leader-elect": "false",
        **_REQUEST_RATES,
        "--controllers": "*,-node-ipam-controller,-cloud-node-lifecycle-controller",
        "--profiling": "false",
    }
    inputs = (component_kubeconfig(state, "controller-manager"), *files.values())
    return _command("controller-manager", "kube-controller-manager", arguments, inputs)


def scheduler(state: StateFolder, plan: AddressPlan) -> Command:
    """Return the scheduler's command."""
    pki = state.folder("pki")
    files = {
        "--tls-cert-file": pki / "scheduler-server.crt",
        "--tls-private-key-file": pki / "scheduler-server.key",
    }
    arguments = {
        **_clients(component_kubeconfig(state, "scheduler")),
        **files,
        "--bind-address": plan.node.ip,
        "--leader-elect": "false",
        **_REQUEST_RATES,
        "--profiling": "false",
    }
    inputs = (component_kubeconfig(state, "scheduler"), *files.values())
    return _command("scheduler", "kube-scheduler", arguments, inputs)


def proxy(state: StateFolder, plan: AddressPlan) -> Command:
    """Return kube-proxy's command: iptables rules inside the namespace, host-wide connection limits left alone."""
    kubeconfig = component_kubeconfig(state, "proxy")
    arguments = {
        "--kubeconfig": kubeconfig,
        "--hostname-override": state.instance,
        "--proxy-mode": "iptables",
        "--cluster-cidr": plan.pods,
        "--nodeport-addresses": f"{plan.node.ip}/32",
        "--iptables-localhost-nodeports": "false",
        "--conntrack-max-per-core": 0,
        "--conntrack-tcp-timeout-established": "0",
        "--conntrack-tcp-timeout-close-wait": "0",
        "--healthz-bind-address": f"{plan.node.ip}:{HEALTH_PORTS['proxy']}",
        "--metrics-bind-address": "127.0.0.1:10249",
    }
    return _command("proxy", "kube-proxy", arguments, (kubeconfig,))


def kwok(state: StateFolder, stages: Path) -> Command:
    """Return KWOK's command: it plays the kubelet of every node labelled for it, and of no other."""
    kubeconfig = component_kubeconfig(state, "kwok")
    arguments = {
        "--kubeconfig": kubeconfig,
        "--config": stages,
        "--manage-nodes-with-label-selector": "type=kwok",
        "--node-ip": SIMULATED_NODE,
        "--cidr": SIMULATED_PODS,
        "--node-lease-duration-seconds": 40,
        "--server-address": "127.0.0.1:10247",
    }
    return _command("kwok", "kwok", arguments, (kubeconfig, stages))


def _clients(kubeconfig: Path) -> dict[str, Path]:
    """Return the flags of a component's three clients of the API server: its own, authentication, authorization."""
    return dict.fromkeys(("--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"), kubeconfig)


def _command(name: str, binary: str, arguments: dict[str, object], inputs: tuple[Path, ...]) -> Command:
    return Command(name, (built(binary), *(f"{flag}={value}" for flag, value in arguments.items())), inputs)
