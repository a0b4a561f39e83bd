"""containerd of an instance: configuration, base specification, images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.cluster.addresses import AddressPlan
from tools.cluster.binaries import cni_folder, system
from tools.cluster.command import run
from tools.cluster.daemon import Command
from tools.cluster.errors import ClusterError
from tools.cluster.state import StateFolder, write_private

UNUSED_PLUGINS = (
    "io.containerd.internal.v1.opt",  # would make /opt/containerd on the host
    "io.containerd.internal.v1.tracing",
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
)


def command(state: StateFolder) -> Command:
    """Return the command that starts containerd."""
    config = state.folder("config", "containerd.toml")
    inputs = (config, base_specification(state))
    return Command("containerd", (_required("containerd"), "--config", str(config)), inputs)


def write_configuration(state: StateFolder, plan: AddressPlan, pause_image: str) -> None:
    """Write containerd's configuration, its base specification and the network list of the pods."""
    write_private(base_specification(state), json.dumps(_without_rlimits(), indent=1))
    folder = cni_folder()
    if folder is None:
        raise ClusterError("the CNI plugins are not installed: run `make doctor`")
    write_private(state.folder("config", "containerd.toml"), _configuration(state, folder, pause_image))
    network = json.dumps(network_list(state, plan), indent=1)
    write_private(state.folder("config", "cni", "10-modelyard.conflist"), network)


def base_specification(state: StateFolder) -> Path:
    """Return the path of the specification that every container starts from."""
    return state.folder("config", "base-spec.json")


def network_list(state: StateFolder, plan: AddressPlan) -> dict[str, Any]:
    """Return the CNI configuration: a point-to-point link per pod, addresses from the instance's range.

    Links and not a bridge: every packet between pods is then routed, so that replies of a service pass connection
    tracking also where the br_netfilter module is missing. No masquerading: no packet is to leave the machine.
    """
    return {
        "cniVersion": "1.0.0",
        "name": f"modelyard-{state.instance}",
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": str(plan.pods)}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    # Below the instance's own mount of /var/lib/cni.
                    "dataDir": "/var/lib/cni/networks",
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True},
        ],
    }


def images(state: StateFolder) -> set[str]:
    """Return the names of all images containerd holds for the kubelet."""
    return set(ctr(state, "images", "list", "--quiet").split())


def ctr(state: StateFolder, *arguments: str, timeout_seconds: float = 300) -> str:
    """Run containerd's own client in the kubelet's containerd namespace."""
    argv = [_required("ctr"), "--address", str(state.containerd_socket), "--namespace", "k8s.io", *arguments]
    return run(argv, timeout_seconds=timeout_seconds)


def answers(state: StateFolder) -> bool:
    """Tell whether containerd serves requests."""
    if not state.containerd_socket.is_socket():
        return False
    try:
        run([_required("ctr"), "--address", str(state.containerd_socket), "version"], timeout_seconds=5)
    except ClusterError:
        return False
    return True


def _without_rlimits() -> dict[str, Any]:
    """Return containerd's default specification less its rlimits: raising them is refused on some hosts."""
    specification = json.loads(run([_required("ctr"), "oci", "spec"]))
    specification["process"].pop("rlimits", None)
    return specification


def _configuration(state: StateFolder, cni: Path, pause_image: str) -> str:
    """Return containerd's configuration (version 2, as containerd 1.6 of Debian 12 reads it)."""
    folder = state.folder("containerd")
    disabled = ", ".join(json.dumps(name) for name in UNUSED_PLUGINS)
    return f"""\
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = [{disabled}]
[grpc]
  address = "{state.containerd_socket}"
[ttrpc]
  address = "{state.containerd_shim_socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause_image}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      base_runtime_spec = "{base_specification(state)}"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni}"
    conf_dir = "{state.folder("config", "cni")}"
"""


def _required(name: str) -> str:
    path = system(name)
    if path is None:
        raise ClusterError(f"{name} is not installed: run `make doctor` for the fix")
    return path
