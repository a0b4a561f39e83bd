"""Images through real buildah and real containerd, in a cache of their own.

What cheaper tests cannot show: that containerd accepts a stream without the layers it has, that a copied root with
linked layers is a whole containerd, and that a write in one of two such roots stays there.
"""

import contextlib
import fcntl
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.images import build, layout, load, seed
from tools.images.buildah import Build, Storage
from tools.images.containerd import Containerd
from tools.images.layout import Layout, Record
from tools.images.throwaway_containerd import throwaway_containerd
from tools.setup.locations import BIN

pytestmark = pytest.mark.cluster

NEEDED = ("buildah", "containerd", "ctr", "mount")

#: Bytes of the file that stands for torch: enough to see whether it was sent or linked.
BIG = 20_000_000


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory) -> Iterator[Path]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELYARD_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def programs() -> dict[str, str]:
    """References of pause and CoreDNS, built here."""
    missing = [name for name in ("pause", "coredns") if not (BIN / name).exists()]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} in {BIN}: python -m tools.setup")
    return build(["pause", "coredns"])


@pytest.fixture
def containerd(tmp_path) -> Iterator[Path]:
    with throwaway_containerd(tmp_path / "root", tmp_path) as socket:
        yield socket


@pytest.fixture(scope="module")
def on_runtime(cache, tmp_path_factory) -> dict[str, Layout]:
    """`runtime` with a big file, and `first` and `second` that add code to it, as train and serve do."""
    context = tmp_path_factory.mktemp("context")
    (context / "big").write_bytes(bytes(BIG))
    (context / "removed").write_text("a later layer removes this")
    storage = Storage()
    layouts: dict[str, Layout] = {}
    for number, (name, recipe) in enumerate(
        (
            ("runtime", "FROM scratch\nCOPY big removed /data/\n"),
            ("first", "FROM localhost/modelyard/runtime:{key}\nCOPY first /code\n"),
            ("second", "FROM localhost/modelyard/runtime:{key}\nCOPY second /code\n"),
        )
    ):
        (context / name).write_text(f"code of {name}")
        (context / "Containerfile").write_text(recipe.format(key="000000000000"))
        key = f"{number:012d}"
        tag = layout.reference(name, key)
        image_id = storage.build(Build(tag=tag, containerfile=context / "Containerfile", context=context), log=name)
        runtime = layouts.get("runtime")
        folder = layout.root() / f".making-{name}"
        manifest = storage.export(tag, folder, shared=runtime.folder if runtime else None)
        ref = runtime.ref if runtime else None
        layouts[name] = layout.write(
            folder, Record(name=name, key=key, image_id=image_id, manifest=manifest, runtime=ref)
        )
    return layouts


def test_images_are_built_once(programs):
    began = time.monotonic()
    assert build(["pause", "coredns"]) == programs
    assert time.monotonic() - began < 1


def test_cached_images_do_not_wait_for_another_build(programs):
    with (layout.root() / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert build(["pause", "coredns"]) == programs


def test_lost_cache_gives_the_same_image_again(programs):
    before = layout.resolve(programs["pause"]).manifest_digest
    shutil.rmtree(layout.resolve(programs["pause"]).folder)
    assert build(["pause"]) == {"pause": programs["pause"]}
    assert layout.resolve(programs["pause"]).manifest_digest == before


def test_built_images_hold_the_program_and_are_not_root(programs, containerd):
    load(containerd, programs.values())
    for name, ref in programs.items():
        found = layout.resolve(ref)
        config = _json(found, found.manifest()["config"]["digest"])["config"]
        assert config["User"] == "65532:65532"
        assert config["Entrypoint"] == [f"/{name}"]
        with _mounted(containerd, ref, f"view-{name}") as files:
            program = files / name
            assert hashlib.sha256(program.read_bytes()).digest() == hashlib.sha256((BIN / name).read_bytes()).digest()
            assert program.stat().st_mode & 0o777 == 0o755


def test_second_load_does_nothing_and_takes_no_time(programs, containerd):
    refs = list(programs.values())
    assert load(containerd, refs) == refs
    assert set(Containerd(containerd).complete()) == set(refs)
    began = time.monotonic()
    assert load(containerd, refs) == []
    assert time.monotonic() - began < 1


def test_removed_name_comes_back_without_sending_layers(on_runtime, containerd):
    first = on_runtime["first"]
    load(containerd, [first.ref])
    _ctr(containerd, "images", "tag", first.ref, "localhost/kept:x")
    _ctr(containerd, "images", "rm", first.ref)
    assert load(containerd, [first.ref]) == [first.ref]
    assert Containerd(containerd).complete()[first.ref] == first.manifest_digest


def test_second_image_of_a_runtime_sends_only_its_own_layer(on_runtime, containerd, monkeypatch):
    load(containerd, [on_runtime["first"].ref])
    # With the big layer gone from the cache, the load can only work if it does not send it.
    big = on_runtime["second"].blob(on_runtime["second"].layers()[0])
    assert big.stat().st_size > BIG
    aside = big.with_suffix(".aside")
    big.rename(aside)
    try:
        load(containerd, [on_runtime["second"].ref])
    finally:
        aside.rename(big)
    assert Containerd(containerd).complete()[on_runtime["second"].ref] == on_runtime["second"].manifest_digest


def test_refusal_of_containerd_keeps_its_message(on_runtime, containerd):
    first = on_runtime["first"]
    manifest = first.blob(first.manifest_digest)
    content = manifest.read_bytes()
    manifest.unlink()
    manifest.write_bytes(content.replace(b"schemaVersion", b"schemaversion") + b" ")
    try:
        with pytest.raises(layout.ImageError, match=r"did not import localhost/modelyard/first:.*"):
            load(containerd, [first.ref])
    finally:
        manifest.write_bytes(content)


class TestSeed:
    """Two roots from one seed."""

    @pytest.fixture
    def roots(self, on_runtime, tmp_path) -> list[Path]:
        roots = [tmp_path / "one", tmp_path / "two"]
        for root in roots:
            assert seed(root, [on_runtime["first"].ref, on_runtime["second"].ref]) is True
        return roots

    def test_large_layer_is_present_before_the_load(self, on_runtime, roots, tmp_path):
        with _running(roots[0], tmp_path) as socket:
            assert Containerd(socket).complete() == {on_runtime["runtime"].ref: on_runtime["runtime"].manifest_digest}
            assert load(socket, [on_runtime["first"].ref]) == [on_runtime["first"].ref]
            with _mounted(socket, on_runtime["first"].ref, "view") as files:
                assert (files / "code").read_text() == "code of first"
                assert (files / "data" / "big").stat().st_size == BIG

    def test_layers_are_linked_and_databases_are_not(self, roots):
        shared, own = [], []
        for file in (path for path in roots[0].rglob("*") if path.is_file()):
            twin = roots[1] / file.relative_to(roots[0])
            (shared if twin.samefile(file) else own).append(file.name)
        assert sorted(own) == ["meta.db", "metadata.db"]
        assert "big" in shared

    def test_blobs_are_those_of_the_cache(self, on_runtime, roots):
        big = on_runtime["runtime"].layers()[0]
        content = roots[0] / "io.containerd.content.v1.content"
        assert layout.blob_path(content, big).samefile(on_runtime["runtime"].blob(big))

    def test_write_in_a_container_stays_in_its_root(self, on_runtime, roots, tmp_path):
        before = _fingerprint(roots[1])
        with _running(roots[0], tmp_path) as socket:
            load(socket, [on_runtime["first"].ref])
            with _mounted(socket, on_runtime["first"].ref, "writer", writable=True) as files:
                (files / "data" / "big").write_bytes(b"changed")
                (files / "data" / "removed").unlink()
                (files / "data").chmod(0o700)
                (files / "data" / "new").write_text("new")
        assert _fingerprint(roots[1]) == before
        with _running(roots[1], tmp_path) as socket:
            load(socket, [on_runtime["second"].ref])
            with _mounted(socket, on_runtime["second"].ref, "reader") as files:
                assert (files / "data" / "big").read_bytes() == bytes(BIG)
                assert sorted(path.name for path in (files / "data").iterdir()) == ["big", "removed"]

    def test_removal_of_a_root_and_the_seed_leaves_another_root(self, on_runtime, roots, tmp_path):
        shutil.rmtree(roots[0])
        shutil.rmtree(layout.root() / "seeds")
        with _running(roots[1], tmp_path) as socket:
            load(socket, [on_runtime["second"].ref])
            with _mounted(socket, on_runtime["second"].ref, "reader") as files:
                assert (files / "data" / "big").read_bytes() == bytes(BIG)

    def test_interrupted_clone_is_made_again(self, on_runtime, roots, tmp_path):
        root = roots[0]
        (root / "io.containerd.metadata.v1.bolt" / "meta.db").unlink()
        (root / "io.containerd.snapshotter.v1.overlayfs" / "metadata.db").unlink()
        shutil.rmtree(root / "io.containerd.content.v1.content" / "blobs")
        assert seed(root, [on_runtime["first"].ref]) is True
        with _running(root, tmp_path) as socket:
            assert on_runtime["runtime"].ref in Containerd(socket).complete()


@contextlib.contextmanager
def _running(root: Path, folder: Path) -> Iterator[Path]:
    state = folder / f"state-{root.name}"
    state.mkdir(exist_ok=True)
    with throwaway_containerd(root, state) as socket:
        yield socket


@contextlib.contextmanager
def _mounted(socket: Path, ref: str, key: str, *, writable: bool = False) -> Iterator[Path]:
    """The image's files as a container would see them: a snapshot on top of its layers, mounted."""
    target = socket.parent / f"mount-{key}"
    target.mkdir()
    _ctr(socket, "snapshots", "prepare" if writable else "view", key, _chain_id(layout.resolve(ref)))
    command = _ctr(socket, "snapshots", "mounts", str(target), key).split()
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield target
    finally:
        subprocess.run(["umount", str(target)], check=True)


def _chain_id(found: Layout) -> str:
    """The name of the topmost snapshot (OCI image-spec, "Layer ChainID")."""
    differences = _json(found, found.manifest()["config"]["digest"])["rootfs"]["diff_ids"]
    chain = differences[0]
    for difference in differences[1:]:
        chain = f"sha256:{hashlib.sha256(f'{chain} {difference}'.encode()).hexdigest()}"
    return chain


def _fingerprint(root: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, size and content of every file of a containerd root."""
    return {
        str(path.relative_to(root)): (
            path.stat().st_mode,
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(root.rglob("*"))
    }


def _ctr(socket: Path, *arguments: str) -> str:
    command = ["ctr", "--address", str(socket), "--namespace", "k8s.io", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _json(found: Layout, digest: str) -> dict[str, Any]:
    return json.loads(found.blob(digest).read_bytes())
