"""One local cluster: up, down, status.

`up` looks at what is there and does the rest, so it is the repair as well as the start. Nothing watches the processes
in between: a component that dies stays down until the next `up`.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tools.cluster import (
    cgroups,
    checks,
    containerd,
    control_plane,
    dns,
    health,
    host_settings,
    kubelet,
    pretend_gpu,
    rbac,
    simulated_nodes,
)
from tools.cluster.addresses import API_PORT, AddressPlan, checked_name
from tools.cluster.api import Api
from tools.cluster.certificates import issue
from tools.cluster.daemon import Command, Daemon, identity
from tools.cluster.errors import ClusterError
from tools.cluster.kubeconfig import write_kubeconfigs
from tools.cluster.namespace import Namespace, link_exists, mounts_below
from tools.cluster.stages import Report, Stages, silent
from tools.cluster.state import FIRST_INSTANCE, StateFolder, allocate_number, numbers, root_locked, state_root

COMPONENTS = ("containerd", "etcd", "apiserver", "controller-manager", "scheduler", "kubelet", "proxy")
"""Processes of every instance, in the order in which they start. `kwok` joins them where nodes are simulated."""

OWN_IMAGES = ("pause", "coredns")
"""Images without which no pod starts, or finds anything by name."""

STOP_ORDER = ("kwok", "proxy", "kubelet", "scheduler", "controller-manager", "apiserver", "etcd", "containerd")
"""The kubelet goes before its containers, lest it start them again; the API server before etcd, without which it
lingers."""


@dataclass(frozen=True)
class ComponentState:
    """What `status` tells of one component: `state` is running, failing or stopped."""

    name: str
    state: str
    pid: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """What `up` did: seconds per stage, and the processes it had to start."""

    seconds: dict[str, float]
    started: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Instance:
    """A local cluster by name. Creating the object touches nothing."""

    files: StateFolder

    @classmethod
    def named(cls, name: str = FIRST_INSTANCE) -> Self:
        """Return the instance of that name under the state root.

        Raises:
            ClusterError: the name cannot be one.
        """
        return cls(StateFolder(state_root(), checked_name(name)))

    @property
    def name(self) -> str:
        """The instance's name, which is also its node's."""
        return self.files.instance

    @property
    def number(self) -> int:
        """The number from which all addresses follow.

        Raises:
            ClusterError: the instance has never been up.
        """
        recorded = self.files.read().get("number")
        if isinstance(recorded, int):
            return recorded
        if self.name == FIRST_INSTANCE:
            return 0
        raise ClusterError(f"there is no instance {self.name!r}: `python -m tools.cluster up --instance {self.name}`")

    @property
    def plan(self) -> AddressPlan:
        """The instance's addresses."""
        return AddressPlan(self.number)

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.files.path

    @property
    def kubeconfig(self) -> Path:
        """The admin's kubeconfig (0600)."""
        return self.files.kubeconfig

    @property
    def containerd_socket(self) -> Path:
        """The socket through which images are loaded."""
        return self.files.containerd_socket

    @property
    def volumes(self) -> Path:
        """The folder for host-path volumes of workspaces."""
        return self.files.volumes

    @property
    def node_address(self) -> str:
        """The node's address, reachable from this machine only."""
        return str(self.plan.node.ip)

    @property
    def api_url(self) -> str:
        """The API server's URL."""
        return self.plan.api_url

    def log_path(self, component: str) -> Path:
        """Return the log file of a component.

        Raises:
            ClusterError: there is no such component.
        """
        if component not in STOP_ORDER:
            raise ClusterError(f"there is no component {component!r}; there are: {', '.join(sorted(STOP_ORDER))}")
        return self.files.folder("logs", f"{component}.log")

    def up(self, gpus: int | None = None, kwok_nodes: int | None = None, report: Report = silent) -> Outcome:
        """Make the cluster run, repairing what is broken; an `up` of a healthy cluster changes nothing.

        Args:
            gpus: pretend GPUs of the node; None keeps the last wish, 1 at first.
            kwok_nodes: simulated nodes of 8 GPUs each; None keeps the last wish, 0 at first.
            report: called at the begin and the end of every stage.

        Raises:
            ClusterError: what is missing or in the way, or which component does not come up, with its last words.
        """
        run = _Up(self, Stages(report), gpus, kwok_nodes)
        with run.stages("checks"):
            wishes = self.files.read()
            wanted_nodes = wishes.get("kwok_nodes", 0) if kwok_nodes is None else kwok_nodes
            checks.machine(self.files, kwok=wanted_nodes > 0)
        with self.files.locked():
            return run.run()

    def down(self, *, keep_data: bool = False, report: Report = silent) -> None:
        """Remove everything of the instance from the machine: processes, containers, links, mounts, groups, state.

        Args:
            keep_data: leave the state folder, so that the next `up` continues with the same objects and images.
            report: called at the begin and the end of every stage.
        """
        if os.geteuid() != 0:
            raise ClusterError("taking a local cluster down needs root: run it with sudo")
        if not self.files.root.exists():
            return
        stages = Stages(report)
        with self.files.locked():
            with stages("processes"):
                self._stop_everything(polite_seconds=10 if keep_data else 3)
            with stages("network and mounts"):
                self._namespace().remove()
                cgroups.remove(self.name)
            with stages("files"):
                self._remove_files(keep_data=keep_data)
                if not numbers(self.files.root) or (keep_data and len(numbers(self.files.root)) == 1):
                    host_settings.restore(self.files.root)

    def is_running(self) -> bool:
        """Tell whether every process of the instance runs (whether they are well, `status` tells)."""
        return self._namespace_exists() and all(self.daemon(name).running() for name in COMPONENTS)

    def status(self) -> list[ComponentState]:
        """Return the state of every component, of the node and of DNS. Works without root as far as files allow."""
        reachable = self._namespace_exists() and link_exists(self.plan.host_link)
        states = [self._component_state(name, reachable=reachable) for name in self._expected()]
        if not reachable or states[COMPONENTS.index("apiserver")].state != "running":
            return [*states, ComponentState("node", "stopped"), ComponentState("dns", "stopped")]
        with Api(self.kubeconfig, timeout_seconds=5) as api:
            return [*states, self._node_state(api), self._dns_state()]

    def daemon(self, component: str) -> Daemon:
        """Return a component's process, running or not."""
        return Daemon(component, self.files.folder("run", f"{component}.json"), self.log_path(component))

    def _expected(self) -> tuple[str, ...]:
        return (*COMPONENTS, "kwok") if self.files.read().get("kwok_nodes") else COMPONENTS

    def _namespace(self) -> Namespace:
        try:
            plan = self.plan
        except ClusterError:
            # Never recorded: only pins by name can be left, and the link's name belongs to nobody.
            plan = AddressPlan(254)
        return Namespace(self.files, plan)

    def _namespace_exists(self) -> bool:
        return self._namespace().exists()

    def _component_state(self, name: str, *, reachable: bool) -> ComponentState:
        running = self.daemon(name).running()
        if running is None:
            return ComponentState(name, "stopped", detail=f"log: {self.log_path(name)}")
        if not reachable:
            return ComponentState(name, "failing", running.pid, "the instance's network is gone: `up` repairs it")
        if _healthy(name, self.files, self.plan):
            return ComponentState(name, "running", running.pid)
        return ComponentState(name, "failing", running.pid, self.daemon(name).last_words(1))

    def _node_state(self, api: Api) -> ComponentState:
        try:
            node = api.get(f"/api/v1/nodes/{self.name}")
        except ClusterError as error:
            # An API server whose etcd has just died says "ready" a little longer.
            return ComponentState("node", "failing", detail=str(error))
        if node is None or not simulated_nodes.is_ready(node):
            return ComponentState("node", "failing", detail="not Ready")
        gpus = node["status"].get("allocatable", {}).get(pretend_gpu.RESOURCE, "0")
        extra = f", {ready} simulated nodes Ready" if (ready := simulated_nodes.ready_count(api)) else ""
        return ComponentState("node", "running", detail=f"Ready, {gpus} pretend GPU{extra}")

    def _dns_state(self) -> ComponentState:
        return ComponentState("dns", "running" if _dns_answers(self.plan) else "failing")

    def _stop_everything(self, polite_seconds: float) -> None:
        """End all processes: components in order, then pods by their groups, then whatever is left inside."""
        namespace = self._namespace()
        for name in STOP_ORDER:
            if name == "containerd":
                _kill(cgroups.processes, self.name)
            self.daemon(name).stop(polite_seconds)
        _kill(namespace.processes)
        _kill(cgroups.processes, self.name)

    def _remove_files(self, *, keep_data: bool) -> None:
        if below := mounts_below(self.state):
            raise ClusterError(
                f"{below[0]} is still mounted in the state folder: `umount {below[0]}`, then `down` again"
            )
        if not keep_data:
            shutil.rmtree(self.state, ignore_errors=False) if self.state.exists() else None


@dataclass
class _Up:
    """One run of `up`: the steps in order, and what they need from each other."""

    instance: Instance
    stages: Stages
    gpus: int | None
    kwok_nodes: int | None
    started: list[str] = field(default_factory=list)

    def run(self) -> Outcome:
        """Do every step."""
        with self.stages("addresses"):
            self._take_number()
        with self.stages("images"):
            images = _build_images()
        with self.stages("certificates"):
            self._write_files(images["pause"])
        with self.stages("network"):
            self._enter_namespace()
        with self.stages("storage"):
            self._start(control_plane.etcd(self.files, self.plan))
            self._start(containerd.command(self.files))
            self._wait_healthy("etcd")
            self._wait_healthy("containerd")
        with self.stages("api"):
            self._start(control_plane.apiserver(self.files, self.plan))
            _load_images(self.files.containerd_socket, images)
            self._wait_healthy("apiserver")
        with Api(self.files.kubeconfig) as api:
            with self.stages("node"):
                self._bring_node(api)
            with self.stages("dns"):
                self._bring_dns(api, images["coredns"])
            with self.stages("simulated nodes"):
                self._bring_simulated_nodes(api)
        return Outcome(self.stages.seconds, self.started)

    @property
    def files(self) -> StateFolder:
        """The instance's folder."""
        return self.instance.files

    @property
    def plan(self) -> AddressPlan:
        """The instance's addresses, known once the number is taken."""
        return self.instance.plan

    @property
    def namespace(self) -> Namespace:
        """The instance's namespaces."""
        return Namespace(self.files, self.plan)

    def _take_number(self) -> None:
        with root_locked(self.files.root):
            number = allocate_number(self.files, usable=lambda candidate: checks.usable(AddressPlan(candidate)))
            checks.addresses(Namespace(self.files, AddressPlan(number)))
            self.files.create()
            wishes: dict[str, Any] = {"gpus": 1, "kwok_nodes": 0} | self.files.read() | {"number": number}
            if self.gpus is not None:
                wishes["gpus"] = self.gpus
            if self.kwok_nodes is not None:
                wishes["kwok_nodes"] = self.kwok_nodes
            self.files.write(**wishes)

    def _write_files(self, pause_image: str) -> None:
        issue(self.files.folder("pki"), self.instance.name, self.plan)
        write_kubeconfigs(self.files, self.plan)
        containerd.write_configuration(self.files, self.plan, pause_image)
        kubelet.write_configuration(self.files, self.plan)

    def _enter_namespace(self) -> None:
        namespace = self.namespace
        if not namespace.intact():
            # A reboot, or somebody removed the pins or a mount: what still runs does so in namespaces nobody can enter
            # any more, and what containerd and the address book remember of running containers is void.
            self.instance._stop_everything(polite_seconds=5)
            for void in (self.files.folder("containerd", "state"), self.files.folder("cni", "networks")):
                shutil.rmtree(void, ignore_errors=True)
        namespace.ensure()
        cgroups.ensure(self.instance.name)
        host_settings.remember(self.files.root)
        checks.ports(namespace, _PORTS, self._is_ours)

    def _is_ours(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            program = Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
            return program in {command.argv[0] for command in self._commands()}
        return False

    def _commands(self) -> list[Command]:
        return [
            containerd.command(self.files),
            control_plane.etcd(self.files, self.plan),
            control_plane.apiserver(self.files, self.plan),
            control_plane.controller_manager(self.files, self.plan),
            control_plane.scheduler(self.files, self.plan),
            kubelet.command(self.files, self.plan),
            control_plane.proxy(self.files, self.plan),
        ]

    def _start(self, command: Command) -> bool:
        """Start a component unless it runs just so; end strays of it first. Return whether it was started."""
        daemon = self.instance.daemon(command.name)
        if daemon.up_to_date(command):
            return False
        daemon.stop()
        self._end_strays(command)
        daemon.start(command, self.namespace.enter)
        self.started.append(command.name)
        return True

    def _end_strays(self, command: Command) -> None:
        """End processes of the same program inside, started by an `up` that died before it could record them."""
        program = command.argv[0].encode()

        def strays() -> Iterable[int]:
            for pid in self.namespace.processes():
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0] == program:
                        yield pid

        _kill(strays)

    def _wait_healthy(self, component: str, timeout_seconds: float = 60) -> None:
        self._wait(component, lambda: _healthy(component, self.files, self.plan), timeout_seconds)

    def _wait(self, component: str, good: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until `good`; end at once, with the process's last words, if the component dies meanwhile."""
        daemon, deadline = self.instance.daemon(component), time.monotonic() + timeout_seconds
        while not good():
            if daemon.running() is None:
                raise ClusterError(f"{component} ended by itself: {daemon.last_words()} (all of it: {daemon.log})")
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"{component} was not ready within {timeout_seconds:.0f} s: {daemon.last_words()} "
                    f"(all of it: {daemon.log}); `up` again continues"
                )
            time.sleep(0.1)

    def _bring_node(self, api: Api) -> None:
        for manifest in rbac.manifests():
            api.apply(manifest)
        self._start(control_plane.controller_manager(self.files, self.plan))
        self._start(control_plane.scheduler(self.files, self.plan))
        began = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        fresh = self._start(kubelet.command(self.files, self.plan))
        self._wait("kubelet", lambda: self._node_ready(api, began if fresh else None), 120)
        # After the node: kube-proxy waits half a minute for an address of its node if there is none yet.
        self._start(control_plane.proxy(self.files, self.plan))
        gpus = self.files.read()["gpus"]
        if not pretend_gpu.in_place(self._node(api), gpus):
            pretend_gpu.put_in_place(api, self.instance.name, gpus)
            self._wait("kubelet", lambda: pretend_gpu.in_place(self._node(api), gpus), 30)
        for component in ("controller-manager", "scheduler", "proxy"):
            self._wait_healthy(component)

    def _node(self, api: Api) -> dict[str, Any]:
        return api.get(f"/api/v1/nodes/{self.instance.name}") or {"metadata": {}}

    def _node_ready(self, api: Api, since: datetime.datetime | None) -> bool:
        """Tell whether the node is Ready and, after a start of the kubelet, whether that is news and not memory.

        A kubelet that registers again also resets the pretend GPU; its first report comes after that.
        """
        for condition in self._node(api).get("status", {}).get("conditions", []):
            if condition["type"] == "Ready" and condition["status"] == "True":
                return since is None or datetime.datetime.fromisoformat(condition["lastHeartbeatTime"]) >= since
        return False

    def _bring_dns(self, api: Api, image: str) -> None:
        for manifest in dns.manifests(self.plan, image):
            api.apply(manifest)
        self._wait("kubelet", lambda: _dns_answers(self.plan), 120)

    def _bring_simulated_nodes(self, api: Api) -> None:
        wanted = self.files.read()["kwok_nodes"]
        simulated_nodes.reconcile(api, self.instance.name, wanted)
        if not wanted:
            self.instance.daemon("kwok").stop()
            return
        self._start(control_plane.kwok(self.files, simulated_nodes.write_stages(self.files)))
        self._wait("kwok", lambda: simulated_nodes.ready_count(api) == wanted, 60)


_PORTS = {
    "etcd": 2379,
    "etcd's peers": 2380,
    "apiserver": API_PORT,
    "kubelet's API": 10250,
    **{f"{component}'s health": port for component, port in control_plane.HEALTH_PORTS.items()},
}
"""Ports the components listen on inside the namespace."""


def _healthy(component: str, files: StateFolder, plan: AddressPlan) -> bool:
    if component == "containerd":
        return containerd.answers(files)
    if component == "apiserver":
        with Api(files.kubeconfig) as api:
            return api.ready()
    if component == "kwok":
        return True  # it listens on the namespace's loopback only; its nodes' readiness tells more
    return health.answers(component, files, plan)


def _dns_answers(plan: AddressPlan) -> bool:
    """Tell whether cluster DNS, asked through its service address, knows the API server's service."""
    return health.resolve(plan.dns_service, "kubernetes.default.svc.cluster.local") == [plan.api_service]


def _build_images() -> dict[str, str]:
    """Return the references of the cluster's own images, built if the cache lacks them."""
    # Imported here: building images needs tools that `status`, `logs` and `down` do not.
    from tools import images  # noqa: PLC0415

    try:
        refs = images.keys(OWN_IMAGES)
        with contextlib.suppress(images.ImageError):
            # A build takes its turn after any other build; a cluster whose images are there need not wait for it.
            for ref in refs.values():
                images.resolve(ref)
            return refs
        return images.build(OWN_IMAGES)
    except images.ImageError as error:
        raise ClusterError(f"the cluster's own images could not be built: {error}") from error


def _load_images(socket: Path, refs: dict[str, str]) -> None:
    from tools import images  # noqa: PLC0415

    try:
        images.load(socket, refs.values())
    except images.ImageError as error:
        raise ClusterError(f"the cluster's own images could not be loaded: {error}") from error


def _kill(find: Callable[..., Iterable[int]], *arguments: str, timeout_seconds: float = 20) -> None:
    """SIGKILL whatever `find` finds until it finds nothing; it looks again each time, so no pid is stale.

    Raises:
        ClusterError: something is still there after the time-out.
    """
    deadline = time.monotonic() + timeout_seconds
    while found := [pid for pid in find(*arguments) if identity(pid)]:
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise ClusterError(f"processes {', '.join(map(str, found))} do not end; they may be stuck in the kernel")
        time.sleep(0.05)
