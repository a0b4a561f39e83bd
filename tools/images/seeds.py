"""Seeds for new instances: containerd roots that already have the large layers.

An import of the runtime of train and serve (5.7 GB) into every new containerd takes most of a minute and the same disk
space again. A seed is the root of a containerd that imported this one image and was stopped. A new instance gets copies
of its two small databases and hard links to everything else:

- content blobs, which containerd never changes;
- folders of committed snapshots, which are lower directories of overlay mounts: a container that writes to a file in
  one gets a copy in its own upper directory. A seed has only committed snapshots, which is checked.

The removal of an instance removes its links; the removal of a seed (with its runtime) harms no instance. A seed belongs
to one version of containerd; another version makes another seed.
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

#: Databases, of which each instance writes its own copy. All other files of a seed are shared and never written.
_DATABASES = (f"{_METADATA}/meta.db", f"{_SNAPSHOTS}/metadata.db")

#: File that is written last; a seed folder without it is incomplete.
_RECORD = "modelyard.json"

#: Only kind of snapshot in a seed; an "active" one belongs to a container, which writes to it.
_COMMITTED = "Committed"


def seed(root: Path, refs: Iterable[str], *, report: Callable[[str], None] = lambda _: None) -> bool:
    """Fill an empty containerd root with the large layers of images, before containerd is started on it.

    Only images with a runtime image below them (train and serve) gain from it; `load` loads the rest. The first call on
    a machine makes the seed, which takes about a minute; later ones take seconds.

    Args:
        root: containerd's `root`; may be missing. The cache must be on the same file system.
        refs: references of the images that the instance will load.
        report: gets a line when the seed has to be made.

    Returns:
        True if the root was filled. False, without a change, where that would not help: the root has data, no image
        has a runtime, or root and cache are on different file systems (links are impossible).

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
        _clone(_find_or_make(runtime_layouts, report), root)
    return True


def prune() -> None:
    """Remove seeds of images that are no longer in the cache."""
    with _lock():
        _prune()


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with (_seeds() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prune() -> None:
    stored = {image.manifest_digest for image in layout.list_layouts()}
    for folder in _seeds().iterdir():
        if folder.name.startswith("."):
            continue
        try:
            manifests = set(json.loads((folder / _RECORD).read_text())["manifests"])
        except (OSError, ValueError, KeyError):
            manifests = {""}
        if not manifests <= stored:
            shutil.rmtree(folder)


def _seeds() -> Path:
    folder = layout.root() / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _has_data(root: Path) -> bool:
    return any((root / database).exists() for database in _DATABASES)


def _find_or_make(layouts: list[Layout], report: Callable[[str], None]) -> Path:
    """Find the seed of `layouts`, or make it."""
    manifests = sorted({image.manifest_digest for image in layouts})
    key = content_key({"containerd": _read_containerd_version(), "manifests": " ".join(manifests)})
    folder = _seeds() / key
    if (folder / _RECORD).exists():
        return folder
    _prune()
    for remains in _seeds().glob(".making-*"):  # of a process that was killed, since this one has the lock
        shutil.rmtree(remains)
    report("preparing the large image layers for new instances (once, about a minute)")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".making-", dir=_seeds()) as scratch:
        root = Path(scratch) / "root"
        _link_content(root, layouts)
        # The socket's path has a length limit that a deep cache folder could exceed.
        with (
            tempfile.TemporaryDirectory(prefix="modelyard-") as state,
            throwaway_containerd(root, Path(state)) as socket,
        ):
            _unpack(Containerd(socket), root, layouts)
        record = {"manifests": manifests, "seconds": round(time.monotonic() - began, 1)}
        (root / _RECORD).write_text(json.dumps(record))
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)
    report(f"prepared in {time.monotonic() - began:.0f} s")
    return folder


def _link_content(root: Path, layouts: list[Layout]) -> None:
    """Link the layers' blobs into the future content store: gigabytes that need not be written."""
    for image in layouts:
        for digest in image.layers():
            link = layout.blob_path(root / _CONTENT, digest)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.hardlink_to(image.blob(digest))


def _unpack(target: Containerd, root: Path, layouts: list[Layout]) -> None:
    layers = {digest for image in layouts for digest in image.layers()}
    for digest in layers:
        target.adopt(digest, layout.blob_path(root / _CONTENT, digest))
    target.import_(layouts, layers)
    complete = target.complete()
    for image in layouts:
        if complete.get(image.ref) != image.manifest_digest:
            raise ImageError(f"{image.ref} is incomplete in a new containerd; remove {image.folder} and build it again")
    active = sorted({kind for kind in target.snapshot_kinds() if kind != _COMMITTED})
    if active:
        raise ImageError(f"expected only committed snapshots in a seed, got {', '.join(active)}")


def _clone(source: Path, root: Path) -> None:
    """Link blobs and snapshots, then copy the databases, whose presence marks a complete root."""
    for folder in (f"{_CONTENT}/blobs", f"{_SNAPSHOTS}/snapshots"):
        target = root / folder
        shutil.rmtree(target, ignore_errors=True)  # of an interrupted clone
        target.parent.mkdir(parents=True, exist_ok=True)
        # cp keeps owners, modes, times, extended attributes and whiteout devices; Python's copytree does not.
        result = subprocess.run(
            ["cp", "--archive", "--link", str(source / folder), str(target)],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise ImageError(f"linking the image layers into {root} failed: {result.stderr.strip()[-400:]}")
    for database in reversed(_DATABASES):
        target = root / database
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copy2(source / database, partial)
        partial.replace(target)


def _read_containerd_version() -> str:
    try:
        result = subprocess.run(["containerd", "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError("containerd is not installed; on Debian: apt-get install containerd") from error
    return result.stdout.strip()
