"""Images as OCI layout folders in the cache, one folder per content key.

`<cache>/images/<name>-<12 hex>/` holds an OCI image layout (image-spec 1.0: `oci-layout`, `index.json`,
`blobs/sha256/`) and `modelyard.json`, which is written last: a folder without it is a build that was cut off.
Layers stay uncompressed, so that a blob file is byte for byte what containerd keeps, and folders share equal
blobs by hard link: a second image on the same runtime costs kilobytes.
"""

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.setup.locations import cache

#: References are `<REPOSITORY>/<name>:<key>`. "localhost" is no registry, so nothing ever tries to pull them.
REPOSITORY = "localhost/modelyard"

#: Layouts of one name that survive pruning: the one in use and the one before it. Of the runtime, which with
#: buildah's copy and the seed takes 17 GB, only the one in use.
KEPT = {"runtime": 1}
_KEPT_OTHERWISE = 2

#: Seconds for which a layout that was just asked for is not pruned: whoever got its reference may not have loaded it.
GRACE = 600

_RECORD = "modelyard.json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class ImageError(Exception):
    """An image cannot be built, found or loaded; the text says which, why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was built, as kept beside the layout."""

    name: str
    key: str
    """First 12 hex digits of the hash over everything that went in."""
    image_id: str
    """Digest of the image's configuration, as buildah names it."""
    manifest: str
    """Digest of the manifest, `sha256:…`."""
    runtime: str | None = None
    """Reference of the image whose layers this one starts with, if that one is kept on its own."""
    seconds: float = 0.0
    """How long the build took on the machine that made it."""


@dataclass(frozen=True)
class Layout:
    """One finished image in the cache."""

    folder: Path
    record: Record

    @property
    def ref(self) -> str:
        """`localhost/modelyard/<name>:<key>`, the only name under which it is ever known."""
        return reference(self.record.name, self.record.key)

    @property
    def manifest_digest(self) -> str:
        """`sha256:…` of the manifest: what a containerd lists as the image's target."""
        return self.record.manifest

    def blob(self, digest: str) -> Path:
        """The file that holds `digest` (`sha256:…`)."""
        return blob_path(self.folder, digest)

    def manifest(self) -> dict[str, Any]:
        """The OCI manifest."""
        return json.loads(self.blob(self.record.manifest).read_bytes())

    def layers(self) -> list[str]:
        """Digests of the layers, from the bottom up."""
        return [layer["digest"] for layer in self.manifest()["layers"]]

    def digests(self) -> list[str]:
        """Every blob that belongs to the image: layers from the bottom up, configuration, manifest."""
        return [*self.layers(), self.manifest()["config"]["digest"], self.record.manifest]

    def descriptor(self) -> dict[str, Any]:
        """The entry of an index that names this image, in the words that containerd's import understands."""
        return {
            "mediaType": _MANIFEST,
            "digest": self.record.manifest,
            "size": self.blob(self.record.manifest).stat().st_size,
            "annotations": {
                "io.containerd.image.name": self.ref,
                "org.opencontainers.image.ref.name": self.record.key,
            },
        }

    def size(self) -> int:
        """Bytes of all blobs, shared ones included."""
        return sum(self.blob(digest).stat().st_size for digest in self.digests())

    def last_used(self) -> float:
        """When it was built or last asked for, in seconds since the epoch."""
        return (self.folder / _RECORD).stat().st_mtime

    def touch(self) -> None:
        """Mark as in use, so that pruning takes another."""
        os.utime(self.folder / _RECORD)


def root() -> Path:
    """The folder of all layouts: `<cache>/images`."""
    return cache() / "images"


def reference(name: str, key: str) -> str:
    """The image reference of `name` at `key`."""
    return f"{REPOSITORY}/{name}:{key}"


def blob_path(folder: Path, digest: str) -> Path:
    """Where an OCI layout in `folder` keeps `digest` (`sha256:…`)."""
    algorithm, _, value = digest.partition(":")
    return folder / "blobs" / algorithm / value


def find(name: str, key: str) -> Layout | None:
    """The finished layout of `name` at `key`, or None."""
    return _read(root() / f"{name}-{key}")


def resolve(ref: str) -> Layout:
    """The layout behind a reference.

    Raises:
        ImageError: the reference is not one of ours, or was not built (or was pruned) on this machine.
    """
    name, _, key = ref.removeprefix(f"{REPOSITORY}/").rpartition(":")
    found = find(name, key) if ref.startswith(f"{REPOSITORY}/") and name else None
    if found is None:
        known = ", ".join(layout.ref for layout in stored()) or "none"
        raise ImageError(
            f"image {ref!r} is not in {root()}; there are: {known}. Build it: python -m tools.images build"
        )
    return found


def stored() -> list[Layout]:
    """All finished layouts, newest first within a name."""
    if not root().is_dir():
        return []
    found = [layout for folder in root().iterdir() if (layout := _read(folder)) is not None]
    return sorted(found, key=lambda layout: (layout.record.name, -layout.last_used()))


def write(folder: Path, record: Record) -> Layout:
    """Turn `folder`, which holds the blobs, into the finished layout of `record`, in one rename."""
    layout = Layout(folder, record)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps(index([layout])))
    (folder / _RECORD).write_text(json.dumps(asdict(record), indent=2))
    target = root() / f"{record.name}-{record.key}"
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    return Layout(target, record)


def index(layouts: list[Layout]) -> dict[str, Any]:
    """The OCI index that names `layouts`."""
    return {"schemaVersion": 2, "manifests": [layout.descriptor() for layout in layouts]}


def share_blobs(source: Path, target: Path) -> None:
    """Hard-link every blob of the layout in `source` into `target`; neither is ever written again."""
    for blob in _blobs(source):
        link = target / blob.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.hardlink_to(blob)


def add_blob(folder: Path, content: bytes) -> str:
    """Store `content` in the layout in `folder`; returns its digest."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    path = blob_path(folder, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return digest


def prune(*, now: float | None = None) -> list[Layout]:
    """Remove layouts that are neither among the last used of their name nor were used within `GRACE`.

    An image whose runtime goes, goes with it: its links would keep the runtime's gigabytes on disk.

    Args:
        now: seconds since the epoch, for tests.

    Returns:
        The layouts that were removed.
    """
    moment = time.time() if now is None else now
    seen = Counter[str]()
    gone: list[Layout] = []
    for layout in stored():
        name = layout.record.name
        seen[name] += 1
        if seen[name] > KEPT.get(name, _KEPT_OTHERWISE) and moment - layout.last_used() > GRACE:
            gone.append(layout)
    refs = {layout.ref for layout in gone}
    gone += [layout for layout in stored() if layout.record.runtime in refs and layout.ref not in refs]
    for layout in gone:
        shutil.rmtree(layout.folder)
    return gone


def _blobs(folder: Path) -> Iterator[Path]:
    return (folder / "blobs").glob("*/*")


def _read(folder: Path) -> Layout | None:
    try:
        return Layout(folder, Record(**json.loads((folder / _RECORD).read_text())))
    except (OSError, ValueError, TypeError):
        return None
