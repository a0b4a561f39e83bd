"""Images of the workloads, `train` and `serve`, from `workloads/containers/Containerfile`.

Both start with the layers of one `runtime` image (base and locked Python packages, several GB), which has a layout of
its own: a change of our code builds, exports and loads only the small layers above it.
"""

import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.images import base, host_settings, layout
from tools.images.buildah import Build, Storage
from tools.images.content_key import content_key
from tools.images.layout import ImageError, Layout, Record, reference
from tools.setup.locations import CHECKOUT, uv

#: Stages of the Containerfile that are images of their own.
ROLES = ("train", "serve")

CONTAINERFILE = CHECKOUT / "workloads" / "containers" / "Containerfile"

#: Image whose layers both roles start with.
RUNTIME = "runtime"

#: Mount point of the host's uv cache in build steps: an empty folder that every Debian has.
_UV_CACHE = "/srv"

Report = Callable[[str], None]


def build(role: str, storage: Storage, report: Report) -> Layout:
    """Build the image of one role and the runtime below it, unless they are in the cache.

    Raises:
        ImageError: the lock cannot be exported, or a build step failed.
    """
    with tempfile.TemporaryDirectory(prefix=".build-", dir=layout.root()) as folder:
        scratch = Path(folder)
        context = _context(scratch / "context")
        runtime_key, role_key = _keys(context, role)
        image = layout.find(role, role_key)
        runtime = layout.find(RUNTIME, runtime_key)
        if runtime is not None:
            runtime.touch()
        if image is not None:
            return image
        builder = _StageBuilder(storage, scratch, context, base.build(storage, scratch, report), report)
        if runtime is None:
            report("building the runtime of train and serve (installs torch and ray: minutes)")
            runtime = builder.build(RUNTIME, runtime_key, None)
        report(f"building image {role}")
        return builder.build(role, role_key, runtime)


def key(role: str) -> str:
    """Compute the content key of a role's image."""
    with tempfile.TemporaryDirectory() as folder:
        return _keys(_context(Path(folder) / "context"), role)[1]


def runtime_key() -> str:
    """Compute the content key of the runtime below both roles."""
    with tempfile.TemporaryDirectory() as folder:
        return _keys(_context(Path(folder) / "context"), ROLES[0])[0]


def requirements() -> str:
    """Export the locked packages of the workload images, as the Containerfile does.

    Raises:
        ImageError: uv is missing, or pyproject.toml and uv.lock do not agree.
    """
    command = ["export", "--quiet", "--project", str(CHECKOUT), "--frozen", "--no-dev", "--extra", "workloads"]
    command += ["--no-emit-project", "--prune", "pulumi", "--prune", "pulumi-kubernetes", "--no-annotate"]
    try:
        result = subprocess.run([str(uv()), *command, "--no-header"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError(f"no uv at {uv()}; set up the environments: python -m tools.setup") from error
    if result.returncode:
        raise ImageError(f"uv export failed: {result.stderr.strip()[-800:]}")
    return result.stdout


def runtime_recipe(containerfile: str) -> str:
    """Return the part of the Containerfile that decides the runtime: everything before the first stage above it.

    Comments do not count, as in a builder's own cache.
    """
    before = containerfile.partition(f"\nFROM {RUNTIME} AS ")[0]
    return "\n".join(line for line in before.splitlines() if line and not line.startswith("#"))


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files of the workloads that go into the images: all but the recipes and Python's own caches."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] != "containers" and "__pycache__" not in inside.parts:
            yield path


def _context(folder: Path) -> Path:
    """Copy the sources, so that key and image agree even if a file changes meanwhile."""
    for path in [CHECKOUT / "pyproject.toml", CHECKOUT / "uv.lock", CONTAINERFILE, *sources(CHECKOUT / "workloads")]:
        target = folder / path.relative_to(CHECKOUT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o644)  # readable by the image's user, whatever the umask of the checkout
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    return folder


def _keys(context: Path, role: str) -> tuple[str, str]:
    """Compute the content keys of the runtime and of the role above it."""
    recipe = (context / CONTAINERFILE.relative_to(CHECKOUT)).read_text()
    runtime = content_key({"recipe": runtime_recipe(recipe), "base": base.key(), "requirements": requirements()})
    code = {f"code/{path.relative_to(context)}": path for path in sources(context / "workloads")}
    labels = "\n".join(f"{name}={value}" for name, value in sorted(_labels(context).items()))
    return runtime, content_key({**code, "recipe": recipe, "runtime": runtime, "role": role, "labels": labels})


def _labels(context: Path) -> dict[str, str]:
    project = tomllib.loads((context / "pyproject.toml").read_text())["project"]
    requirements_digest = content_key({"requirements": requirements()})
    return {
        "org.opencontainers.image.version": project["version"],
        "io.modelyard.requirements": requirements_digest,
    }


def _find_uv_cache() -> Path | None:
    """Find the host's uv cache, which has the wheels of the virtual environments of the same lock."""
    result = subprocess.run([str(uv()), "cache", "dir"], capture_output=True, text=True, check=False)
    folder = Path(result.stdout.strip())
    return folder if result.returncode == 0 and folder.is_dir() else None


def _secrets(scratch: Path, *, cached: bool) -> dict[str, Path]:
    settings = scratch / "registry"
    settings.touch(mode=0o600)
    settings.write_text(host_settings.registry(uv_cache=_UV_CACHE if cached else None))
    bundle = host_settings.certificates()
    return {"registry": settings, **({"certificates": bundle} if bundle else {})}


@dataclass(frozen=True)
class _StageBuilder:
    """Builder of the stages of the Containerfile."""

    storage: Storage
    scratch: Path
    context: Path
    base: str
    report: Report

    def build(self, name: str, stage_key: str, runtime: Layout | None) -> Layout:
        """Build and export one stage of the Containerfile; `runtime` is None for the runtime itself."""
        began = time.monotonic()
        tag = reference(name, stage_key)
        cache = _find_uv_cache()
        recipe = Build(
            tag=tag,
            containerfile=self.context / CONTAINERFILE.relative_to(CHECKOUT),
            context=self.context,
            target=name,
            arguments={"BASE": self.base},
            labels={} if runtime is None else _labels(self.context),
            volumes={cache: _UV_CACHE} if cache else {},
            secrets=_secrets(self.scratch, cached=cache is not None),
            layers=True,
        )
        image_id = self.storage.build(recipe, log=name)
        built = time.monotonic()
        blobs = self.scratch / f"{name}-layout"
        twin = next((image for image in layout.list_layouts() if image.record.image_id == image_id), None)
        if twin is not None:
            # Another key with the same result, such as after an edit of another stage of the Containerfile.
            layout.share_blobs(twin.folder, blobs)
            manifest = twin.manifest_digest
        else:
            manifest = self.storage.export(tag, blobs, shared=runtime.folder if runtime else None)
        ended = time.monotonic()
        record = Record(
            name=name,
            key=stage_key,
            image_id=image_id,
            manifest=manifest,
            runtime=runtime.ref if runtime else None,
            seconds=round(ended - began, 1),
        )
        image = layout.write(blobs, record)
        export = f"{ended - built:.0f} s of it the export"
        self.report(f"built {image.ref} ({image.size() / 1e6:.0f} MB) in {ended - began:.0f} s, {export}")
        return image
