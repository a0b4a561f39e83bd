"""Kubelet of the one real node: configuration, command, and the host settings that it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.cluster import cgroups
from tools.cluster.addresses import AddressPlan
from tools.cluster.binaries import built
from tools.cluster.control_plane import HEALTH_PORTS
from tools.cluster.daemon import Command
from tools.cluster.kubeconfig import component_kubeconfig
from tools.cluster.state import StateFolder, write_private

HOST_SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
"""Kernel settings, not bound to any namespace, that a kubelet sets at start (setupKernelTunables in
pkg/kubelet/cm/container_manager_linux.go, v1.36.3). `down` restores their earlier values."""


def configuration(state: StateFolder, plan: AddressPlan) -> dict[str, Any]:
    """Return the kubelet's configuration.

    Requests need a certificate of the cluster's authority, and the API server decides whether they are allowed.
    """
    pki = state.folder("pki")
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": str(plan.node.ip),
        "healthzBindAddress": str(plan.node.ip),
        "healthzPort": HEALTH_PORTS["kubelet"],
        "readOnlyPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "x509": {"clientCAFile": str(pki / "ca.crt")},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet-server.key"),
        "containerRuntimeEndpoint": f"unix://{state.containerd_socket}",
        "failSwapOn": False,
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroups.parent(state.instance),
        "cgroupsPerQOS": True,
        "enforceNodeAllocatable": [],
        "clusterDNS": [str(plan.dns_service)],
        "clusterDomain": "cluster.local",
        # No setting of the host's resolver reaches a pod: external names are not looked up anywhere.
        "resolvConf": "",
        "podLogsDir": "/var/log/pods",
        "volumePluginDir": str(state.folder("kubelet", "volume-plugins")),
        "staticPodPath": "",
        "registerNode": True,
        # Images come from this machine and cannot be pulled again, so none is ever collected.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "512Mi"},
        # The kernel settings that the kubelet changes are the host's own; `down` restores them.
        "protectKernelDefaults": False,
        "serializeImagePulls": False,
        "shutdownGracePeriod": "0s",
        "nodeStatusUpdateFrequency": "5s",
        # A Secret that changes reaches a running pod's volume at its next sync. Kueue starts with an empty certificate,
        # fills it itself and waits for it: with the default of a minute that is up to 90 s of every first start.
        "syncFrequency": "5s",
        "logging": {"verbosity": 1},
    }


def command(state: StateFolder, plan: AddressPlan) -> Command:
    """Return the command that starts the kubelet; its folder is the instance's own mount of /var/lib/kubelet."""
    config, kubeconfig, pki = _config_file(state), component_kubeconfig(state, "kubelet"), state.folder("pki")
    arguments = {
        "--config": config,
        "--kubeconfig": kubeconfig,
        "--hostname-override": state.instance,
        "--node-ip": plan.node.ip,
        "--root-dir": "/var/lib/kubelet",
    }
    inputs = (config, kubeconfig, pki / "ca.crt", pki / "kubelet-server.crt")
    return Command("kubelet", (built("kubelet"), *(f"{flag}={value}" for flag, value in arguments.items())), inputs)


def write_configuration(state: StateFolder, plan: AddressPlan) -> None:
    """Write the kubelet's configuration file."""
    write_private(_config_file(state), json.dumps(configuration(state, plan), indent=1))


def _config_file(state: StateFolder) -> Path:
    return state.folder("config", "kubelet.json")
