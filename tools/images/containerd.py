"""Loading images into a containerd, sending only what it lacks.

`ctr` (containerd 1.6 and later) is the client. An import is a tar stream of an OCI layout; blobs that the content
store already has may be missing from it, since the import looks everything up by digest. So a new version of an
image whose large layers are already there takes as long as its small ones.
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

#: The namespace in which the kubelet's images live (CRI plugin of containerd).
NAMESPACE = "k8s.io"

#: Seconds after which a question to containerd is given up; an import may take far longer and has no limit.
_TIMEOUT = 60


class Containerd:
    """The images of one containerd, behind its socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def complete(self) -> dict[str, str]:
        """Images that are entirely there and unpacked: reference → manifest digest."""
        found = {}
        for line in self._ask("images", "check").splitlines()[1:]:
            # REF TYPE DIGEST STATUS SIZE UNPACKED; status is "complete (3/3)", size "1.5 MiB/1.5 MiB".
            ref, _, digest, status, *rest = line.split()
            if status == "complete" and rest[-1] == "true":
                found[ref] = digest
        return found

    def blobs(self) -> set[str]:
        """Digests in the content store."""
        return set(self._ask("content", "ls", "--quiet").split())

    def snapshot_kinds(self) -> list[str]:
        """The kind of every snapshot: Committed, Active or View."""
        return [line.split()[-1] for line in self._ask("snapshots", "ls").splitlines()[1:]]

    def adopt(self, digest: str, blob: Path) -> None:
        """Enter a blob that already lies in the content store's folder into its database, without writing it again.

        containerd takes a writer for a digest that its backend has as complete at once (`content_sharing_policy`
        "shared", its default); `ctr` then seeks to the end of its input, which is therefore the file itself.
        """
        size = str(blob.stat().st_size)
        command = self._command("content", "ingest", "--expected-digest", digest, "--expected-size", size, digest)
        with blob.open("rb") as file:
            done = subprocess.run(command, stdin=file, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ImageError(f"containerd at {self._socket} did not adopt {digest}: {done.stderr.strip()[-400:]}")

    def import_(self, layouts: Collection[Layout], present: Collection[str]) -> None:
        """Send `layouts` without the blobs that are `present`, and unpack them.

        Raises:
            ImageError: containerd refused; its own words are in the text.
        """
        process = subprocess.Popen(
            self._command("images", "import", "-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None  # noqa: S101  (a pipe was asked for; narrows the type)
        try:
            write_stream(process.stdin, layouts, present)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the process ended early and says why below
        except BaseException:
            # Interrupted: it would wait for the rest of the stream for ever, and we for it.
            process.kill()
            process.wait()
            raise
        said = process.stdout.read().decode(errors="replace") if process.stdout else ""
        code = process.wait()
        if code:
            names = ", ".join(found.ref for found in layouts)
            raise ImageError(f"containerd at {self._socket} did not import {names} ({code}): {said.strip()[-800:]}")

    def _ask(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                self._command(*arguments), capture_output=True, text=True, check=False, timeout=_TIMEOUT
            )
        except FileNotFoundError as error:
            raise ImageError("ctr is not installed; on Debian: apt-get install containerd") from error
        except subprocess.TimeoutExpired as error:
            raise ImageError(f"containerd at {self._socket} did not answer within {_TIMEOUT} s") from error
        if done.returncode:
            raise ImageError(f"containerd at {self._socket} did not answer: {done.stderr.strip()[-400:]}")
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["ctr", "--address", str(self._socket), "--namespace", NAMESPACE, *arguments]


def load(socket: Path, refs: Iterable[str], *, report: Callable[[str], None] = lambda _: None) -> list[str]:
    """Make images known to the containerd behind `socket`; returns those that were not yet complete there.

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
    lacking = [found for found in layouts if complete.get(found.ref) != found.manifest_digest]
    if not lacking:
        return []
    present = target.blobs()
    report(f"loading {', '.join(found.ref for found in lacking)}")
    try:
        target.import_(lacking, present)
    except ImageError:
        # Between the question and the import, containerd may have collected blobs that belonged to no image.
        if not present:
            raise
        target.import_(lacking, ())
    return [found.ref for found in lacking]


def stream_members(layouts: Collection[Layout], present: Collection[str]) -> Iterator[tuple[str, bytes | Path]]:
    """Names and contents of the tar stream that imports `layouts` where the `present` blobs already are.

    Manifests and configurations are always sent: they are small, and the import reads them from the stream's index.
    """
    yield "oci-layout", b'{"imageLayoutVersion":"1.0.0"}'
    yield "index.json", json.dumps(layout.index(list(layouts))).encode()
    sent = set()
    for found in layouts:
        *layers, configuration, manifest = found.digests()
        for digest in [*(layer for layer in layers if layer not in present), configuration, manifest]:
            if digest not in sent:
                sent.add(digest)
                yield f"blobs/{digest.replace(':', '/')}", found.blob(digest)


def write_stream(file: IO[bytes], layouts: Collection[Layout], present: Collection[str]) -> None:
    """Write that stream as a tar archive."""
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
