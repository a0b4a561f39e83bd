"""Build of images by name; an image whose key exists is not built again."""

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools.images import layout, seeds, workload
from tools.images.buildah import Build, Storage
from tools.images.layout import ImageError, Layout, Record
from tools.images.programs import PROGRAMS, Program

#: All images, in the order in which a cluster needs them.
NAMES = (*PROGRAMS, *workload.ROLES)

Report = Callable[[str], None]


def build(names: Iterable[str] | None = None, *, report: Report = lambda _: None) -> dict[str, str]:
    """Build images that are not in the cache.

    Args:
        names: some of `NAMES`; None for all.
        report: gets a line before and after each step that takes noticeable time.

    Returns:
        Name → reference (`localhost/modelyard/<name>:<key>`), in the order of `names`. The key is a hash over all
        inputs, so an equal reference is an equal image.

    Raises:
        ImageError: an unknown name, a missing executable, or a failed build.
    """
    selection = list(NAMES if names is None else dict.fromkeys(names))
    unknown = [name for name in selection if name not in NAMES]
    if unknown:
        raise ImageError(f"unknown image {', '.join(map(repr, unknown))}; known: {', '.join(NAMES)}")
    cached = _find_cached(selection)
    if cached is not None:
        return cached
    with _lock():
        refs = {}
        for name in selection:
            is_program = name in PROGRAMS
            image = _build_program(PROGRAMS[name], report) if is_program else workload.build(name, Storage(), report)
            image.touch()
            refs[name] = image.ref
        pruned = layout.prune()
        if pruned:
            Storage().remove([image.ref for image in pruned])
            seeds.prune()
        return refs


def _find_cached(names: list[str]) -> dict[str, str] | None:
    """Return the references of `names` if all are built, without waiting for a build of another image."""
    refs = keys(names)
    try:
        for ref in refs.values():
            image = layout.resolve(ref)
            image.touch()
            if image.record.runtime:
                layout.resolve(image.record.runtime).touch()
    except (ImageError, FileNotFoundError):
        return None  # missing, or just being pruned
    return refs


def keys(names: Iterable[str] | None = None) -> dict[str, str]:
    """Return the reference that `build` would return for each name, without building anything."""
    return {
        name: layout.reference(name, PROGRAMS[name].key() if name in PROGRAMS else workload.key(name))
        for name in (NAMES if names is None else names)
    }


def _build_program(program: Program, report: Report) -> Layout:
    """Build the image of a static program; buildah's storage does not keep it, since a new build is as quick."""
    key = program.key()
    image = layout.find(program.name, key)
    if image is not None:
        return image
    report(f"building image {program.name}")
    began = time.monotonic()
    storage, tag = Storage(), layout.reference(program.name, key)
    with _scratch() as scratch:
        context = scratch / "context"
        context.mkdir()
        shutil.copyfile(program.binary(), context / program.name)
        recipe = Build(
            tag=tag,
            containerfile=program.containerfile,
            context=context,
            labels=program.labels(),
            reproducible=True,
        )
        image_id = storage.build(recipe, log=program.name)
        manifest = storage.export(tag, scratch / "layout", shared=None)
        storage.remove([tag])
        seconds = time.monotonic() - began
        record = Record(name=program.name, key=key, image_id=image_id, manifest=manifest, seconds=round(seconds, 1))
        image = layout.write(scratch / "layout", record)
    report(f"built {image.ref} ({image.size() / 1e6:.0f} MB) in {seconds:.0f} s")
    return image


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Create a folder on the file system of the layouts, so that a rename moves a finished one."""
    layout.root().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=layout.root()) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """Lock the cache for one build at a time: a second process waits, then finds the work of the first."""
    layout.root().mkdir(parents=True, exist_ok=True)
    with (layout.root() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        remains = list(layout.root().glob(".build-*"))
        if remains:  # of a build that was killed, since this one has the lock
            Storage().discard_containers()
            for folder in remains:
                shutil.rmtree(folder)
        yield
