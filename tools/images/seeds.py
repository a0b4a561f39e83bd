"""A quick start for a new instance: a containerd root that already has the large layers.

Importing the runtime of train and serve (5.7 GB) into every new containerd costs most of a minute and the same disk
again. A seed is the root of a containerd that imported that one image and was stopped. Putting it under a new
instance copies the two small databases and hard-links everything else:

- content blobs, which containerd never changes;
- folders of committed snapshots, which are lower directories of overlay mounts: a container that writes to a file
  of theirs gets a copy in its own upper directory. Only committed snapshots exist in a seed, which is checked.

Removing an instance removes its links; removing a seed (when its runtime is pruned) harms no instance. A seed fits
the containerd version that made it; another version makes another seed.
"""

import contextlib
import fcntl
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools.images import layout
from tools.images.containerd import Containerd
from tools.images.content_key import content_key
from tools.images.layout import ImageError, Layout
from tools.images.throwaway_containerd import throwaway_containerd

_CONTENT = "io.containerd.content.v1.content"
_SNAPSHOTS = "io.containerd.snapshotter.v1.overlayfs"
_METADATA = "io.containerd.metadata.v1.bolt"

#: Databases: each instance writes its own copy. All other files of a seed are shared and never written.
_DATABASES = (f"{_METADATA}/meta.db", f"{_SNAPSHOTS}/metadata.db")

#: Written last; a seed folder without it was cut off.
_RECORD = "modelyard.json"

#: A kind of snapshot that a seed may hold; "active" ones belong to a container and are written to.
_COMMITTED = "Committed"


def seed(root: Path, refs: Iterable[str], *, report: Callable[[str], None] = lambda _: None) -> bool:
    """Fill an empty containerd root with the large layers of images, before containerd is started on it.

    Only images that stand on a runtime image of their own (train and serve) gain from it; `load` brings the rest.
    The first call on a machine makes the seed, which takes about a minute; later ones take seconds.

    Args:
        root: containerd's `root`; may be missing. The cache must be on the same file system.
        refs: references of the images that the instance will load.
        report: gets a line when the seed has to be made.

    Returns:
        Whether the root was filled. False, with nothing changed, where it would not help: the root has data, no image
        stands on a runtime, or root and cache are on different file systems (links are impossible).

    Raises:
        ImageError: a reference is not in the cache, or the seed could not be made.
    """
    runtimes = {ref for name in refs if (ref := layout.resolve(name).record.runtime) is not None}
    if not runtimes or _has_data(root):
        return False
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if root.stat().st_dev != _seeds().stat().st_dev:
        return False
    runtime_layouts = [layout.resolve(ref) for ref in sorted(runtimes)]
    # One at a time: two instances that start together would each make a seed of 6 GB.
    with _lock():
        _clone(_made(runtime_layouts, report), root)
    return True


def prune() -> None:
    """Remove seeds whose images are no longer in the cache."""
    with _lock():
        _prune()


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with (_seeds() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prune() -> None:
    known = {found.manifest_digest for found in layout.stored()}
    for folder in _seeds().iterdir():
        if folder.name.startswith("."):
            continue
        try:
            manifests = set(json.loads((folder / _RECORD).read_text())["manifests"])
        except (OSError, ValueError, KeyError):
            manifests = {""}
        if not manifests <= known:
            shutil.rmtree(folder)


def _seeds() -> Path:
    folder = layout.root() / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _has_data(root: Path) -> bool:
    return any((root / database).exists() for database in _DATABASES)


def _made(layouts: list[Layout], report: Callable[[str], None]) -> Path:
    """The seed that holds `layouts`; made if there is none."""
    manifests = sorted({found.manifest_digest for found in layouts})
    key = content_key({"containerd": _containerd_version(), "manifests": " ".join(manifests)})
    folder = _seeds() / key
    if (folder / _RECORD).exists():
        return folder
    _prune()
    for left in _seeds().glob(".making-*"):  # of one that was killed, since this one holds the lock
        shutil.rmtree(left)
    report("preparing the large image layers for new instances (once, about a minute)")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".making-", dir=_seeds()) as scratch:
        made = Path(scratch) / "root"
        _link_content(made, layouts)
        # The socket's path has a length limit that a deep cache folder could exceed.
        with (
            tempfile.TemporaryDirectory(prefix="modelyard-") as state,
            throwaway_containerd(made, Path(state)) as socket,
        ):
            _unpack(Containerd(socket), made, layouts)
        record = {"manifests": manifests, "seconds": round(time.monotonic() - began, 1)}
        (made / _RECORD).write_text(json.dumps(record))
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    report(f"prepared in {time.monotonic() - began:.0f} s")
    return folder


def _link_content(made: Path, layouts: list[Layout]) -> None:
    """Put the layers' blobs into the future content store as links: gigabytes that need not be written."""
    for found in layouts:
        for digest in found.layers():
            link = layout.blob_path(made / _CONTENT, digest)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.hardlink_to(found.blob(digest))


def _unpack(target: Containerd, made: Path, layouts: list[Layout]) -> None:
    layers = {digest for found in layouts for digest in found.layers()}
    for digest in layers:
        target.adopt(digest, layout.blob_path(made / _CONTENT, digest))
    target.import_(layouts, layers)
    complete = target.complete()
    for found in layouts:
        if complete.get(found.ref) != found.manifest_digest:
            raise ImageError(f"{found.ref} did not become complete in a new containerd; remove {found.folder}")
    active = sorted({kind for kind in target.snapshot_kinds() if kind != _COMMITTED})
    if active:
        raise ImageError(f"a seed may hold committed snapshots only, found {', '.join(active)}")


def _clone(source: Path, root: Path) -> None:
    """Link blobs and snapshots, copy databases; the databases last, since their presence says it is complete."""
    for folder in (f"{_CONTENT}/blobs", f"{_SNAPSHOTS}/snapshots"):
        target = root / folder
        shutil.rmtree(target, ignore_errors=True)  # of a clone that was cut off
        target.parent.mkdir(parents=True, exist_ok=True)
        # cp keeps owners, modes, times, extended attributes and whiteout devices; Python's copytree does not.
        done = subprocess.run(
            ["cp", "--archive", "--link", str(source / folder), str(target)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ImageError(f"linking the image layers into {root} failed: {done.stderr.strip()[-400:]}")
    for database in reversed(_DATABASES):
        target = root / database
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copy2(source / database, partial)
        partial.replace(target)


def _containerd_version() -> str:
    try:
        asked = subprocess.run(["containerd", "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError("containerd is not installed; on Debian: apt-get install containerd") from error
    return asked.stdout.strip()
