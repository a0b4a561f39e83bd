"""Local cluster: up, down, status.

`up` completes what already exists, so it repairs as well as starts. No process watches the components in between: one
that dies stays down until the next `up`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.cluster import cgroups, checks, components, host_settings, pretend_gpu, simulated_nodes
from tools.cluster.addresses import HIGHEST_NUMBER, AddressPlan, validate_name
from tools.cluster.api import Api
from tools.cluster.bring_up import BringUp, Outcome
from tools.cluster.components import COMPONENTS
from tools.cluster.daemon import Daemon
from tools.cluster.errors import ClusterError
from tools.cluster.namespace import Namespace, any_pinned, link_exists, mounts_below
from tools.cluster.stages import Report, Stages, silent
from tools.cluster.state import FIRST_INSTANCE, StateFolder
from tools.setup.locations import state


@dataclass(frozen=True)
class ComponentState:
    """Status of a component: `state` is running, failing or stopped."""

    name: str
    state: str
    pid: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Instance:
    """A local cluster by name. Creating the object touches nothing."""

    files: StateFolder

    @classmethod
    def from_name(cls, name: str = FIRST_INSTANCE) -> Self:
        """Return the instance of that name under the state root.

        Raises:
            ClusterError: the name is not allowed.
        """
        return cls(StateFolder(state(), validate_name(name)))

    @property
    def name(self) -> str:
        """Name of the instance, and of its node."""
        return self.files.instance

    @property
    def number(self) -> int:
        """Number that decides all addresses.

        Raises:
            ClusterError: the instance has never been up.
        """
        recorded = self.files.read().get("number")
        if isinstance(recorded, int):
            return recorded
        if self.name == FIRST_INSTANCE:
            return 0
        raise ClusterError(f"no instance {self.name!r}: run `python -m tools.cluster up --instance {self.name}`")

    @property
    def plan(self) -> AddressPlan:
        """Addresses of the instance."""
        return AddressPlan(self.number)

    @property
    def state(self) -> Path:
        """State folder."""
        return self.files.path

    @property
    def kubeconfig(self) -> Path:
        """Admin kubeconfig (0600)."""
        return self.files.kubeconfig

    @property
    def containerd_socket(self) -> Path:
        """Socket through which images are loaded."""
        return self.files.containerd_socket

    @property
    def volumes(self) -> Path:
        """Folder for host-path volumes of workspaces."""
        return self.files.volumes

    @property
    def node_address(self) -> str:
        """Address of the node, reachable from this machine only."""
        return str(self.plan.node.ip)

    @property
    def api_url(self) -> str:
        """URL of the API server."""
        return self.plan.api_url

    def log_path(self, component: str) -> Path:
        """Return the log file of a component.

        Raises:
            ClusterError: there is no such component.
        """
        return components.log_path(self.files, component)

    def up(self, gpus: int | None = None, kwok_nodes: int | None = None, report: Report = silent) -> Outcome:
        """Start the cluster, and repair it where it is broken; an `up` of a healthy cluster changes nothing.

        Args:
            gpus: pretend GPUs of the node; None keeps the last value, 1 at first.
            kwok_nodes: simulated nodes of 8 GPUs each; None keeps the last value, 0 at first.
            report: called at the begin and the end of every stage.

        Raises:
            ClusterError: a part is missing or in the way, or a component does not start; with the end of its log.
        """
        run = BringUp(self.files, Stages(report), gpus, kwok_nodes)
        with run.stages("checks"):
            node_count = self.files.read().get("kwok_nodes", 0) if kwok_nodes is None else kwok_nodes
            checks.check_machine(self.files, kwok=node_count > 0)
        with self.files.lock():
            return run.run()

    def down(self, *, keep_data: bool = False, report: Report = silent) -> None:
        """Remove everything of the instance from the machine: processes, containers, links, mounts, groups, state.

        Args:
            keep_data: leave the state folder, so that the next `up` continues with the same objects and images.
            report: called at the begin and the end of every stage.
        """
        if os.geteuid() != 0:
            raise ClusterError("removing a local cluster needs root: run it with sudo")
        if not self.files.root.exists():
            return
        stages = Stages(report)
        with self.files.lock():
            with stages("processes"):
                components.stop_all(self._namespace())
            with stages("network and mounts"):
                self._namespace().remove()
                cgroups.remove(self.name)
            with stages("files"):
                self._remove_files(keep_data=keep_data)
                if not any_pinned():
                    host_settings.restore(self.files.root)

    def is_running(self) -> bool:
        """Tell whether every process of the instance runs; `status` also checks their health."""
        return self._namespace_exists() and all(self.daemon(name).running() for name in COMPONENTS)

    def status(self) -> list[ComponentState]:
        """Return the state of every component, of the node and of DNS."""
        reachable = self._namespace_exists() and link_exists(self.plan.host_link)
        states = [self._component_state(name, reachable=reachable) for name in self._expected()]
        if not reachable or states[COMPONENTS.index("apiserver")].state != "running":
            return [*states, ComponentState("node", "stopped"), ComponentState("dns", "stopped")]
        with Api(self.kubeconfig, timeout_seconds=5) as api:
            return [*states, self._node_state(api), self._dns_state()]

    def daemon(self, component: str) -> Daemon:
        """Return a component's process, running or not."""
        return components.daemon(self.files, component)

    def _expected(self) -> tuple[str, ...]:
        return (*COMPONENTS, "kwok") if self.files.read().get("kwok_nodes") else COMPONENTS

    def _namespace(self) -> Namespace:
        try:
            plan = self.plan
        except ClusterError:
            # No record, or a folder that was deleted by hand: the remains are found by name, never by address.
            plan = AddressPlan(HIGHEST_NUMBER)
        return Namespace(self.files, plan)

    def _namespace_exists(self) -> bool:
        return self._namespace().exists()

    def _component_state(self, name: str, *, reachable: bool) -> ComponentState:
        running = self.daemon(name).running()
        if running is None:
            return ComponentState(name, "stopped", detail=f"log: {self.log_path(name)}")
        if not reachable:
            return ComponentState(name, "failing", running.pid, "the instance's network is gone: `up` repairs it")
        if components.healthy(name, self.files, self.plan):
            return ComponentState(name, "running", running.pid)
        return ComponentState(name, "failing", running.pid, self.daemon(name).last_words(1))

    def _node_state(self, api: Api) -> ComponentState:
        try:
            node = api.get(f"/api/v1/nodes/{self.name}")
        except ClusterError as error:
            # An API server whose etcd has just died reports "ready" for a little longer.
            return ComponentState("node", "failing", detail=str(error))
        if node is None or not simulated_nodes.is_ready(node):
            return ComponentState("node", "failing", detail="not Ready")
        gpus = node["status"].get("allocatable", {}).get(pretend_gpu.RESOURCE, "0")
        extra = f", {ready} simulated nodes Ready" if (ready := simulated_nodes.ready_count(api)) else ""
        return ComponentState("node", "running", detail=f"Ready, {gpus} pretend GPU{extra}")

    def _dns_state(self) -> ComponentState:
        return ComponentState("dns", "running" if components.dns_answers(self.plan) else "failing")

    def _remove_files(self, *, keep_data: bool) -> None:
        if below := mounts_below(self.state):
            raise ClusterError(
                f"{below[0]} is still mounted in the state folder: run `umount {below[0]}`, then `down` again"
            )
        if not keep_data:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self.state)
