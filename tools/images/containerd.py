"""Load of images into a containerd, without the blobs that it has.

`ctr` (containerd 1.6 and later) is the client. An import is a tar stream of an OCI layout; blobs that the content store
already has may be missing from it, since the import looks everything up by digest. So a new version of an image whose
large layers are in the store takes as long as its small ones.
"""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import IO

from tools.images import layout
from tools.images.layout import ImageError, Layout

#: Namespace of the kubelet's images (CRI plugin of containerd).
NAMESPACE = "k8s.io"

#: Longest wait for an answer of containerd in seconds; an import may take far longer and has no limit.
_TIMEOUT = 60


class Containerd:
    """Client of one containerd, behind its socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def complete(self) -> dict[str, str]:
        """Return the manifest digest of each image that is complete and unpacked, by reference."""
        digests = {}
        for line in self._run("images", "check").splitlines()[1:]:
            # REF TYPE DIGEST STATUS SIZE UNPACKED; status is "complete (3/3)", size "1.5 MiB/1.5 MiB".
            ref, _, digest, status, *rest = line.split()
            if status == "complete" and rest[-1] == "true":
                digests[ref] = digest
        return digests

    def blobs(self) -> set[str]:
        """Return the digests in the content store."""
        return set(self._run("content", "ls", "--quiet").split())

    def snapshot_kinds(self) -> list[str]:
        """Return the kind of every snapshot: Committed, Active or View."""
        return [line.split()[-1] for line in self._run("snapshots", "ls").splitlines()[1:]]

    def adopt(self, digest: str, blob: Path) -> None:
        """Enter a blob that is already in the content store's folder into its database, without writing it again.

        containerd completes a write of a digest that its backend has at once (`content_sharing_policy` "shared", its
        default); `ctr` then seeks to the end of its input, which is therefore the file itself.
        """
        size = str(blob.stat().st_size)
        command = self._command("content", "ingest", "--expected-digest", digest, "--expected-size", size, digest)
        with blob.open("rb") as file:
            result = subprocess.run(command, stdin=file, capture_output=True, text=True, check=False)
        if result.returncode:
            raise ImageError(f"containerd at {self._socket} did not adopt {digest}: {result.stderr.strip()[-400:]}")

    def import_(self, layouts: Collection[Layout], present: Collection[str]) -> None:
        """Send `layouts` without the blobs that are `present`, and unpack them.

        Raises:
            ImageError: containerd refused; the text has its message.
        """
        process = subprocess.Popen(
            self._command("images", "import", "-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None  # noqa: S101  (stdin is a pipe; narrows the type)
        try:
            write_stream(process.stdin, layouts, present)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the process ended early, and its output has the reason
        except BaseException:
            # Interrupted: it would wait for the rest of the stream for ever, and this process for it.
            process.kill()
            process.wait()
            raise
        output = process.stdout.read().decode(errors="replace") if process.stdout else ""
        code = process.wait()
        if code:
            names = ", ".join(image.ref for image in layouts)
            raise ImageError(f"containerd at {self._socket} did not import {names} ({code}): {output.strip()[-800:]}")

    def _run(self, *arguments: str) -> str:
        try:
            result = subprocess.run(
                self._command(*arguments), capture_output=True, text=True, check=False, timeout=_TIMEOUT
            )
        except FileNotFoundError as error:
            raise ImageError("ctr is not installed; on Debian: apt-get install containerd") from error
        except subprocess.TimeoutExpired as error:
            raise ImageError(f"containerd at {self._socket} did not answer within {_TIMEOUT} s") from error
        if result.returncode:
            raise ImageError(f"containerd at {self._socket} did not answer: {result.stderr.strip()[-400:]}")
        return result.stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["ctr", "--address", str(self._socket), "--namespace", NAMESPACE, *arguments]


def load(socket: Path, refs: Iterable[str], *, report: Callable[[str], None] = lambda _: None) -> list[str]:
    """Load images into the containerd behind `socket`, and return the references of those that it lacked.

    Args:
        socket: containerd's socket.
        refs: references from `build`.
        report: gets a line per import.

    Raises:
        ImageError: a reference is not in the cache, or containerd does not answer or refuses.
    """
    if not socket.is_socket():
        raise ImageError(f"no containerd listens at {socket}: start the instance first (python -m tools.cluster up)")
    target = Containerd(socket)
    complete = target.complete()
    layouts = [layout.resolve(ref) for ref in dict.fromkeys(refs)]
    lacking = [image for image in layouts if complete.get(image.ref) != image.manifest_digest]
    if not lacking:
        return []
    present = target.blobs()
    report(f"loading {', '.join(image.ref for image in lacking)}")
    try:
        target.import_(lacking, present)
    except ImageError:
        # Between the two calls containerd may have collected blobs that belonged to no image.
        if not present:
            raise
        target.import_(lacking, ())
    return [image.ref for image in lacking]


def stream_members(layouts: Collection[Layout], present: Collection[str]) -> Iterator[tuple[str, bytes | Path]]:
    """Yield names and contents of the tar stream that imports `layouts` into a store with the `present` blobs.

    Manifests and configurations are always sent: they are small, and the import reads them by the stream's index.
    """
    yield "oci-layout", b'{"imageLayoutVersion":"1.0.0"}'
    yield "index.json", json.dumps(layout.index(list(layouts))).encode()
    sent = set()
    for image in layouts:
        *layers, configuration, manifest = image.digests()
        for digest in [*(layer for layer in layers if layer not in present), configuration, manifest]:
            if digest not in sent:
                sent.add(digest)
                yield f"blobs/{digest.replace(':', '/')}", image.blob(digest)


def write_stream(file: IO[bytes], layouts: Collection[Layout], present: Collection[str]) -> None:
    """Write the stream of `stream_members` as a tar archive."""
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20) as archive:
        for name, content in stream_members(layouts, present):
            member = tarfile.TarInfo(name)
            member.mode = 0o644
            if isinstance(content, bytes):
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                continue
            member.size = content.stat().st_size
            with content.open("rb") as source:
                archive.addfile(member, source)
