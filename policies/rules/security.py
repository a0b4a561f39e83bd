"""Rights of tenants' pods on the node that they run on.

The rules are those of the Pod Security Standard `restricted` (Kubernetes 1.36), reported at preview, before
the cluster refuses the pod, and for kinds like RayJob whose pods are made only later.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from .field import Field
from .pod import POD_KINDS, Container, containers, containers_of, pods
from .resource import Resource
from .rule import Finding, Level, Severity, rule
from .settings import Settings

_STANDARD = "Pod Security Standard restricted"
_PERSISTENT_VOLUME = ("core", "PersistentVolume")


@rule(
    name="non-root",
    kinds=POD_KINDS,
    subjects=containers,
    tenants_only=True,
    severity=Severity.HIGH,
    requirement="Containers of tenants run with runAsNonRoot true and never as user 0.",
    reason="A process that breaks out of its container as root is root on the node, and on its GPUs.",
    source=_STANDARD,
    fix="Set securityContext.runAsNonRoot to true, on the pod or on the container, and use an image with another user.",
)
def non_root(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding for the flag, one for the user."""
    flag, user = container.security("runAsNonRoot"), container.security("runAsUser")
    if flag.read() is not True:
        yield Finding(flag.path, f"container `{container.name}` may run as root", "runAsNonRoot: true")
    if user.read() == 0:
        yield Finding(user.path, f"container `{container.name}` runs as user 0", "a user above 0, or none")


@rule(
    name="no-privilege-escalation",
    kinds=POD_KINDS,
    subjects=containers,
    tenants_only=True,
    severity=Severity.HIGH,
    requirement="Containers of tenants are not privileged, forbid privilege escalation, and drop all capabilities.",
    reason="Each of these turns a bug in a notebook or a model's code into control over the node.",
    source=_STANDARD,
    fix="Set allowPrivilegeEscalation to false, capabilities.drop to [ALL], and leave privileged out.",
)
def no_privilege_escalation(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting."""
    security = container.field.at("securityContext")
    name = container.name
    if security.at("privileged").read() is True:
        yield Finding(
            security.at("privileged").path, f"container `{name}` is privileged", "privileged left out or false"
        )
    escalation = security.at("allowPrivilegeEscalation")
    if escalation.read() is not False:
        yield Finding(escalation.path, f"container `{name}` may gain privileges", "allowPrivilegeEscalation: false")
    drop = security.at("capabilities", "drop")
    if "ALL" not in [capability.read() for capability in drop.items()]:
        yield Finding(drop.path, f"container `{name}` keeps capabilities", "drop: [ALL]")
    added = security.at("capabilities", "add")
    extra = [str(capability.read()) for capability in added.items() if capability.read() != "NET_BIND_SERVICE"]
    if extra:
        yield Finding(added.path, f"container `{name}` adds {', '.join(extra)}", "nothing, or NET_BIND_SERVICE")


@rule(
    name="seccomp-profile",
    kinds=POD_KINDS,
    subjects=containers,
    tenants_only=True,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    requirement="Containers of tenants use the seccomp profile RuntimeDefault or a local one.",
    reason="Without a profile all system calls are open, and a namespace of the restricted standard refuses the pod.",
    source=_STANDARD,
    fix="Set securityContext.seccompProfile.type to RuntimeDefault on the pod.",
)
def seccomp_profile(container: Container, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """At most one finding per container."""
    profile = container.security("seccompProfile").at("type")
    if profile.read() not in ("RuntimeDefault", "Localhost"):
        yield Finding(
            profile.path, f"container `{container.name}` has no seccomp profile", "RuntimeDefault or Localhost"
        )


@rule(
    name="no-host-access",
    kinds=POD_KINDS,
    subjects=pods,
    tenants_only=True,
    severity=Severity.CRITICAL,
    requirement="Pods of tenants share no network, process table, IPC or port with their node.",
    reason="On the host's network a pod passes every NetworkPolicy and reaches the node's metadata and kubelet.",
    source=f"{_STANDARD} (host namespaces, host ports)",
    fix="Leave hostNetwork, hostPID, hostIPC and hostPort out; use a Service.",
)
def no_host_access(pod: Field, _resource: Resource, _settings: Settings) -> Iterator[Finding]:
    """One finding per setting and per port."""
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.at(key).read() is True:
            yield Finding(pod.at(key).path, f"the pod has {key}", f"{key} left out or false")
    for container in containers_of(pod):
        for port in container.field.at("ports").items():
            host_port = port.at("hostPort").read()
            if host_port:
                yield Finding(
                    port.at("hostPort").path,
                    f"container `{container.name}` takes port {host_port} of its node",
                    "no hostPort",
                )


def _volumes(resource: Resource) -> Iterator[Field]:
    if resource.kind == _PERSISTENT_VOLUME:
        yield resource.body.at("spec")
    for pod in pods(resource):
        yield from pod.at("volumes").items()


@rule(
    name="host-paths",
    kinds=POD_KINDS | {_PERSISTENT_VOLUME},
    subjects=_volumes,
    tenants_only=True,
    severity=Severity.CRITICAL,
    requirement=(
        "hostPath and local volumes of tenants, and of persistent volumes, lie in a folder of allowedHostPaths."
    ),
    reason="A path of the node, such as the container runtime's socket, is as good as root there, and joins tenants.",
    source=f"{_STANDARD} (volume types)",
    fix="Use a PersistentVolumeClaim, or a folder below one of allowedHostPaths.",
)
def host_paths(volume: Field, _resource: Resource, settings: Settings) -> Iterator[Finding]:
    """At most one finding per volume."""
    for source in ("hostPath", "local"):
        if volume.at(source).value is None:
            continue
        path = volume.at(source, "path")
        if not _is_below(path.text(), settings.allowed_host_paths):
            allowed = ", ".join(settings.allowed_host_paths) or "no host path at all (allowedHostPaths is empty)"
            yield Finding(path.path, f"the volume lies at `{path.text()}` of the node", allowed)


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() and ".." not in pure.parts and any(pure.is_relative_to(folder) for folder in folders)
