"""Processes of an instance: their list, their health, and the end of all of them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.cluster import cgroups, containerd, health
from tools.cluster.addresses import AddressPlan
from tools.cluster.api import Api
from tools.cluster.daemon import Daemon, identity
from tools.cluster.errors import ClusterError
from tools.cluster.namespace import Namespace
from tools.cluster.state import StateFolder

COMPONENTS = ("containerd", "etcd", "apiserver", "controller-manager", "scheduler", "kubelet", "proxy")
"""Processes of every instance; instances with simulated nodes also have `kwok`."""

STOP_ORDER = ("kwok", "proxy", "kubelet", "scheduler", "controller-manager", "apiserver", "etcd", "containerd")
"""Order in which processes end: the kubelet before its containers, which it would start again; the API server before
etcd, without which it lingers."""

PATIENCE_SECONDS = 3.0
"""Pause between SIGTERM and SIGKILL. etcd needs a moment to close its files; the API server would wait a minute for
its watchers, and loses nothing without them."""


def daemon(files: StateFolder, component: str) -> Daemon:
    """Return a component's process, running or not."""
    return Daemon(component, files.folder("run", f"{component}.json"), log_path(files, component))


def log_path(files: StateFolder, component: str) -> Path:
    """Return the log file of a component.

    Raises:
        ClusterError: there is no such component.
    """
    if component not in STOP_ORDER:
        raise ClusterError(f"unknown component {component!r}; known: {', '.join(sorted(STOP_ORDER))}")
    return files.folder("logs", f"{component}.log")


def healthy(component: str, files: StateFolder, plan: AddressPlan) -> bool:
    """Ask a component whether it works. Call this only while the instance's network exists."""
    if component == "containerd":
        return containerd.answers(files)
    if component == "apiserver":
        with Api(files.kubeconfig) as api:
            return api.ready()
    if component == "kwok":
        return True  # it listens on the namespace's loopback only; readiness of its nodes says more
    return health.answers(component, files, plan)


def dns_answers(plan: AddressPlan) -> bool:
    """Tell whether cluster DNS, asked through its service address, knows the API server's service."""
    return health.resolve(plan.dns_service, "kubernetes.default.svc.cluster.local") == [plan.api_service]


def stop_all(namespace: Namespace) -> None:
    """End all processes of an instance: components in order, pods by their groups, then the rest inside."""
    instance = namespace.state.instance
    for name in STOP_ORDER:
        if name == "containerd":
            kill(lambda: cgroups.processes(instance))
        daemon(namespace.state, name).stop(PATIENCE_SECONDS)
    kill(namespace.processes)
    kill(lambda: cgroups.processes(instance))


def kill(find: Callable[[], Iterable[int]], timeout_seconds: float = 20) -> None:
    """Send SIGKILL to the processes that `find` returns until it returns none; each round finds them anew.

    Raises:
        ClusterError: processes remain after the time-out.
    """
    deadline = time.monotonic() + timeout_seconds
    while pids := [pid for pid in find() if identity(pid)]:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise ClusterError(f"processes {', '.join(map(str, pids))} do not end; they may be stuck in the kernel")
        time.sleep(0.05)
