"""Building images by name: what has the right key already is left alone."""

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

#: Every image that `build` knows, in the order in which a cluster needs them.
NAMES = (*PROGRAMS, *workload.ROLES)

Report = Callable[[str], None]


def build(names: Iterable[str] | None = None, *, report: Report = lambda _: None) -> dict[str, str]:
    """Build images that are not in the cache yet.

    Args:
        names: some of `NAMES`; None for all.
        report: gets a line before and after each step that takes noticeable time.

    Returns:
        Name → reference (`localhost/modelyard/<name>:<key>`), in the order asked for. The key is a hash over all
        that goes in, so an equal reference is an equal image.

    Raises:
        ImageError: an unknown name, a missing executable, or a failed build.
    """
    wanted = list(NAMES if names is None else dict.fromkeys(names))
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        raise ImageError(f"no image called {', '.join(map(repr, unknown))}; there are: {', '.join(NAMES)}")
    there = _there(wanted)
    if there is not None:
        return there
    with _lock():
        found = {}
        for name in wanted:
            made = _program(PROGRAMS[name], report) if name in PROGRAMS else workload.build(name, Storage(), report)
            made.touch()
            found[name] = made.ref
        gone = layout.prune()
        if gone:
            Storage().remove([old.ref for old in gone])
            seeds.prune()
        return found


def _there(names: list[str]) -> dict[str, str] | None:
    """References of `names` if all are built, without waiting for a build of something else."""
    refs = keys(names)
    try:
        for ref in refs.values():
            found = layout.resolve(ref)
            found.touch()
            if found.record.runtime:
                layout.resolve(found.record.runtime).touch()
    except (ImageError, FileNotFoundError):
        return None  # missing, or just being pruned
    return refs


def keys(names: Iterable[str] | None = None) -> dict[str, str]:
    """Name → the reference that `build` would return, without building anything."""
    return {
        name: layout.reference(name, PROGRAMS[name].key() if name in PROGRAMS else workload.key(name))
        for name in (NAMES if names is None else names)
    }


def _program(program: Program, report: Report) -> Layout:
    """The image of one static program. Nothing of it stays in buildah's storage: it is as quickly built again."""
    key = program.key()
    found = layout.find(program.name, key)
    if found is not None:
        return found
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
        made = layout.write(scratch / "layout", record)
    report(f"built {made.ref} ({made.size() / 1e6:.0f} MB) in {seconds:.0f} s")
    return made


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder on the file system of the layouts, so that finished ones are moved by a rename."""
    layout.root().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=layout.root()) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One build at a time per cache: a second process waits, then finds the first one's work."""
    layout.root().mkdir(parents=True, exist_ok=True)
    with (layout.root() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        left = list(layout.root().glob(".build-*"))
        if left:  # of a build that was killed, since this one holds the lock
            Storage().discard_containers()
            for folder in left:
                shutil.rmtree(folder)
        yield
