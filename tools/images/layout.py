"""Images as OCI layout folders in the cache, one folder per content key.

`<cache>/images/<name>-<12 hex>/` holds an OCI image layout (image-spec 1.0: `oci-layout`, `index.json`,
`blobs/sha256/`) and `modelyard.json`, which is written last: a folder without it is an interrupted build. Layers stay
uncompressed, so that a blob file equals containerd's copy byte for byte, and folders share equal blobs by hard link: a
second image on the same runtime costs kilobytes.
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

#: Repository of all references, `<REPOSITORY>/<name>:<key>`. "localhost" is no registry, so no client pulls from it.
REPOSITORY = "localhost/modelyard"

#: Layouts of one name that survive pruning: the one in use and the one before it; of the runtime only the one in use,
#: since it takes 17 GB with buildah's copy and the seed.
KEPT = {"runtime": 1}
_KEPT_OTHERWISE = 2

#: Seconds after its last use for which a layout is not pruned: the image may not have been loaded yet.
GRACE = 600

_RECORD = "modelyard.json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class ImageError(Exception):
    """An image cannot be built, found or loaded; the text has the image, the reason and the fix."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Record of a build, kept beside the layout."""

    name: str
    key: str
    """First 12 hex digits of the hash over all inputs."""
    image_id: str
    """Digest of the image's configuration, buildah's name of the image."""
    manifest: str
    """Digest of the manifest, `sha256:…`."""
    runtime: str | None = None
    """Reference of the image whose layers this one starts with, if that one has a layout of its own."""
    seconds: float = 0.0
    """Duration of the build."""


@dataclass(frozen=True)
class Layout:
    """Finished image in the cache."""

    folder: Path
    record: Record

    @property
    def ref(self) -> str:
        """Only name of the image: `localhost/modelyard/<name>:<key>`."""
        return reference(self.record.name, self.record.key)

    @property
    def manifest_digest(self) -> str:
        """Digest (`sha256:…`) of the manifest, which containerd lists as the image's target."""
        return self.record.manifest

    def blob(self, digest: str) -> Path:
        """Return the file of `digest` (`sha256:…`)."""
        return blob_path(self.folder, digest)

    def manifest(self) -> dict[str, Any]:
        """Read the OCI manifest."""
        return json.loads(self.blob(self.record.manifest).read_bytes())

    def layers(self) -> list[str]:
        """Return the digests of the layers, from the bottom up."""
        return [layer["digest"] for layer in self.manifest()["layers"]]

    def digests(self) -> list[str]:
        """Return the digests of all blobs: layers from the bottom up, configuration, manifest."""
        return [*self.layers(), self.manifest()["config"]["digest"], self.record.manifest]

    def descriptor(self) -> dict[str, Any]:
        """Return the entry of an index for this image, with the annotations that containerd's import reads."""
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
        """Return the bytes of all blobs, shared ones included."""
        return sum(self.blob(digest).stat().st_size for digest in self.digests())

    def last_used(self) -> float:
        """Return the time of the build or the last use, in seconds since the epoch."""
        return (self.folder / _RECORD).stat().st_mtime

    def touch(self) -> None:
        """Record a use, so that pruning removes another layout."""
        os.utime(self.folder / _RECORD)


def root() -> Path:
    """Return the folder of all layouts: `<cache>/images`."""
    return cache() / "images"


def reference(name: str, key: str) -> str:
    """Return the image reference of `name` at `key`."""
    return f"{REPOSITORY}/{name}:{key}"


def blob_path(folder: Path, digest: str) -> Path:
    """Return the path of `digest` (`sha256:…`) in the OCI layout `folder`."""
    algorithm, _, value = digest.partition(":")
    return folder / "blobs" / algorithm / value


def find(name: str, key: str) -> Layout | None:
    """Find the finished layout of `name` at `key`, or None."""
    return _read(root() / f"{name}-{key}")


def resolve(ref: str) -> Layout:
    """Find the layout of a reference.

    Raises:
        ImageError: the reference is of another repository, or was not built (or was pruned) on this machine.
    """
    name, _, key = ref.removeprefix(f"{REPOSITORY}/").rpartition(":")
    layout = find(name, key) if ref.startswith(f"{REPOSITORY}/") and name else None
    if layout is None:
        stored = ", ".join(layout.ref for layout in list_layouts()) or "none"
        raise ImageError(f"image {ref!r} is not in {root()}; stored: {stored}; run python -m tools.images build")
    return layout


def list_layouts() -> list[Layout]:
    """List all finished layouts, the last used first within a name."""
    if not root().is_dir():
        return []
    layouts = [layout for folder in root().iterdir() if (layout := _read(folder)) is not None]
    return sorted(layouts, key=lambda layout: (layout.record.name, -layout.last_used()))


def write(folder: Path, record: Record) -> Layout:
    """Turn `folder`, which has the blobs, into the finished layout of `record`, by one rename."""
    layout = Layout(folder, record)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps(index([layout])))
    (folder / _RECORD).write_text(json.dumps(asdict(record), indent=2))
    target = root() / f"{record.name}-{record.key}"
    shutil.rmtree(target, ignore_errors=True)
    folder.rename(target)
    return Layout(target, record)


def index(layouts: list[Layout]) -> dict[str, Any]:
    """Return the OCI index of `layouts`."""
    return {"schemaVersion": 2, "manifests": [layout.descriptor() for layout in layouts]}


def share_blobs(source: Path, target: Path) -> None:
    """Hard-link every blob of the layout `source` into `target`; blobs are never written again."""
    for blob in _blobs(source):
        link = target / blob.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.hardlink_to(blob)


def add_blob(folder: Path, content: bytes) -> str:
    """Store `content` in the layout `folder`, and return its digest."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    path = blob_path(folder, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return digest


def prune(*, now: float | None = None) -> list[Layout]:
    """Remove layouts that are neither among the last used of their name nor were used within `GRACE`.

    An image is removed with its runtime: its links would keep the runtime's gigabytes on disk.

    Args:
        now: seconds since the epoch, for tests.

    Returns:
        The removed layouts.
    """
    moment = time.time() if now is None else now
    counts = Counter[str]()
    outdated: list[Layout] = []
    for layout in list_layouts():
        name = layout.record.name
        counts[name] += 1
        if counts[name] > KEPT.get(name, _KEPT_OTHERWISE) and moment - layout.last_used() > GRACE:
            outdated.append(layout)
    refs = {layout.ref for layout in outdated}
    outdated += [layout for layout in list_layouts() if layout.record.runtime in refs and layout.ref not in refs]
    for layout in outdated:
        shutil.rmtree(layout.folder)
    return outdated


def _blobs(folder: Path) -> Iterator[Path]:
    return (folder / "blobs").glob("*/*")


def _read(folder: Path) -> Layout | None:
    try:
        return Layout(folder, Record(**json.loads((folder / _RECORD).read_text())))
    except (OSError, ValueError, TypeError):
        return None
