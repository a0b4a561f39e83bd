"""When the built-in kinds are ready. Pure functions: the live object in, a verdict out.

The rules are those of pulumi-kubernetes (provider/pkg/await), read from the objects' own status.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.plugins.kubernetes.manifest import dig, is_secret_object, number, text
from tools.plugins.kubernetes.quantities import is_equivalent

Manifest = dict[str, Any]

# Containers in these states do not come up by waiting alone; the person should see why. (kubelet: pkg/kubelet/images,
# kuberuntime)
_STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)


@dataclass(frozen=True)
class Verdict:
    """Say if an object is ready.

    Attributes:
        is_ready: nothing to wait for.
        is_failed: waiting longer is useless.
        message: what it waits for or why it failed.
    """

    is_ready: bool = False
    is_failed: bool = False
    message: str = ""


READY = Verdict(is_ready=True)


def waiting(message: str) -> Verdict:
    """Not ready yet."""
    return Verdict(message=message)


def failed(message: str) -> Verdict:
    """It will not become ready."""
    return Verdict(is_failed=True, message=message)


def condition(manifest: Manifest, kind: str) -> Manifest:
    """The condition of type `kind` in the object's status; empty when there is none."""
    for entry in dig(manifest, "status", "conditions") or []:
        if isinstance(entry, dict) and entry.get("type") == kind:
            return entry
    return {}


def is_stale(manifest: Manifest) -> bool:
    """Say if the status still speaks about an older version of the object."""
    observed = dig(manifest, "status", "observedGeneration")
    return isinstance(observed, int) and observed < number(manifest, "metadata", "generation")


def _replicas(manifest: Manifest) -> int:
    wanted = dig(manifest, "spec", "replicas")
    return 1 if wanted is None else int(wanted)


def deployment(live: Manifest) -> Verdict:
    """The newest revision is fully rolled out and available."""
    if dig(live, "status", "observedGeneration") is None or is_stale(live):
        return waiting("waiting for the deployment controller to see the change")
    wanted = _replicas(live)
    progressing = condition(live, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return failed(f"the rollout exceeded its progress deadline: {progressing.get('message', '')}")
    updated, available, total = (
        number(live, "status", field) for field in ("updatedReplicas", "availableReplicas", "replicas")
    )
    if updated < wanted:
        return waiting(f"{updated} of {wanted} pods are of the new revision")
    if total > updated:
        return waiting(f"{total - updated} old pods still run")
    if available < wanted:
        failure = condition(live, "ReplicaFailure")
        detail = f": {failure['message']}" if failure.get("status") == "True" and failure.get("message") else ""
        return waiting(f"{available} of {wanted} pods are available{detail}")
    return READY


def stateful_set(live: Manifest) -> Verdict:
    """All replicas are ready and of the newest revision (unless the update strategy leaves that to a person)."""
    if dig(live, "status", "observedGeneration") is None or is_stale(live):
        return waiting("waiting for the stateful set controller to see the change")
    wanted = _replicas(live)
    ready, updated = number(live, "status", "readyReplicas"), number(live, "status", "updatedReplicas")
    if ready < wanted:
        return waiting(f"{ready} of {wanted} pods are ready")
    strategy = text(live, "spec", "updateStrategy", "type") or "RollingUpdate"
    partition = number(live, "spec", "updateStrategy", "rollingUpdate", "partition")
    if strategy == "RollingUpdate" and updated < wanted - partition:
        return waiting(f"{updated} of {wanted - partition} pods are of the new revision")
    return READY


def daemon_set(live: Manifest) -> Verdict:
    """A pod of the newest revision is available on every node that should have one."""
    if dig(live, "status", "observedGeneration") is None or is_stale(live):
        return waiting("waiting for the daemon set controller to see the change")
    wanted = number(live, "status", "desiredNumberScheduled")
    updated, available = (number(live, "status", field) for field in ("updatedNumberScheduled", "numberAvailable"))
    if text(live, "spec", "updateStrategy", "type") == "OnDelete":
        updated = wanted
    if min(updated, available) < wanted:
        return waiting(f"{min(updated, available)} of {wanted} pods are available")
    return READY


def job(live: Manifest) -> Verdict:
    """The job has completed."""
    if (end := condition(live, "Failed")).get("status") == "True":
        return failed(f"the job failed: {end.get('reason', '')}: {end.get('message', '')}")
    if condition(live, "Complete").get("status") == "True":
        return READY
    if condition(live, "Suspended").get("status") == "True":
        return waiting("the job is suspended")
    wanted = number(live, "spec", "completions") or 1
    return waiting(f"{number(live, 'status', 'succeeded')} of {wanted} pods have completed")


def pod(live: Manifest) -> Verdict:
    """The pod is ready, or has ended well."""
    phase = text(live, "status", "phase")
    if phase == "Succeeded" or condition(live, "Ready").get("status") == "True":
        return READY
    if phase == "Failed":
        return failed(f"the pod failed: {text(live, 'status', 'reason')} {text(live, 'status', 'message')}".strip())
    return waiting(pod_trouble(live) or f"the pod is {phase or 'not scheduled yet'}")


def pod_trouble(live: Manifest) -> str:
    """Why a pod does not run, in a sentence; empty when nothing is wrong with it."""
    scheduled = condition(live, "PodScheduled")
    if scheduled.get("status") == "False":
        return f"it cannot be scheduled: {scheduled.get('message', '')}"
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in dig(live, "status", field) or []:
            state = dig(container, "state", "waiting") or {}
            if state.get("reason") in _STUCK:
                return f"container {container.get('name')}: {state['reason']}: {state.get('message', '')}"
    return ""


def service(live: Manifest, endpoint_slices: list[Manifest]) -> Verdict:
    """It has a ready endpoint, if it selects pods, and an address, if it is a load balancer."""
    kind = text(live, "spec", "type") or "ClusterIP"
    if kind == "ExternalName" or not dig(live, "spec", "selector"):
        return READY
    if text(live, "spec", "clusterIP") != "None" and not _ready_endpoints(endpoint_slices):
        return waiting("no pod that the service selects is ready")
    if kind == "LoadBalancer" and not dig(live, "status", "loadBalancer", "ingress"):
        return waiting("the load balancer has no address yet")
    return READY


def _ready_endpoints(endpoint_slices: list[Manifest]) -> int:
    return sum(
        dig(endpoint, "conditions", "ready") is not False
        for entry in endpoint_slices
        for endpoint in entry.get("endpoints") or []
    )


def volume_claim(live: Manifest, storage_class: Manifest | None) -> Verdict:
    """It is bound, or its class binds only when a pod comes."""
    phase = text(live, "status", "phase")
    if phase == "Bound":
        return READY
    if phase == "Lost":
        return failed("the volume that the claim was bound to is lost")
    if storage_class is not None and text(storage_class, "volumeBindingMode") == "WaitForFirstConsumer":
        return READY if phase == "Pending" else waiting("the claim has no status yet")
    return waiting(f"the claim is {phase or 'not seen yet'}, not Bound")


def volume(live: Manifest) -> Verdict:
    """It is available or bound."""
    phase = text(live, "status", "phase")
    if phase == "Failed":
        return failed(f"the volume failed: {text(live, 'status', 'message')}")
    return READY if phase in ("Available", "Bound") else waiting(f"the volume is {phase or 'not seen yet'}")


def namespace(live: Manifest) -> Verdict:
    """It is active."""
    phase = text(live, "status", "phase")
    return READY if phase == "Active" else waiting(f"the namespace is {phase or 'not seen yet'}")


def ingress(live: Manifest) -> Verdict:
    """A controller has given it an address."""
    if dig(live, "status", "loadBalancer", "ingress"):
        return READY
    return waiting("no ingress controller has given it an address")


def replication_controller(live: Manifest) -> Verdict:
    """All replicas are available."""
    wanted, available = _replicas(live), number(live, "status", "availableReplicas")
    return READY if available >= wanted else waiting(f"{available} of {wanted} pods are available")


def resource_quota(live: Manifest) -> Verdict:
    """The controller has taken the limits over."""
    wanted, seen = dig(live, "spec", "hard") or {}, dig(live, "status", "hard") or {}
    is_same = wanted.keys() == seen.keys() and all(is_equivalent(wanted[key], seen[key]) for key in wanted)
    return READY if is_same else waiting("the quota controller has not taken the limits over")


def service_account_token(live: Manifest) -> Verdict:
    """A Secret for a service account's token has been filled; other Secrets are ready at once."""
    if text(live, "type") != "kubernetes.io/service-account-token" or not is_secret_object(live):
        return READY
    return READY if dig(live, "data") else waiting("the token controller has not filled the secret")


def definition(live: Manifest) -> Verdict:
    """The API server serves the kind."""
    if (names := condition(live, "NamesAccepted")).get("status") == "False":
        return failed(f"the names of the definition are not accepted: {names.get('message', '')}")
    return READY if condition(live, "Established").get("status") == "True" else waiting("the kind is not served yet")


def generic(live: Manifest) -> Verdict:
    """Any object, by the conventions for conditions (kstatus of sigs.k8s.io/cli-utils); for PULUMI_K8S_AWAIT_ALL."""
    if dig(live, "metadata", "deletionTimestamp"):
        return waiting("it is being deleted")
    if is_stale(live):
        return waiting("its controller has not seen the change")
    stalled, reconciling, ready = (condition(live, kind) for kind in ("Stalled", "Reconciling", "Ready"))
    if stalled.get("status") == "True":
        return failed(f"{stalled.get('reason', 'Stalled')}: {stalled.get('message', '')}")
    if reconciling.get("status") == "True":
        return waiting(f"{reconciling.get('reason', 'Reconciling')}: {reconciling.get('message', '')}")
    if ready and ready.get("status") != "True":
        return waiting(f"{ready.get('reason', 'not Ready')}: {ready.get('message', '')}")
    return READY


_SELF_CONTAINED: dict[tuple[str, str], Callable[[Manifest], Verdict]] = {
    ("apps", "DaemonSet"): daemon_set,
    ("apps", "Deployment"): deployment,
    ("apps", "StatefulSet"): stateful_set,
    ("batch", "Job"): job,
    ("networking.k8s.io", "Ingress"): ingress,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition,
    ("", "Namespace"): namespace,
    ("", "PersistentVolume"): volume,
    ("", "Pod"): pod,
    ("", "ReplicationController"): replication_controller,
    ("", "ResourceQuota"): resource_quota,
    ("", "Secret"): service_account_token,
}

# Seconds; other kinds have the default of 10 minutes (provider/pkg/await/awaiters.go).
_TIMEOUTS = {
    ("", "PersistentVolume"): 300.0,
    ("", "PersistentVolumeClaim"): 300.0,
    ("", "ResourceQuota"): 60.0,
    ("", "Secret"): 5.0,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): 60.0,
    ("", "Namespace"): 60.0,
}
_DEFAULT_TIMEOUT_SECONDS = 600.0


def group_kind(manifest: Manifest) -> tuple[str, str]:
    """The API group (empty for the core group) and the kind."""
    return text(manifest, "apiVersion").rpartition("/")[0], text(manifest, "kind")


def rule_for(manifest: Manifest) -> Callable[[Manifest], Verdict] | None:
    """The rule of a kind that can be judged by the object alone; None for others."""
    return _SELF_CONTAINED.get(group_kind(manifest))


def default_timeout(manifest: Manifest) -> float:
    """Return the default time-out of a kind, in seconds."""
    return _TIMEOUTS.get(group_kind(manifest), _DEFAULT_TIMEOUT_SECONDS)
