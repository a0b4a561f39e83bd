"""Command lines and configurations: what listens where, what is a secret and stays out."""

import json
import tomllib

import pytest

from tools.cluster import containerd, control_plane, dns, kubelet
from tools.cluster.addresses import AddressPlan
from tools.cluster.certificates import issue
from tools.cluster.kubeconfig import write_kubeconfigs
from tools.cluster.state import StateFolder

PLAN = AddressPlan(5)


@pytest.fixture
def state(tmp_path):
    folder = StateFolder(tmp_path, "trial")
    folder.create()
    issue(folder.folder("pki"), "trial", PLAN)
    write_kubeconfigs(folder, PLAN)
    kubelet.write_configuration(folder, PLAN)
    return folder


@pytest.fixture
def commands(state):
    stages = state.folder("config", "kwok-stages.yaml")
    stages.write_text("")
    commands = [
        control_plane.etcd(state, PLAN),
        control_plane.apiserver(state, PLAN),
        control_plane.controller_manager(state, PLAN),
        control_plane.scheduler(state, PLAN),
        control_plane.proxy(state, PLAN),
        control_plane.kwok(state, stages),
        kubelet.command(state, PLAN),
    ]
    return {command.name: command for command in commands}


def flags(command):
    return dict(argument.split("=", 1) for argument in command.argv[1:])


def test_no_argument_holds_a_secret(state, commands):
    keys = [path.read_text() for path in state.folder("pki").glob("*.key")]
    secrets = [line for key in keys for line in key.splitlines() if not line.startswith("-----")]
    assert secrets
    text = " ".join(argument for command in commands.values() for argument in command.argv)
    assert not [secret for secret in secrets if secret in text]
    assert "token" not in text


def test_every_input_exists_and_its_change_is_noticed(commands):
    for command in commands.values():
        assert all(path.exists() for path in command.inputs), command.name
        before = command.fingerprint()
        assert command.fingerprint() == before
        command.inputs[0].write_text("changed")
        assert command.fingerprint() != before, command.name


def test_etcd_is_on_loopback_with_client_certificates(commands):
    expected = flags(commands["etcd"])
    assert expected["--listen-client-urls"] == "https://127.0.0.1:2379"
    assert expected["--listen-peer-urls"] == "https://127.0.0.1:2380"
    assert expected["--client-cert-auth"] == expected["--peer-client-cert-auth"] == "true"
    assert "etcd-ca" in expected["--trusted-ca-file"]


def test_api_server_refuses_anonymous_requests(commands):
    expected = flags(commands["apiserver"])
    assert expected["--bind-address"] == expected["--advertise-address"] == "10.89.5.2"
    assert expected["--anonymous-auth"] == "false"
    assert expected["--authorization-mode"] == "Node,RBAC"
    assert expected["--service-cluster-ip-range"] == "10.96.5.0/24"


@pytest.mark.parametrize("name", ["controller-manager", "scheduler", "proxy", "kubelet", "kwok"])
def test_each_component_has_a_credential_of_its_own(state, commands, name):
    path = flags(commands[name])["--kubeconfig"]
    assert path.endswith(f"/credentials/{name}.kubeconfig")
    assert len(
        {state.folder("credentials", each).read_text() for each in ("proxy.kubeconfig", f"{name}.kubeconfig")}
    ) == (1 if name == "proxy" else 2)


def test_kubelet_needs_certificates_and_permission(state):
    config = kubelet.configuration(state, PLAN)
    assert config["authentication"]["anonymous"] == {"enabled": False}
    assert config["authentication"]["webhook"] == {"enabled": True}
    assert config["authorization"] == {"mode": "Webhook"}
    assert config["readOnlyPort"] == 0
    assert config["clusterDNS"] == ["10.96.5.10"]
    assert config["resolvConf"] == ""
    assert config["cgroupRoot"] == "/modelyard/trial"


def test_pods_are_not_masqueraded(state):
    plugin = containerd.network_list(state, PLAN)["plugins"][0]
    assert plugin["ipMasq"] is False
    assert plugin["ipam"]["ranges"] == [[{"subnet": "10.244.5.0/24"}]]


def test_containerd_keeps_to_the_state_folder(state):
    containerd.write_configuration(state, PLAN, "localhost/modelyard/pause:1")
    config = tomllib.loads(state.folder("config", "containerd.toml").read_text())
    assert config["root"].startswith(str(state.path))
    assert config["state"].startswith(str(state.path))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == "localhost/modelyard/pause:1"
    assert cri["netns_mounts_under_state_dir"] is True
    specification = json.loads(containerd.base_specification(state).read_text())
    assert "rlimits" not in specification["process"]


def test_dns_forwards_nothing_and_runs_without_rights():
    manifests = dns.manifests(PLAN, "localhost/modelyard/coredns:1")
    assert "forward" not in dns.COREFILE
    deployment = next(each for each in manifests if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["containers"][0]["image"] == "localhost/modelyard/coredns:1"
    service = next(each for each in manifests if each["kind"] == "Service")
    assert service["spec"]["clusterIP"] == "10.96.5.10"
    role = next(each for each in manifests if each["kind"] == "ClusterRole")
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list", "watch"}
    assert "secrets" not in json.dumps(role)
