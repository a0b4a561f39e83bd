"""The local cluster, for real: it comes up, keeps to itself, survives what can happen to it, and leaves nothing.

One instance, `test-cluster`, goes through all of it in the order of the file; the last tests take it down. It needs
root, containerd and the binaries of the set-up, and neither needs nor touches an instance a person is running.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from tests.cluster import machine
from tools.cluster import Api, ClusterError, Instance
from tools.cluster.certificates import leaves
from tools.cluster.components import COMPONENTS
from tools.cluster.namespace import Namespace
from tools.cluster.state import StateFolder
from tools.setup import locations
from tools.setup.locations import CHECKOUT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

NAME = "test-cluster"
MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "made-before", "namespace": "default"},
    "data": {"kept": "yes"},
}
MAP_PATH = "/api/v1/namespaces/default/configmaps/made-before"


@pytest.fixture(scope="module")
def before():
    Instance.from_name(NAME).down()  # of a test run that was cut off
    return machine.snapshot(without=machine.strangers(NAME))


@pytest.fixture(scope="module")
def cluster(before):
    instance = Instance.from_name(NAME)
    instance.up(gpus=2, kwok_nodes=0)
    with Api(instance.kubeconfig) as api:
        api.apply(MAP)
    yield instance
    instance.down()


@pytest.fixture
def api(cluster):
    with Api(cluster.kubeconfig) as client:
        yield client


def pids(instance):
    return {name: instance.daemon(name).running().pid for name in COMPONENTS}


def wait(question, timeout_seconds=90):
    deadline = time.monotonic() + timeout_seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.2)
    return answer


def assert_works(instance):
    """Everything reports well, the object of before is there, and the real node has its GPUs."""
    assert {state.name: state.state for state in instance.status()} == dict.fromkeys(
        (*COMPONENTS, "node", "dns"), "running"
    )
    with Api(instance.kubeconfig) as client:
        assert client.require(MAP_PATH)["data"] == {"kept": "yes"}
        node = client.require(f"/api/v1/nodes/{NAME}")
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "2"


# Up: what a person gets


def test_up_starts_a_ready_node_with_pretend_gpus(cluster, api):
    assert_works(cluster)
    assert cluster.is_running()
    node = api.require(f"/api/v1/nodes/{NAME}")
    assert node["status"]["capacity"]["nvidia.com/gpu"] == "2"
    assert node["metadata"]["labels"]["nvidia.com/gpu.present"] == "true"
    assert node["metadata"]["labels"]["nvidia.com/gpu.product"] == "Pretend-GPU"
    assert node["status"]["addresses"][0] == {"type": "InternalIP", "address": cluster.node_address}


def pod(name, image, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [
                {
                    "name": "probe",
                    "image": image,
                    "imagePullPolicy": "Never",
                    "resources": {"limits": {"cpu": "500m", "memory": "64Mi", "nvidia.com/gpu": "1"}},
                }
            ],
            **spec,
        },
    }


@pytest.fixture(scope="module")
def probe(cluster, tmp_path_factory):
    """A pod on a pretend GPU, and its report as JSON."""
    reference, archive = machine.probe_image(tmp_path_factory.mktemp("probe"))
    command = ["ctr", "--address", str(cluster.containerd_socket), "--namespace", "k8s.io", "images", "import"]
    subprocess.run([*command, str(archive)], check=True, capture_output=True, timeout=60)
    with Api(cluster.kubeconfig) as client:
        wait(lambda: client.get("/api/v1/namespaces/default/serviceaccounts/default"))
        client.apply(pod("probe", reference))
        path = "/api/v1/namespaces/default/pods/probe"
        wait(lambda: client.require(path)["status"].get("phase") == "Running")
        # Reading a log goes API server -> kubelet, so it needs their certificates and rights.
        report = wait(lambda: client.text(f"{path}/log").strip())
        return client.get(path), json.loads(report.splitlines()[0])


def test_pod_resolves_and_reaches_the_api_server(cluster, probe):
    _, report = probe
    assert report["addresses"] == [str(cluster.plan.api_service)]
    assert report["status"] == 200, report["error"]


def test_pod_has_an_instance_address_and_kernel_limits(cluster, probe):
    found, _ = probe
    address = found["status"]["podIP"]
    assert address.startswith(f"10.244.{cluster.number}.")
    limits = [
        path.read_text().strip() for path in Path("/sys/fs/cgroup").glob(f"*/modelyard/{NAME}/**/memory.limit_in_bytes")
    ]
    limits += [path.read_text().strip() for path in Path("/sys/fs/cgroup").glob(f"modelyard/{NAME}/**/memory.max")]
    assert str(64 * 1024**2) in limits


def test_external_names_are_not_resolved(probe):
    _, report = probe
    assert report["outside"]
    assert "no such host" in report["outside"] or "server misbehaving" in report["outside"]


def test_namespace_has_no_default_route(cluster):
    routes = json.loads(subprocess.check_output(["ip", "-n", f"yard-{NAME}", "-json", "route", "show", "table", "all"]))
    reach = {route["dst"] for route in routes if route.get("type", "unicast") == "unicast" and ":" not in route["dst"]}
    allowed = {str(cluster.plan.link), str(cluster.plan.services), "127.0.0.0/8"}
    assert {
        each for each in reach if not each.startswith(f"10.244.{cluster.number}.") and each != "fe80::/64"
    } <= allowed
    assert "default" not in reach
    assert "0.0.0.0/0" not in reach


def test_up_of_a_healthy_cluster_changes_no_process(cluster):
    running = pids(cluster)
    outcome = cluster.up()
    assert outcome.started == []
    assert pids(cluster) == running
    assert sum(outcome.seconds.values()) < 10


def test_status_is_the_same_in_json(cluster):
    def ask(*arguments):
        command = [sys.executable, "-m", "tools.cluster", *arguments, "--instance", NAME, "--json"]
        return json.loads(subprocess.check_output(command, timeout=120))

    up = ask("up")
    assert up["started"] == []
    assert up["kubeconfig"] == str(cluster.kubeconfig)
    assert {"storage", "api", "node", "dns", "total"} <= up["seconds"].keys()
    states = {row["name"]: row for row in ask("status")["components"]}
    assert states["kubelet"]["pid"] == pids(cluster)["kubelet"]
    assert states["node"]["detail"] == "Ready, 2 pretend GPU"


# Security


def test_state_folder_is_readable_by_root_only(cluster):
    assert stat.S_IMODE(cluster.state.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.kubeconfig.stat().st_mode) == 0o600
    for folder in ("pki", "credentials", "config", "run", "logs"):
        top = cluster.state / folder
        assert stat.S_IMODE(top.stat().st_mode) == 0o700
        for path in top.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_no_process_shows_a_secret(cluster):
    keys = [(cluster.state / "pki" / f"{leaf.file}.key").read_text() for leaf in leaves(NAME, cluster.plan)]
    secrets = [line for key in keys for line in key.splitlines() if not line.startswith("-----")]
    secrets += [json.loads(cluster.kubeconfig.read_text())["users"][0]["user"]["client-key-data"]]
    for pid, arguments in machine.command_lines().items():
        shown = " ".join(arguments)
        with contextlib.suppress(OSError):
            shown += Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        assert not [secret for secret in secrets if secret in shown], pid


def test_api_server_needs_a_certificate(cluster):
    context = ssl.create_default_context(cafile=cluster.state / "pki" / "ca.crt")
    for path in ("/version", "/readyz", "/api/v1/secrets"):
        response = httpx.get(f"{cluster.api_url}{path}", verify=context, trust_env=False)
        assert response.status_code == 401, path


def test_kubelet_needs_a_certificate_and_permission(cluster):
    def ask(certificate):
        context = ssl.create_default_context(cafile=cluster.state / "pki" / "ca.crt")
        if certificate:
            files = (cluster.state / "pki" / f"{certificate}.{end}" for end in ("crt", "key"))
            context.load_cert_chain(*files)
        url = f"https://{cluster.node_address}:10250/pods"
        return httpx.get(url, verify=context, trust_env=False).status_code

    assert ask(None) == 401
    assert ask("kwok") == 403
    assert ask("apiserver-kubelet-client") == 200


def test_etcd_is_unreachable_without_its_certificate(cluster):
    with pytest.raises(OSError, match="refused"), socket.create_connection((cluster.node_address, 2379), timeout=2):
        pass
    # Inside, on the namespace's loopback, it wants a certificate of its own authority: the admin's is not one.
    pki = cluster.state / "pki"

    def ask(*certificate):
        argv = [sys.executable, "-c", ASK_ETCD, str(pki / "etcd-ca.crt"), *certificate]
        entered = Namespace(cluster.files, cluster.plan).enter(argv)
        return subprocess.check_output(entered, text=True, timeout=20).strip()

    def pair(name):
        return str(pki / f"{name}.crt"), str(pki / f"{name}.key")

    assert ask(*pair("apiserver-etcd-client")) == "200"
    assert ask() == "refused"
    assert ask(*pair("admin")) == "refused"


ASK_ETCD = """
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
if sys.argv[2:]:
    context.load_cert_chain(*sys.argv[2:])
connection = http.client.HTTPSConnection("127.0.0.1", 2379, timeout=5, context=context)
try:
    connection.request("GET", "/version")
    print(connection.getresponse().status)
except (ssl.SSLError, ConnectionError):
    print("refused")
"""


# Simulated nodes


def test_simulated_nodes_take_only_tolerating_pods(cluster, api):
    cluster.up(kwok_nodes=3)
    nodes = api.require("/api/v1/nodes?labelSelector=type=kwok")["items"]
    assert [node["status"]["allocatable"]["nvidia.com/gpu"] for node in nodes] == ["8"] * 3
    simulated = pod("simulated", "nowhere.invalid/none:1", nodeSelector={"type": "kwok"})
    simulated["spec"]["tolerations"] = [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}]
    unwilling = pod("unwilling", "nowhere.invalid/none:1", nodeSelector={"type": "kwok"})
    api.apply(unwilling)
    api.apply(simulated)
    path = "/api/v1/namespaces/default/pods"
    wait(lambda: api.require(f"{path}/simulated")["status"].get("phase") == "Running")
    assert "nodeName" not in api.require(f"{path}/unwilling")["spec"]
    for name in ("simulated", "unwilling"):
        api.delete(f"{path}/{name}")
    cluster.up(kwok_nodes=0)
    assert api.require("/api/v1/nodes?labelSelector=type=kwok")["items"] == []
    assert cluster.daemon("kwok").running() is None


# Faults


@pytest.mark.parametrize("component", COMPONENTS)
def test_up_repairs_after_kill_9_of(cluster, component):
    others = {name: pid for name, pid in pids(cluster).items() if name != component}
    os.kill(pids(cluster)[component], signal.SIGKILL)
    wait(lambda: cluster.daemon(component).running() is None)
    assert not cluster.is_running()
    assert {state.name: state.state for state in cluster.status()}[component] == "stopped"
    outcome = cluster.up()
    assert outcome.started == [component]
    assert_works(cluster)
    assert {name: pid for name, pid in pids(cluster).items() if name != component} == others


def test_up_repairs_after_kill_9_of_everything(cluster, api, probe):
    """Components, shims and containers, all at once."""
    namespace = Namespace(cluster.files, cluster.plan)
    for pid in namespace.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait(lambda: not namespace.processes())
    cluster.up()
    assert_works(cluster)
    path = "/api/v1/namespaces/default/pods/probe"
    with Api(cluster.kubeconfig) as client:
        wait(lambda: client.require(path)["status"]["containerStatuses"][0].get("state", {}).get("running"))
        # Restarted, not remembered: the first container is the last state now.
        assert wait(lambda: client.require(path)["status"]["containerStatuses"][0]["restartCount"]) >= 1


def test_up_repairs_after_a_reboot(cluster):
    """As after one: no process, no namespace, no mount, no group; only the state folder."""
    cluster.down(keep_data=True)
    assert machine.processes_of(cluster.state) == []
    assert not Namespace(cluster.files, cluster.plan).exists()
    states = cluster.status()
    assert {state.state for state in states} == {"stopped"}
    cluster.up()
    assert_works(cluster)


def test_up_repairs_a_removed_network(cluster):
    subprocess.check_call(["ip", "link", "delete", cluster.plan.host_link])
    assert {state.state for state in cluster.status()} <= {"failing", "stopped"}
    running = pids(cluster)
    outcome = cluster.up()
    assert outcome.started == []
    assert_works(cluster)
    assert pids(cluster) == running


def test_up_repairs_unmounted_paths(cluster):
    namespace = Namespace(cluster.files, cluster.plan)
    subprocess.check_call(namespace.enter(["umount", "-l", "/var/lib/cni"]))
    assert namespace.exists()
    assert not namespace.intact()
    cluster.up()
    assert namespace.intact()
    assert_works(cluster)


def test_up_replaces_a_process_without_a_record(cluster):
    """An `up` that was killed between starting a process and recording it."""
    stray = pids(cluster)["scheduler"]
    cluster.daemon("scheduler").pid_file.unlink()
    outcome = cluster.up()
    assert outcome.started == ["scheduler"]
    assert_works(cluster)
    assert pids(cluster)["scheduler"] != stray
    assert stray not in machine.command_lines()


def test_pid_file_of_a_foreign_process_is_ignored(cluster):
    """A recycled pid: the file's process has ended, and its number is somebody else's."""
    cluster.daemon("proxy").stop()
    with subprocess.Popen(["/bin/sleep", "120"]) as stranger:
        record = json.loads(cluster.daemon("scheduler").pid_file.read_text()) | {"pid": stranger.pid}
        cluster.daemon("proxy").pid_file.write_text(json.dumps(record))
        cluster.up()
        assert stranger.poll() is None
        stranger.kill()
    assert_works(cluster)


def test_taken_port_is_refused_with_its_component(cluster):
    cluster.daemon("apiserver").stop()
    # It accepts for as long as it lives: the instance's own components connect to the port, again and again.
    listener = """if True:
        import socket
        server = socket.create_server(("0.0.0.0", 6443))
        print("listening", flush=True)
        while server.accept():
            pass
    """
    argv = Namespace(cluster.files, cluster.plan).enter([sys.executable, "-c", listener])
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout
        assert stranger.stdout.readline() == b"listening\n"
        with pytest.raises(
            ClusterError, match=rf"port 6443, which apiserver needs, is taken .* by process {stranger.pid}"
        ):
            cluster.up()
        assert stranger.poll() is None
        stranger.kill()
    cluster.up()
    assert_works(cluster)


def test_failed_component_is_reported_with_its_log(cluster):
    """The data of etcd is damaged: `up` says so instead of waiting for ever."""
    cluster.daemon("apiserver").stop()
    cluster.daemon("etcd").stop()
    data = cluster.state / "etcd" / "member"
    aside = data.with_name("member.aside")
    data.rename(aside)
    data.mkdir(mode=0o700)
    (data / "snap").write_text("a file where etcd wants a folder")
    with pytest.raises(ClusterError, match=r"etcd ended by itself: .*snap.*whole log: .*etcd\.log"):
        cluster.up()
    (data / "snap").unlink()
    data.rmdir()
    aside.rename(data)
    cluster.up()
    assert_works(cluster)


def test_interrupted_up_is_completed_by_the_next(before):
    """Every stage in turn, from nothing, on a second instance beside the first."""
    instance = Instance.from_name("test-cut-off")
    instance.down()
    stages = ["addresses", "certificates", "network", "storage", "api", "node", "dns"]
    try:
        for stage in stages:

            def cut(event, stage=stage):
                if event.stage == stage and event.seconds is None:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                instance.up(report=cut)
        command = [sys.executable, "-m", "tools.cluster", "up", "--instance", instance.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.readline()
            process.kill()
        instance.up()
        assert {state.state for state in instance.status()} == {"running"}
        # Both instances serve at the same time.
        assert {state.state for state in Instance.from_name(NAME).status()} == {"running"}
    finally:
        instance.down()
    assert machine.processes_of(instance.state) == []
    assert not instance.state.exists()


# Refusals, before anything is created


def refused(instance, words):
    before = machine.snapshot(without=machine.strangers(NAME))
    with pytest.raises(ClusterError, match=words):
        instance.up()
    assert machine.new(before, machine.snapshot(without=machine.strangers(NAME))) == {}
    assert machine.processes_of(instance.state) == []


def test_full_disk_is_refused_with_its_free_space(monkeypatch):
    disk = Path(tempfile.mkdtemp(prefix="yard-"))  # short: containerd's sockets lie below, and theirs are limited
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(disk)])
    try:
        monkeypatch.setenv("MODELYARD_STATE", str(disk))
        refused(Instance.from_name("test-no-disk"), r"has 0\.1 GiB of disk free and the local cluster needs 2 GiB")
        assert list(disk.iterdir()) == []
    finally:
        subprocess.check_call(["umount", str(disk)])
        disk.rmdir()


@pytest.fixture
def numbered():
    """An instance that has been given number 201 and is not up."""
    state = StateFolder(locations.state(), "test-refused")
    state.path.mkdir(parents=True, exist_ok=True)
    state.write(number=201)
    yield Instance(state)
    state.record.unlink()
    state.path.rmdir()  # fails if the refused `up` made anything else


def test_taken_address_range_is_refused(numbered):
    # Less specific than any instance's own route, and gone in a moment.
    route = ["unreachable", "10.96.201.0/25", "metric", "4242"]
    subprocess.check_call(["ip", "route", "add", *route])
    try:
        refused(numbered, r"range 10\.96\.201\.0/24, which instance number 201 needs, overlaps 10\.96\.201\.0/25")
    finally:
        subprocess.check_call(["ip", "route", "delete", *route])


def test_taken_link_name_is_refused(numbered):
    subprocess.check_call(["ip", "link", "add", "yard201", "type", "bridge"])
    try:
        refused(numbered, r"link yard201 exists .*\(`ip link delete yard201`")
    finally:
        subprocess.check_call(["ip", "link", "delete", "yard201"])


def test_down_of_an_unknown_instance_leaves_foreign_links():
    """The folder was deleted by hand: nothing may be removed by guessing a number."""
    subprocess.check_call(["ip", "link", "add", "yard254", "type", "bridge"])
    try:
        Instance.from_name("test-nobody").down()
        assert Path("/sys/class/net/yard254").exists()
    finally:
        subprocess.check_call(["ip", "link", "delete", "yard254"])


def test_second_up_at_the_same_time_is_refused():
    instance = Instance.from_name(NAME)
    with instance.files.lock(), pytest.raises(ClusterError, match="being brought up or down by another process"):
        instance.up()


@pytest.mark.parametrize("core", sorted(os.sched_getaffinity(0)))
def test_namespaces_nest_on_every_core(core):
    """As in a container: which core made the outer one decides whether Linux takes the inner one for younger."""
    program = (
        "import os, sys; from tools.cluster import Instance; os.sched_setaffinity(0, range(os.cpu_count()));"
        "from tools.cluster.addresses import AddressPlan; from tools.cluster.namespace import Namespace;"
        "made = Namespace(Instance.from_name('test-nested').files, AddressPlan(202)); made.state.create();"
        "[(made.ensure(), made.intact() or sys.exit('not intact'), made.remove()) for _ in range(4)]"
    )
    outer = ["taskset", "--cpu-list", str(core), "unshare", "--mount", "--propagation", "private"]
    try:
        subprocess.run([*outer, sys.executable, "-c", program], cwd=CHECKOUT, check=True, timeout=120)
    finally:
        shutil.rmtree(Instance.from_name("test-nested").state, ignore_errors=True)


# Down: last, since it ends the instance


def test_down_leaves_nothing(cluster, before):
    assert "links" in machine.new(
        before, machine.snapshot(without=machine.strangers(NAME))
    )  # the comparison can see something
    assert machine.processes_of(cluster.state)
    cluster.down()
    assert machine.new(before, machine.snapshot(without=machine.strangers(NAME))) == {}
    assert machine.processes_of(cluster.state) == []
    assert not cluster.state.exists()
    cluster.down()  # a second time is no error
