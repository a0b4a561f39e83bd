"""The cluster that simulated clouds hand out: a real Kubernetes API with the operators' kinds, and no nodes.

Custom resources are really applied, against the schemas of the versions that the platform installs. The operators do
not run; what Kueue would answer to a queue is written into its status here.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import yaml

from tests.engine.api_server import ApiServer, running
from tools.bundles.render import render_all

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_QUEUES = ("clusterqueues", "localqueues")

#: Kinds of OpenShift's machine API that the platform makes; their schemas are OpenShift's business, so they are open.
MACHINE_KINDS = {
    "MachineSet": ("machine.openshift.io", "v1beta1", "Namespaced"),
    "MachineAutoscaler": ("autoscaling.openshift.io", "v1beta1", "Namespaced"),
    "ClusterAutoscaler": ("autoscaling.openshift.io", "v1", "Cluster"),
}


@contextlib.contextmanager
def cluster() -> Iterator[ApiServer]:
    """A new API that knows Kueue's and KubeRay's kinds and answers as Kueue would."""
    with running() as server:
        for bundle in ("kueue.yaml", "kuberay.yaml"):
            documents = yaml.load_all(render_all()[bundle].read_text(), _LOADER)
            for document in documents:
                if document and document["kind"] == "CustomResourceDefinition":
                    define(server, document)
        with _kueue(server):
            yield server


def define(server: ApiServer, definition: dict[str, Any]) -> None:
    """Make a kind known, and wait until it is."""
    # The webhook that converts between versions belongs to the operator.
    definition["spec"].pop("conversion", None)
    server.client.post(_DEFINITIONS, json=definition).raise_for_status()
    name = definition["metadata"]["name"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        conditions = server.client.get(f"{_DEFINITIONS}/{name}").json().get("status", {}).get("conditions") or []
        if any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{name} is not established after 30 s")


def machine_kind(kind: str) -> dict[str, Any]:
    """The definition of a kind of OpenShift's machine API."""
    group, version, scope = MACHINE_KINDS[kind]
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


def make(server: ApiServer, path: str, document: dict[str, Any]) -> None:
    """Make an object."""
    server.client.post(path, json=document).raise_for_status()


def refuse(server: ApiServer, group: str, plural: str, expression: str, message: str) -> None:
    """Let the cluster refuse new objects of a kind, as the admission webhook of an operator or a data centre would.

    Args:
        expression: in CEL; where it is false for an object, that is refused.
        message: that is then told.
    """
    rule = {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE"], "resources": [plural]}
    policy = {
        "metadata": {"name": "refusing"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": expression, "message": message}],
        },
    }
    binding = {
        "metadata": {"name": "refusing"},
        "spec": {"policyName": "refusing", "validationActions": ["Deny"]},
    }
    make(server, f"{_ADMISSION}/validatingadmissionpolicies", policy)
    make(server, f"{_ADMISSION}/validatingadmissionpolicybindings", binding)


def relent(server: ApiServer) -> None:
    """Take the refusal back."""
    for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
        server.client.delete(f"{_ADMISSION}/{kind}/refusing").raise_for_status()


def names(server: ApiServer, version: str, plural: str) -> set[str]:
    """Names of all objects of a kind, in all namespaces."""
    items = server.client.get(f"/apis/{version}/{plural}").raise_for_status().json()["items"]
    return {item["metadata"]["name"] for item in items}


@contextlib.contextmanager
def _kueue(server: ApiServer) -> Iterator[None]:
    """Mark every queue as active, as Kueue does with one whose flavors exist."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            with contextlib.suppress(httpx.HTTPError):
                for plural in _QUEUES:
                    _activate(server, plural)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _activate(server: ApiServer, plural: str) -> None:
    group = "/apis/kueue.x-k8s.io/v1beta2"
    for item in server.client.get(f"{group}/{plural}").json().get("items") or []:
        if item.get("status", {}).get("conditions"):
            continue
        metadata = item["metadata"]
        space = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        active = {"type": "Active", "status": "True", "reason": "Ready", "message": "ready", "lastTransitionTime": now}
        server.client.patch(
            f"{group}{space}/{plural}/{metadata['name']}/status",
            json={"status": {"conditions": [active]}},
            headers={"Content-Type": "application/merge-patch+json"},
        )
