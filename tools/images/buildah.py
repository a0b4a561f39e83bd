"""Buildah with a storage of its own, apart from a person's images and settings.

`--isolation chroot` needs no cgroups and no resource limits, which containers inside containers often may not set.
Buildah's output goes to a log file per image; an error shows its last lines.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools.images import layout
from tools.images.layout import ImageError

#: Lines of a failed build that an error repeats; the messages of pip, uv and apt fit.
_TAIL = 25


@dataclass(frozen=True, kw_only=True)
class Build:
    """Arguments of one `buildah build`."""

    tag: str
    """Name of the image in buildah's storage."""
    containerfile: Path
    context: Path
    target: str | None = None
    """Last stage to build; None for the last of the file."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[Path, str] = field(default_factory=dict)
    """Host folders that RUN steps see, read and write; they leave no trace in the image."""
    secrets: Mapping[str, Path] = field(default_factory=dict)
    """Files that RUN steps may mount by id; they leave no trace in the image."""
    layers: bool = False
    """Keep the result of every step for the next build: worth its disk space where a step takes minutes."""

    reproducible: bool = False
    """Set all times to the epoch, so that equal content has an equal digest on every machine."""

    def command(self) -> list[str]:
        """Return the arguments after `buildah`."""
        options = ["build", "--isolation", "chroot", "--pull=never", f"--layers={str(self.layers).lower()}"]
        options += ["--format", "oci", "--file", str(self.containerfile), "--tag", self.tag]
        options += ["--timestamp", "0"] if self.reproducible else []
        options += ["--target", self.target] if self.target else []
        options += [f"--build-arg={name}={value}" for name, value in self.arguments.items()]
        options += [f"--label={name}={value}" for name, value in self.labels.items()]
        options += [f"--volume={host}:{inside}" for host, inside in self.volumes.items()]
        options += [f"--secret=id={name},src={file}" for name, file in self.secrets.items()]
        return [*options, str(self.context)]


class Storage:
    """Buildah's image and container storage under the cache."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or layout.root() / ".buildah"

    def build(self, build: Build, *, log: str) -> str:
        """Run a build and return the image id (hex). The output goes to `<cache>/images/logs/<log>.log`."""
        path = self._root.parent / "logs" / f"{log}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            result = self._start(build.command(), stdout=file, stderr=subprocess.STDOUT)
        if result.returncode:
            # A failed step leaves its container with gigabytes in it; no one else uses this storage.
            self.discard_containers()
            output = _tail(path.read_text(errors="replace"))
            raise ImageError(f"building {log} failed ({result.returncode}); {path} ends with:\n{output}")
        image_id = self.image_id(build.tag)
        if image_id is None:
            raise ImageError(f"building {log} left no image {build.tag}; see {path}")
        return image_id

    def image_id(self, tag: str) -> str | None:
        """Return the id of the image named `tag`, or None."""
        output = self._run(["images", "--json", "--no-trunc", "--filter", f"reference={tag}"], check=False)
        try:
            images = json.loads(output or "[]") or []
        except ValueError:
            return None
        return next(
            (image["id"].removeprefix("sha256:") for image in images if tag in (image.get("names") or [])), None
        )

    def tags(self) -> list[str]:
        """List the names of all images in storage."""
        images = json.loads(self._run(["images", "--json"]) or "[]") or []
        return [name for image in images for name in image.get("names") or []]

    def remove(self, tags: Sequence[str]) -> None:
        """Remove names, and the results of steps that no named image needs any more."""
        present = set(self.tags()).intersection(tags)
        if present:
            self._run(["rmi", "--force", *sorted(present)], check=False)

    def discard_containers(self) -> None:
        """Remove working containers that a failed or killed build left behind."""
        self._run(["rm", "--all"], check=False)

    def export(self, tag: str, folder: Path, *, shared: Path | None) -> str:
        """Write the image's blobs into the OCI layout `folder`, and return the manifest's digest.

        With `shared`, a layout whose layers the image starts with, those blobs are linked, and the few small layers
        above them are written (buildah compresses them, as it does for every OCI destination). Without it every layer
        is written uncompressed through the `dir` transport, the only one that does not compress.
        """
        folder.mkdir(parents=True)
        if shared is not None:
            layout.share_blobs(shared, folder)
            self._run(["push", "--quiet", tag, f"oci:{folder}:{layout.REPOSITORY}"])
            digest = json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]
            _remove_unused_blobs(folder, digest)
            return digest
        plain = folder / "plain"
        self._run(["push", "--quiet", "--disable-compression", tag, f"dir:{plain}"])
        manifest = (plain / "manifest.json").read_bytes()
        for file in plain.iterdir():
            if file.name not in {"manifest.json", "version"}:
                target = layout.blob_path(folder, f"sha256:{file.name}")
                target.parent.mkdir(parents=True, exist_ok=True)
                file.rename(target)
        shutil.rmtree(plain)
        return layout.add_blob(folder, manifest)

    def run(self, tag: str, command: Sequence[str], *, user: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container made from the image, without a network, and remove the container."""
        name = self._run(["from", "--pull-never", tag]).strip()
        try:
            options = ["run", "--isolation", "chroot", "--user", user, name, "--", *command]
            return self._start(options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        finally:
            self._run(["rm", name], check=False)

    def _run(self, arguments: Sequence[str], *, check: bool = True) -> str:
        result = self._start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode and check:
            raise ImageError(f"buildah {arguments[0]} failed ({result.returncode}): {_tail(result.stderr)}")
        return result.stdout

    def _start(
        self, arguments: Sequence[str], *, stdout: IO[str] | int, stderr: int
    ) -> subprocess.CompletedProcess[str]:
        if shutil.which("buildah") is None:
            raise ImageError("buildah is not installed; on Debian: apt-get install buildah")
        try:
            return subprocess.run(
                self._command(arguments), stdout=stdout, stderr=stderr, text=True, check=False, env=self._environment()
            )
        except FileNotFoundError as error:
            raise ImageError("setpriv is not installed; on Debian: apt-get install util-linux") from error

    def _command(self, arguments: Sequence[str]) -> list[str]:
        storage = ["--root", str(self._root / "root"), "--runroot", str(self._root / "run")]
        # A build must end with this process, even after kill -9: the next one would find its folders in use.
        return ["setpriv", "--pdeathsig", "TERM", "buildah", *storage, "--storage-driver", "overlay", *arguments]

    def _environment(self) -> dict[str, str]:
        # Buildah's temporary copies of layers take gigabytes: beside the storage, not in a small /tmp.
        temporary = self._root / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**inherited, "TMPDIR": str(temporary)}


def _remove_unused_blobs(folder: Path, manifest_digest: str) -> None:
    """Remove linked blobs that the image does not use (the other image's manifest and configuration)."""
    manifest = json.loads(layout.blob_path(folder, manifest_digest).read_bytes())
    used = {manifest_digest, manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])}
    for blob in (folder / "blobs").glob("*/*"):
        if f"{blob.parent.name}:{blob.name}" not in used:
            blob.unlink()


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_TAIL:])
