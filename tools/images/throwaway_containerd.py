"""A containerd of our own for a few minutes: only what importing and unpacking an image needs."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tools.images.layout import ImageError

#: Without the CRI plugin (needs CNI) and the snapshotters that are not used here; and without garbage collection,
#: which would take blobs that no image names yet.
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

#: Seconds until a containerd with an empty root listens; it takes well under one.
_START_LIMIT = 20


@contextlib.contextmanager
def throwaway_containerd(root: Path, folder: Path) -> Iterator[Path]:
    """Run containerd on `root`; yields its socket, and stops it at the end so that its databases are whole.

    Args:
        root: containerd's data; stays.
        folder: a folder of its own for state, socket, configuration and log; the path must be short, since a
            socket's name has at most 107 characters.

    Raises:
        ImageError: containerd is missing or did not come up; its log's end is in the text.
    """
    if shutil.which("containerd") is None:
        raise ImageError("containerd is not installed; on Debian: apt-get install containerd")
    socket, configuration, log = folder / "containerd.sock", folder / "config.toml", folder / "log"
    configuration.write_text(_CONFIGURATION.format(root=root, state=folder / "state", socket=socket))
    with log.open("w") as output:
        try:
            process = subprocess.Popen(
                # It must not outlive us, not even after a kill -9 (setpriv is part of util-linux).
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
            asked = subprocess.run(["ctr", "--address", str(socket), "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                return
        time.sleep(0.05)
    raise ImageError(f"containerd did not start: {log.read_text(errors='replace')[-1500:]}")
