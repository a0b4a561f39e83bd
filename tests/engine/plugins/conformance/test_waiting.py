"""Covered: readiness of built-in kinds, `pulumi.com/waitFor` (condition, JSONPath, lists), `skipAwait`, time-outs,
progress in the display, objects that fail, the repair of what was left unready, and Ctrl-C.

No kubelet runs: the tests write into the status what it would report.
"""

import os
import signal
import threading
import time

import pytest

from tests.engine.plugins.stack import manifest, output

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

POD = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "demo:1"}]}


def document(api_version, kind, namespace, name, annotations=None, **fields):
    metadata = {"name": name, "namespace": namespace}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def deployment(namespace, name="server", annotations=None, image="demo:1"):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    return document(
        "apps/v1",
        "Deployment",
        namespace,
        name,
        annotations,
        spec={"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    )


def write_status(cluster, path, status):
    """Set the status as soon as the object is there."""
    done = None
    for _ in range(600):
        done = cluster.patch(
            f"{path}/status",
            json={"status": status},
            headers={"Content-Type": "application/merge-patch+json"},
        )
        if done.status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError(f"{path}: {done.text if done else None}")


def later(seconds, *call):
    timer = threading.Timer(seconds, *call)
    timer.daemon = True
    timer.start()
    return timer


def pods_of(cluster, namespace, selector):
    """Wait until there are pods that match the selector."""
    for _ in range(600):
        pods = cluster.get(f"/api/v1/namespaces/{namespace}/pods", params={"labelSelector": selector}).json()["items"]
        if pods:
            return [f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}" for pod in pods]
        time.sleep(0.1)
    raise AssertionError(f"no pod matches {selector}")


def ready_pods(cluster, namespace, selector):
    """Play the kubelet: mark every pod of a selector as ready."""
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    conditions = [{"type": kind, "status": "True"} for kind in kinds]
    for path in pods_of(cluster, namespace, selector):
        status = {"phase": "Running", "conditions": conditions, "podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}]}
        write_status(cluster, path, status)


def end_pods(cluster, namespace, selector, phase):
    """Play the kubelet: every pod of a selector has ended."""
    for path in pods_of(cluster, namespace, selector):
        write_status(cluster, path, {"phase": phase})


@pytest.fixture
def node(namespace, cluster):
    """A node without a kubelet: a service lists only pods that are bound to a node."""
    name = f"node-of-{namespace}"
    cluster.post(
        "/api/v1/nodes", json={"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    ).raise_for_status()
    yield name
    cluster.delete(f"/api/v1/nodes/{name}")


def bind_pods(cluster, namespace, selector, node):
    """Play the scheduler."""
    for path in pods_of(cluster, namespace, selector):
        target = {"apiVersion": "v1", "kind": "Node", "name": node}
        metadata = {"name": path.rpartition("/")[2]}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}
        cluster.post(f"{path}/binding", json=binding).raise_for_status()


def test_deployment_and_service_wait_for_ready_pods(stack, namespace, cluster, node):
    service = document(
        "v1", "Service", namespace, "front", spec={"ports": [{"port": 80}], "selector": {"app": "server"}}
    )

    def start_pods():
        bind_pods(cluster, namespace, "app=server", node)
        ready_pods(cluster, namespace, "app=server")

    kubelet = later(5, start_pods)

    run = stack.up(manifest("server", deployment(namespace)), manifest("front", service))
    kubelet.join()

    assert run.seconds > 5
    assert any("0 of 1 pods are available" in status for status in run.statuses)
    assert any("no pod that the service selects is ready" in status for status in run.statuses)
    assert stack.state["server"]["outputs"]["status"]["availableReplicas"] == 1


def test_timed_out_object_is_repaired_by_the_next_up(stack, namespace, cluster):
    slow = manifest("server", deployment(namespace), custom_timeouts={"create": "3s", "update": "20s"})

    failed = stack.up(slow, fails=True)

    assert "not ready after 3 s" in failed.text
    assert "0 of 1 pods are available" in failed.text
    assert stack.state["server"]["id"] == f"{namespace}/server"
    assert stack.state["server"]["initErrors"]

    ready_pods(cluster, namespace, "app=server")
    repaired = stack.up(slow)

    assert repaired.operations("server") == ["update"]
    assert "initErrors" not in stack.state["server"]


def test_stuck_pods_are_named(stack, namespace, cluster):
    def pull_fails():
        state = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image demo:1"}}
        status = {"name": "main", "image": "demo:1", "imageID": "", "ready": False, "restartCount": 0, "state": state}
        for path in pods_of(cluster, namespace, "app=server"):
            write_status(cluster, path, {"containerStatuses": [status]})

    later(0, pull_fails)

    run = stack.up(manifest("server", deployment(namespace), custom_timeouts={"create": "8s"}), fails=True)

    assert "ImagePullBackOff" in run.text
    assert "no such image demo:1" in run.text


def test_skip_await_returns_at_once(stack, namespace):
    run = stack.up(manifest("server", deployment(namespace, annotations={"pulumi.com/skipAwait": "true"})))

    assert run.seconds < 10
    assert run.operations("server") == ["create"]


def test_job_is_awaited_and_its_failure_explained(stack, namespace, cluster):
    spec = {"template": {"spec": POD}, "backoffLimit": 0}
    for name, phase in (("good", "Succeeded"), ("bad", "Failed")):
        later(3, end_pods, (cluster, namespace, f"job-name={name}", phase))

    run = stack.up(
        *(manifest(name, document("batch/v1", "Job", namespace, name, spec=spec)) for name in ("good", "bad")),
        fails=True,
    )

    assert "the job failed: BackoffLimitExceeded" in run.text
    assert "initErrors" not in stack.state["good"]


@pytest.mark.parametrize(
    "expression",
    [
        "condition=Progressing",
        'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=Started',
        '["condition=Progressing=True", "jsonpath={.status.replicas}=3"]',
    ],
)
def test_wait_for_annotation(stack, namespace, cluster, expression):
    path = f"/apis/apps/v1/namespaces/{namespace}/replicasets/set"
    labels = {"app": "set"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "demo"}]}}
    replica_set = document(
        "apps/v1",
        "ReplicaSet",
        namespace,
        "set",
        {"pulumi.com/waitFor": expression},
        spec={"replicas": 3, "selector": {"matchLabels": labels}, "template": template},
    )
    condition = {"type": "Progressing", "status": "True", "reason": "Started", "message": ""}
    later(5, write_status, (cluster, path, {"replicas": 3, "conditions": [condition]}))

    run = stack.up(manifest("set", replica_set))

    assert run.seconds > 4
    assert any("waiting for" in status for status in run.statuses)


def test_invalid_wait_for_fails_before_any_creation(stack, namespace, cluster):
    account = document("v1", "ServiceAccount", namespace, "account", {"pulumi.com/waitFor": "Ready"})

    run = stack.up(manifest("account", account), fails=True)

    assert "condition=" in run.text
    assert cluster.get(f"/api/v1/namespaces/{namespace}/serviceaccounts/account").status_code == 404


def test_volume_claim_of_a_late_binding_class_is_ready_at_once(stack, namespace, cluster):
    late = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": namespace},
        "provisioner": "example.org/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": namespace,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    claim = manifest(
        "claim", document("v1", "PersistentVolumeClaim", namespace, "claim", spec=spec), depends_on=["class"]
    )

    run = stack.up(manifest("class", late), claim)

    assert run.operations("claim") == ["create"]
    assert stack.state["claim"]["outputs"]["status"]["phase"] == "Pending"
    stack.destroy()


def test_definition_and_object_of_it_in_one_program(stack, namespace, cluster):
    group = f"{namespace}.example.org"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Thing", "plural": "things", "singular": "thing"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    # The garbage collector learns of a new kind only every 30 s, and a foreground deletion waits for it.
    quick = {"pulumi.com/deletionPropagationPolicy": "background"}
    metadata = {"name": "one", "annotations": quick}
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": metadata, "size": 3}
    # Without depends_on the object may come first: it waits for its definition.
    resources = [manifest("one", thing), manifest("definition", definition)]

    planned = stack.preview(*resources)
    run = stack.up(*resources)

    assert planned.operations("one") == ["create"]
    assert run.operations("one") == ["create"]
    assert cluster.get(f"/apis/{group}/v1/things/one").json()["size"] == 3
    assert stack.state["one"]["id"] == "one"
    assert stack.up(*resources).changes == {}
    stack.destroy()


def test_output_of_an_awaited_object_is_that_of_the_ready_one(stack, namespace, cluster):
    service = document("v1", "Service", namespace, "front", spec={"ports": [{"port": 80}]})
    copy = document("v1", "ConfigMap", namespace, "copy", data={"address": output("front.spec.clusterIP")})
    front = manifest("front", service)
    front.outputs = ("spec",)

    stack.up(front, manifest("copy", copy))

    address = cluster.get(f"/api/v1/namespaces/{namespace}/services/front").json()["spec"]["clusterIP"]
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/copy").json()["data"] == {"address": address}


def test_interrupted_wait_keeps_the_object_in_the_state(stack, namespace, cluster):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/server"
    stack.write(manifest("server", deployment(namespace)))
    started = time.monotonic()
    child = stack.start("up", "--yes", "--skip-preview")
    while cluster.get(path).status_code != 200:
        assert time.monotonic() - started < 60
        time.sleep(0.2)
    time.sleep(1)

    interrupted = time.monotonic()
    os.kill(child.pid, signal.SIGINT)
    run = stack.finish(child, started, limit=60)

    assert run.code != 0
    assert time.monotonic() - interrupted < 10
    assert stack.state["server"]["id"] == f"{namespace}/server"
    ready_pods(cluster, namespace, "app=server")
    repaired = stack.up(manifest("server", deployment(namespace)))
    assert repaired.operations("server") == ["update"]
    stack.destroy()
    assert cluster.get(path).status_code == 404
