"""Covered: `helm.sh/v3:Release`: install, no change, changed values, an edited chart, refresh, failure and repair,
names, secrets in values, a repository that wants a login, uninstall.
"""

import base64
import functools
import http.server
import subprocess
import threading
import time
from pathlib import Path

import pytest
import yaml

from tests.engine.plugins.stack import Resource, asset, secret
from tools.setup.locations import BIN

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

PASSWORD = "correct-horse-battery-staple"

TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, labels: {chart: {{ .Chart.Name }}}}
data:
  size: {{ required "size is needed" .Values.size | quote }}
  password: {{ .Values.password | default "" | quote }}
  extra: {{ .Values.extra | default "" | quote }}
"""


@pytest.fixture
def chart(tmp_path) -> Path:
    folder = tmp_path / "demo"
    (folder / "templates").mkdir(parents=True)
    meta = {"apiVersion": "v2", "name": "demo", "version": "1.2.3", "appVersion": "9"}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(meta))
    (folder / "templates" / "map.yaml").write_text(TEMPLATE)
    return folder


def release(namespace, chart, name="demo", **properties):
    inputs = {"chart": str(chart), "namespace": namespace, "name": name, "timeout": 20, **properties}
    return Resource("release", "kubernetes:helm.sh/v3:Release", inputs, outputs=("status",))


def data(cluster, namespace, name="demo"):
    return cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}").json()["data"]


def test_install_change_edit_and_uninstall(stack, namespace, cluster, chart, tmp_path):
    values_file = tmp_path / "values.yaml"
    values_file.write_text("size: 1\nextra: from the file\n")
    first = release(namespace, chart, values={"size": 2}, valueYamlFiles=[asset(values_file)])

    planned = stack.preview(first)
    installed = stack.up(first)

    assert planned.operations("release") == ["create"]
    assert data(cluster, namespace) == {"size": "2", "password": "", "extra": "from the file"}
    status = stack.state["release"]["outputs"]["status"]
    assert stack.state["release"]["id"] == f"{namespace}/demo"
    assert status == {
        "appVersion": "9",
        "chart": "demo",
        "name": "demo",
        "namespace": namespace,
        "revision": 1,
        "status": "deployed",
        "version": "1.2.3",
    }
    assert stack.state["release"]["outputs"]["resourceNames"] == {"ConfigMap/v1": ["demo"]}
    assert installed.operations("release") == ["create"]
    assert stack.up(first).changes == {}

    changed = stack.up(release(namespace, chart, values={"size": 3}))
    assert changed.operations("release") == ["update"]
    assert data(cluster, namespace)["size"] == "3"

    (chart / "templates" / "map.yaml").write_text(TEMPLATE.replace("9", "10") + "  added: yes-it-was\n")
    edited = stack.up(release(namespace, chart, values={"size": 3}))
    assert edited.operations("release") == ["update"]
    assert data(cluster, namespace)["added"] == "yes-it-was"
    assert stack.state["release"]["outputs"]["status"]["revision"] == 3

    stack.destroy()
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/demo").status_code == 404


def test_release_gets_a_name_and_a_new_name_replaces_it(stack, namespace, cluster, chart):
    one = release(namespace, chart, values={"size": 1})
    del one.properties["name"]
    stack.up(one)
    identifier = stack.state["release"]["id"]

    again = stack.up(one)
    renamed = stack.up(release(namespace, chart, name="other", values={"size": 1}))

    assert identifier.startswith(f"{namespace}/release-")
    assert again.changes == {}
    assert renamed.operations("release") == ["create-replacement", "replace", "delete-replaced"]
    assert data(cluster, namespace, "other")["size"] == "1"
    stack.destroy()


def test_chart_that_does_not_render_fails_at_preview(stack, namespace, chart):
    run = stack.preview(release(namespace, chart), fails=True)

    assert "size is needed" in run.text


def test_missing_chart_is_named(stack, namespace, tmp_path):
    run = stack.preview(release(namespace, tmp_path / "absent"), fails=True)

    assert str(tmp_path / "absent") in run.text


def test_failed_release_stays_in_the_state_and_is_repaired(stack, namespace, cluster, chart):
    # A Job that no node runs never ends: waiting for it fails when the time is up.
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "endless"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "demo"}]}}},
    }
    template = chart / "templates" / "job.yaml"
    template.write_text(yaml.safe_dump(job))
    slow = release(namespace, chart, values={"size": 1}, waitForJobs=True)

    failed = stack.up(
        Resource(slow.name, slow.type, {**slow.properties, "timeout": 3}, outputs=slow.outputs), fails=True
    )

    assert "INSTALLATION FAILED" in failed.text
    assert stack.state["release"]["outputs"]["status"]["status"] == "failed"
    template.unlink()
    assert stack.up(slow).operations("release") == ["update"]
    assert stack.state["release"]["outputs"]["status"]["status"] == "deployed"
    stack.destroy()


def test_refresh_finds_changed_and_removed_releases(stack, namespace, cluster, chart, api_server):
    one = release(namespace, chart, values={"size": 1})
    stack.up(one)
    helm = [str(BIN / "helm"), "--kubeconfig", str(api_server.kubeconfig), "--namespace", namespace]

    assert stack.refresh().changes == {}
    subprocess.run([*helm, "upgrade", "demo", str(chart), "--set", "size=7"], check=True, capture_output=True)
    stack.refresh()
    repaired = stack.up(one)
    subprocess.run([*helm, "uninstall", "demo"], check=True, capture_output=True)
    stack.refresh()

    assert repaired.operations("release") == ["update"]
    assert "release" not in stack.state


def test_interrupted_upgrade_is_recovered(stack, namespace, cluster, chart):
    one = release(namespace, chart, values={"size": 1})
    stack.up(one)
    stack.up(release(namespace, chart, values={"size": 2}))
    # What a helm that was killed in mid-upgrade leaves: its newest revision is pending.
    path = f"/api/v1/namespaces/{namespace}/secrets/sh.helm.release.v1.demo.v2"
    stored = cluster.get(path).json()
    pending(cluster, path, stored)

    recovered = stack.up(release(namespace, chart, values={"size": 3}))

    assert any("pending-upgrade" in message for message in recovered.messages())
    assert data(cluster, namespace)["size"] == "3"
    stack.destroy()


def pending(cluster, path, stored):
    """Mark a stored revision as pending: in its label and in the compressed record."""
    import gzip  # noqa: PLC0415
    import json  # noqa: PLC0415

    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(stored["data"]["release"]))))
    record["info"]["status"] = "pending-upgrade"
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode()))).decode()
    cluster.patch(
        path,
        json={"metadata": {"labels": {"status": "pending-upgrade"}}, "data": {"release": packed}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()


def test_secret_values_stay_secret(stack, namespace, cluster, chart):
    one = release(namespace, chart, values={"size": 1, "password": secret(PASSWORD)})
    stack.write(one)
    started = time.monotonic()
    child = stack.start("up", "--yes", "--skip-preview")
    seen = []
    while child.poll() is None:
        seen += [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
        time.sleep(0.05)
    run = stack.finish(child, started)

    assert run.code == 0, run.text
    assert data(cluster, namespace)["password"] == PASSWORD
    assert any(b"helm\0" in line for line in seen)
    assert not any(PASSWORD.encode() in line for line in seen)
    assert PASSWORD not in stack.state_text
    assert PASSWORD not in run.text

    # An error that quotes the values hides them.
    broken = (chart / "templates" / "map.yaml").read_text() + "  {{ fail .Values.password }}: 1\n"
    (chart / "templates" / "map.yaml").write_text(broken)
    failed = stack.up(one, fails=True)
    assert PASSWORD not in failed.text
    assert "[secret]" in failed.text


def _readable(path):
    try:
        path.read_bytes()
    except OSError:  # the process has ended meanwhile
        return False
    return True


class _Repository(http.server.SimpleHTTPRequestHandler):
    """A chart repository that answers only to a name and a password."""

    expected = "Basic " + base64.b64encode(f"reader:{PASSWORD}".encode()).decode()

    def do_GET(self):
        if self.headers.get("Authorization") == self.expected:
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, format, *args):  # noqa: A002 - the name in the base class
        pass


def test_repository_with_login(stack, namespace, cluster, chart, tmp_path):
    served = tmp_path / "served"
    served.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Repository, directory=str(served)))
    url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    helm = str(BIN / "helm")
    subprocess.run([helm, "package", str(chart), "--destination", str(served)], check=True, capture_output=True)
    subprocess.run([helm, "repo", "index", str(served), "--url", url], check=True, capture_output=True)
    login = {"repo": url, "username": "reader", "password": secret(PASSWORD)}

    run = stack.up(release(namespace, "demo", version="1.2.3", repositoryOpts=login, values={"size": 4}))
    server.shutdown()

    assert run.operations("release") == ["create"]
    assert data(cluster, namespace)["size"] == "4"
    assert PASSWORD not in stack.state_text
    stack.destroy()
