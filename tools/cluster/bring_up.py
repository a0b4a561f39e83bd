"""Steps that bring an instance up. Each step completes what already exists."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import images
from tools.cluster import (
    cgroups,
    checks,
    containerd,
    control_plane,
    dns,
    host_settings,
    kubelet,
    pretend_gpu,
    rbac,
    simulated_nodes,
)
from tools.cluster.addresses import API_PORT, AddressPlan
from tools.cluster.api import Api
from tools.cluster.certificates import issue
from tools.cluster.components import PATIENCE_SECONDS, daemon, dns_answers, healthy, kill, stop_all
from tools.cluster.daemon import Command
from tools.cluster.errors import ClusterError
from tools.cluster.kubeconfig import write_kubeconfigs
from tools.cluster.namespace import Namespace
from tools.cluster.stages import Stages
from tools.cluster.state import StateFolder, allocate_number, lock_root

OWN_IMAGES = ("pause", "coredns")
"""Images without which no pod starts, or resolves a name."""


@dataclass(frozen=True)
class Outcome:
    """Result of `up`: seconds of each stage, and the processes that it started."""

    seconds: dict[str, float]
    started: list[str] = field(default_factory=list)


@dataclass
class BringUp:
    """One run of `up`: the steps in order, and the values that they share."""

    files: StateFolder
    stages: Stages
    gpus: int | None
    kwok_nodes: int | None
    started: list[str] = field(default_factory=list)

    def run(self) -> Outcome:
        """Run every step."""
        with self.stages("addresses"):
            self._take_number()
        with self.stages("images"):
            refs = _build_images()
        with self.stages("certificates"):
            self._write_files(refs["pause"])
        with self.stages("network"):
            self._enter_namespace()
        with self.stages("storage"):
            self._start(control_plane.etcd(self.files, self.plan))
            self._start(containerd.command(self.files))
            self._wait_healthy("etcd")
            self._wait_healthy("containerd")
        with self.stages("api"):
            self._start(control_plane.apiserver(self.files, self.plan))
            _load_images(self.files.containerd_socket, refs)
            self._wait_healthy("apiserver")
        with Api(self.files.kubeconfig) as api:
            with self.stages("node"):
                self._bring_node(api)
            with self.stages("dns"):
                self._bring_dns(api, refs["coredns"])
            with self.stages("simulated nodes"):
                self._bring_simulated_nodes(api)
        return Outcome(self.stages.seconds, self.started)

    @property
    def plan(self) -> AddressPlan:
        """Addresses of the instance, known once the number is taken."""
        return AddressPlan(self.files.read()["number"])

    @property
    def namespace(self) -> Namespace:
        """Namespaces of the instance."""
        return Namespace(self.files, self.plan)

    def _take_number(self) -> None:
        with lock_root(self.files.root):
            number = allocate_number(self.files, is_free=lambda candidate: checks.is_free(AddressPlan(candidate)))
            checks.check_addresses(Namespace(self.files, AddressPlan(number)))
            self.files.create()
            settings: dict[str, Any] = {"gpus": 1, "kwok_nodes": 0} | self.files.read() | {"number": number}
            if self.gpus is not None:
                settings["gpus"] = self.gpus
            if self.kwok_nodes is not None:
                settings["kwok_nodes"] = self.kwok_nodes
            self.files.write(**settings)

    def _write_files(self, pause_image: str) -> None:
        issue(self.files.folder("pki"), self.files.instance, self.plan)
        write_kubeconfigs(self.files, self.plan)
        containerd.write_configuration(self.files, self.plan, pause_image)
        kubelet.write_configuration(self.files, self.plan)

    def _enter_namespace(self) -> None:
        namespace = self.namespace
        if not namespace.intact():
            # After a reboot, or the removal of a pin or a mount: remaining processes run in namespaces that cannot be
            # entered any more, and the records of running containers and their addresses are void.
            stop_all(namespace)
            for folder in (self.files.folder("containerd", "state"), self.files.folder("cni", "networks")):
                shutil.rmtree(folder, ignore_errors=True)
        namespace.ensure()
        cgroups.ensure(self.files.instance)
        host_settings.remember(self.files.root)
        checks.check_ports(namespace, _PORTS, self._is_ours)

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
        """Start a component unless this very command runs; end strays of it first. Return whether it was started."""
        process = daemon(self.files, command.name)
        if process.up_to_date(command):
            return False
        process.stop(PATIENCE_SECONDS)
        self._end_strays(command)
        process.start(command, self.namespace.enter)
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

        kill(strays)

    def _wait_healthy(self, component: str, timeout_seconds: float = 60) -> None:
        self._wait(component, lambda: healthy(component, self.files, self.plan), timeout_seconds)

    def _wait(self, component: str, is_good: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until `is_good`; raise at once, with the end of its log, if the component dies meanwhile."""
        process, deadline = daemon(self.files, component), time.monotonic() + timeout_seconds
        while not is_good():
            if process.running() is None:
                raise ClusterError(f"{component} ended by itself: {process.last_words()} (whole log: {process.log})")
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"{component} was not ready within {timeout_seconds:.0f} s: {process.last_words()} "
                    f"(whole log: {process.log}); run `up` again to continue"
                )
            time.sleep(0.1)

    def _bring_node(self, api: Api) -> None:
        for manifest in rbac.manifests():
            api.apply(manifest)
        self._start(control_plane.controller_manager(self.files, self.plan))
        self._start(control_plane.scheduler(self.files, self.plan))
        began = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        is_new = self._start(kubelet.command(self.files, self.plan))
        self._wait("kubelet", lambda: self._node_ready(api, began if is_new else None), 120)
        # After the node: kube-proxy waits half a minute for an address of its node if there is none yet.
        self._start(control_plane.proxy(self.files, self.plan))
        gpus = self.files.read()["gpus"]
        if not pretend_gpu.is_installed(self._node(api), gpus):
            pretend_gpu.install(api, self.files.instance, gpus)
            self._wait("kubelet", lambda: pretend_gpu.is_installed(self._node(api), gpus), 30)
        for component in ("controller-manager", "scheduler", "proxy"):
            self._wait_healthy(component)

    def _node(self, api: Api) -> dict[str, Any]:
        return api.get(f"/api/v1/nodes/{self.files.instance}") or {"metadata": {}}

    def _node_ready(self, api: Api, since: datetime.datetime | None) -> bool:
        """Tell whether the node is Ready, by a report later than `since` if that is given.

        A kubelet that registers again also resets the pretend GPU; its first report comes after that.
        """
        for condition in self._node(api).get("status", {}).get("conditions", []):
            if condition["type"] == "Ready" and condition["status"] == "True":
                return since is None or datetime.datetime.fromisoformat(condition["lastHeartbeatTime"]) >= since
        return False

    def _bring_dns(self, api: Api, image: str) -> None:
        for manifest in dns.manifests(self.plan, image):
            api.apply(manifest)
        self._wait("kubelet", lambda: dns_answers(self.plan), 120)

    def _bring_simulated_nodes(self, api: Api) -> None:
        count = self.files.read()["kwok_nodes"]
        simulated_nodes.reconcile(api, self.files.instance, count)
        if not count:
            daemon(self.files, "kwok").stop()
            return
        self._start(control_plane.kwok(self.files, simulated_nodes.write_stages(self.files)))
        self._wait("kwok", lambda: simulated_nodes.ready_count(api) == count, 60)


_PORTS = {
    "etcd": 2379,
    "etcd's peers": 2380,
    "apiserver": API_PORT,
    "kubelet's API": 10250,
    **{f"{component}'s health": port for component, port in control_plane.HEALTH_PORTS.items()},
}
"""Ports on which the components listen inside the namespace."""


def _build_images() -> dict[str, str]:
    """Return the references of the cluster's own images, built if the cache lacks them."""
    try:
        refs = images.keys(OWN_IMAGES)
        with contextlib.suppress(images.ImageError):
            # A build waits for any other build; a cluster whose images exist need not.
            for ref in refs.values():
                images.resolve(ref)
            return refs
        return images.build(OWN_IMAGES)
    except images.ImageError as error:
        raise ClusterError(f"the cluster's own images could not be built: {error}") from error


def _load_images(socket: Path, refs: dict[str, str]) -> None:
    try:
        images.load(socket, refs.values())
    except images.ImageError as error:
        raise ClusterError(f"the cluster's own images could not be loaded: {error}") from error
