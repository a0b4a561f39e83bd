"""Network and mount namespaces in which an instance runs.

The network namespace keeps addresses, routes, iptables rules and connection tracking of the instance apart from the
host's; only one veth pair and two routes are visible outside. The mount namespace gives each instance its own copy of
the paths that kubelet and containerd fix (/var/lib/kubelet, /run/containerd, /var/log), and its end unmounts every
mount of every pod.

Both are pinned by bind mounts, so they outlive any process; after a reboot they are created anew. Processes enter with
nsenter and not with `ip netns exec`, which mounts another /sys over the one that shows the cgroups.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.addresses import AddressPlan
from tools.cluster.command import run
from tools.cluster.errors import ClusterError
from tools.cluster.state import StateFolder

NETWORK_NAMESPACES = Path("/run/netns")
"""Folder in which iproute2 looks for named network namespaces, so that `ip -n yard-NAME addr` works."""

PINS = Path("/run/modelyard")

MOUNT_POINTS = {"kubelet": "/var/lib/kubelet", "cni": "/var/lib/cni", "varlog": "/var/log"}
"""Mount point inside the mount namespace of each folder of the instance."""


@dataclass(frozen=True)
class Namespace:
    """Pair of namespaces of one instance."""

    state: StateFolder
    plan: AddressPlan

    @property
    def name(self) -> str:
        """Name of the network namespace."""
        return f"yard-{self.state.instance}"

    @property
    def network_pin(self) -> Path:
        """File onto which the network namespace is mounted."""
        return NETWORK_NAMESPACES / self.name

    @property
    def mount_pin(self) -> Path:
        """File onto which the mount namespace is mounted."""
        return PINS / self.state.instance / "mount"

    def exists(self) -> bool:
        """Tell whether both namespaces are pinned (a file that is left from before a reboot does not count)."""
        return _is_mount_point(self.network_pin) and _is_mount_point(self.mount_pin)

    def intact(self) -> bool:
        """Tell whether both exist and the fixed paths inside are the instance's own.

        A removal on the host of a folder that is a mount point inside silently unmounts it inside (Linux 3.18 and
        later).
        """
        if not self.exists():
            return False
        lines = run(self.enter(["cat", "/proc/self/mountinfo"]), check=False).splitlines()
        points = {_mount_point(line) for line in lines}
        return points.issuperset({*MOUNT_POINTS.values(), "/run"})

    def enter(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs argv inside; nsenter becomes the process of argv."""
        return ["nsenter", f"--net={self.network_pin}", f"--mount={self.mount_pin}", "--", *argv]

    def ensure(self) -> bool:
        """Create the missing parts, links and routes included; return whether the namespaces were created."""
        created = not self.intact()
        if created:
            self.remove()
            self._create()
        self._ensure_link()
        return created

    def remove(self) -> None:
        """Delete link, routes (they end with the link) and pins. Every process inside must have ended."""
        # From inside, so that the link is certainly ours: on the host another owner may have the name.
        if _is_mount_point(self.network_pin) and self._has_link():
            run(["ip", "-n", self.name, "link", "delete", self.plan.node_link])
        for pin in (self.network_pin, self.mount_pin):
            while _is_mount_point(pin):
                run(["umount", str(pin)])
            pin.unlink(missing_ok=True)
        folder = self.mount_pin.parent
        while _is_mount_point(folder):
            run(["umount", str(folder)])
        for empty in (folder, PINS, NETWORK_NAMESPACES):
            with contextlib.suppress(OSError):  # other instances still use it, or it was never made
                empty.rmdir()
        if not any_pinned():
            _remove_mount_points()

    def processes(self) -> set[int]:
        """Return every process inside the network or the mount namespace (pods have namespaces of their own)."""
        inodes = {pin.stat().st_ino for pin in (self.network_pin, self.mount_pin) if _is_mount_point(pin)}
        own = {Path(f"/proc/self/ns/{kind}").stat().st_ino for kind in ("net", "mnt")}
        inodes -= own  # a process that runs inside must never list, and kill, itself and its siblings
        pids: set[int] = set()
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with contextlib.suppress(OSError):
                    if {(process / "ns" / kind).stat().st_ino for kind in ("net", "mnt")} & inodes:
                        pids.add(int(process.name))
        return pids

    def _create(self) -> None:
        folder = self.mount_pin.parent
        NETWORK_NAMESPACES.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for target in MOUNT_POINTS.values():
            Path(target).mkdir(mode=0o755, parents=True, exist_ok=True)
        # A mount namespace can only be pinned on a private mount (unshare(1)); root is shared under systemd.
        run(["mount", "--bind", str(folder), str(folder)])
        run(["mount", "--make-private", str(folder)])
        self._pin()
        run(self.enter(["sh", "-euc", _MOUNTS, "sh", str(self.state.path)]))
        run(self.enter(["ip", "link", "set", "lo", "up"]))
        # Pods reach each other and services through the node, which therefore forwards; the host itself does not.
        run(self.enter(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]))

    def _pin(self) -> None:
        """Create both namespaces and pin them to files.

        A mount namespace can only be pinned in an older one, and Linux 6.18 compares numbers that each core takes from
        a range of its own (`mnt_ns_loop` in fs/namespace.c). Inside a namespace, such as a container's, a new one can
        therefore look older than its parent, depending on the core: EINVAL. On the parent's own core it cannot.
        """
        # slave: an unmount on the host must also unmount inside.
        namespaces = [f"--net={self.network_pin}", f"--mount={self.mount_pin}"]
        command = ["unshare", *namespaces, "--propagation", "slave", "true"]
        cores = sorted(os.sched_getaffinity(0))
        attempts = [command, *(["taskset", "--cpu-list", str(core), *command] for core in cores)]
        for attempt in attempts:
            for pin in (self.network_pin, self.mount_pin):
                pin.touch(mode=0o600)
            try:
                run(attempt)
            except ClusterError as error:
                if "Invalid argument" not in str(error) or attempt is attempts[-1]:
                    raise
                for pin in (self.network_pin, self.mount_pin):
                    while _is_mount_point(pin):
                        run(["umount", str(pin)])
            else:
                return

    def _ensure_link(self) -> None:
        plan = self.plan
        if link_exists(plan.host_link) and not self._has_link():
            run(["ip", "link", "delete", plan.host_link])
        if not link_exists(plan.host_link):
            run(["ip", "link", "add", plan.host_link, "type", "veth", "peer", "name", "eth0", "netns", self.name])
        inside = ["ip", "-n", self.name]
        run(["ip", "address", "replace", str(plan.host), "dev", plan.host_link])
        run([*inside, "address", "replace", str(plan.node), "dev", plan.node_link])
        run(["ip", "link", "set", plan.host_link, "up"])
        run([*inside, "link", "set", plan.node_link, "up"])
        for network in (plan.pods, plan.services):
            run(["ip", "route", "replace", str(network), "via", str(plan.node.ip), "dev", plan.host_link])
        # The node's own processes (the API server calling a webhook) need some route to a service before kube-proxy
        # rewrites the address. An address that no service holds ends on the link: the host does not answer for it.
        services = [str(plan.services), "dev", plan.node_link, "scope", "link", "src", str(plan.node.ip)]
        run([*inside, "route", "replace", *services])

    def _has_link(self) -> bool:
        links = json.loads(run(["ip", "-n", self.name, "-json", "link", "show"]) or "[]")
        return any(link.get("ifname") == self.plan.node_link for link in links)


def any_pinned() -> bool:
    """Tell whether any instance has its namespaces at the moment."""
    return PINS.exists()


def link_exists(name: str) -> bool:
    """Tell whether the host has a network link of that name."""
    return Path("/sys/class/net", name).exists()


def mounts_below(folder: Path) -> list[str]:
    """Return the host's mount points at or below a folder, deepest first."""
    inside = str(folder)
    points = [point for point in _mount_points() if point == inside or point.startswith(inside + "/")]
    return sorted(points, key=len, reverse=True)


_MOUNTS = """
mount --make-rshared /
# Copies of the host's pins, in here, would keep namespaces of other instances alive after their `down`.
for point in $(awk '$2 ~ "^/run/(netns|modelyard)" {print $2}' /proc/self/mounts | sort -r); do
  umount -l "$point" || true
done
mount -t tmpfs -o mode=755 modelyard-run /run
mkdir -p /run/containerd /run/lock /run/netns
""" + "".join(f'mount --bind "$1/{source}" {target}\n' for source, target in MOUNT_POINTS.items())


def _is_mount_point(path: Path) -> bool:
    return str(path) in _mount_points()


def _mount_points() -> list[str]:
    return [_mount_point(line) for line in Path("/proc/self/mountinfo").read_text().splitlines()]


def _mount_point(line: str) -> str:
    """Return the mount point of a line of mountinfo."""
    # Octal escapes of proc(5): blanks, tabs, newlines and backslashes in a path.
    return os.fsdecode(line.split()[4].encode().decode("unicode_escape").encode("latin-1"))


def _remove_mount_points() -> None:
    """Remove /var/lib/kubelet and /var/lib/cni where they are empty: on the host they are only mount points.

    Call this only when no instance is left: a removal unmounts the folder in every namespace.
    """
    for target in MOUNT_POINTS.values():
        if target != MOUNT_POINTS["varlog"]:
            with contextlib.suppress(OSError):
                Path(target).rmdir()


def require_outside_run(state: StateFolder) -> None:
    """Refuse a state folder that the instance's own /run or /var/log would hide from it.

    Raises:
        ClusterError: the state root is below /run, /var/run or /var/log.
    """
    real = state.path.resolve()
    for hidden in ("/run", "/var/run", "/var/log"):
        if real.is_relative_to(Path(hidden).resolve()):
            raise ClusterError(f"state folder {state.path} is below {hidden}: set MODELYARD_STATE to another folder")
