"""Temporary containerd, with only the parts that import and unpack an image."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tools.images.layout import ImageError

#: Configuration without the CRI plugin (needs CNI), without unused snapshotters, and without garbage collection, which
#: would remove blobs that no image names yet.
_CONFIGURATION = """\
version = 2
root = "{root}"
state = "{state}"
disabled_plugins = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "{socket}"
[ttrpc]
  address = "{socket}.ttrpc"
[plugins."io.containerd.gc.v1.scheduler"]
  deletion_threshold = 0
  mutation_threshold = 0
  startup_delay = "24h"
"""

#: Longest start of a containerd with an empty root in seconds; it takes well under one.
_START_LIMIT = 20


@contextlib.contextmanager
def throwaway_containerd(root: Path, folder: Path) -> Iterator[Path]:
    """Run containerd on `root`, yield its socket, and stop it at the end so that its databases are complete.

    Args:
        root: containerd's data; it stays.
        folder: empty folder for state, socket, configuration and log; the path must be short, since a socket's name
            has at most 107 characters.

    Raises:
        ImageError: containerd is missing or did not start; the text has the end of its log.
    """
    if shutil.which("containerd") is None:
        raise ImageError("containerd is not installed; on Debian: apt-get install containerd")
    socket, configuration, log = folder / "containerd.sock", folder / "config.toml", folder / "log"
    configuration.write_text(_CONFIGURATION.format(root=root, state=folder / "state", socket=socket))
    with log.open("w") as output:
        try:
            process = subprocess.Popen(
                # It must not outlive this process, even after kill -9 (setpriv is part of util-linux).
                ["setpriv", "--pdeathsig", "TERM", "containerd", "--config", str(configuration)],
                stdout=output,
                stderr=output,
            )
        except FileNotFoundError as error:
            raise ImageError("setpriv is not installed; on Debian: apt-get install util-linux") from error
        try:
            _wait(process, socket, log)
            yield socket
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        if socket.exists():
            result = subprocess.run(["ctr", "--address", str(socket), "version"], capture_output=True, check=False)
            if result.returncode == 0:
                return
        time.sleep(0.05)
    raise ImageError(f"containerd did not start: {log.read_text(errors='replace')[-1500:]}")
