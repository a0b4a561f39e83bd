"""Base of the workload images without a registry: Debian 12 with Python, built by debootstrap.

With a registry, `workloads/containers/Containerfile` starts from the public Python image instead; both have Debian
bookworm, bash and Python 3.11. Packages come from the host's own Debian mirror; the image names the public one.
debootstrap checks signatures against the host's Debian keyring.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools.images.buildah import Build, Storage
from tools.images.content_key import content_key
from tools.images.layout import ImageError, reference

_SUITE = "bookworm"
_PUBLIC_MIRROR = "http://deb.debian.org/debian"

#: Packages of the image: ca-certificates for s3:// and hf://, wget for KubeRay's probe of serving workers, venv for the
#: environment.
_PACKAGES = ("ca-certificates", "python3", "python3-venv", "wget")

#: Files that apt regenerates or that a container does not read; copyright files stay, as the licences require.
_REMOVED = ("var/cache/apt/*", "var/lib/apt/lists/*", "var/log/*", "usr/share/man/*", "usr/share/locale/*", "tmp/*")

#: Files of apt's sources, in both formats.
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources")

_CONTAINERFILE = 'FROM scratch\nADD rootfs.tar /\nCMD ["bash"]\n'


def key() -> str:
    """Compute the content key of the arguments of debootstrap (a Debian point release alone rebuilds nothing)."""
    arguments = {"suite": _SUITE, "packages": " ".join(_PACKAGES), "removed": " ".join(_REMOVED)}
    return content_key({**arguments, "containerfile": _CONTAINERFILE})


def build(storage: Storage, scratch: Path, report: Callable[[str], None]) -> str:
    """Build the base into buildah's storage unless it is there, and return its tag.

    Raises:
        ImageError: not root, no debootstrap, or debootstrap failed; the text has the end of its output.
    """
    tag = reference("base", key())
    if storage.image_id(tag):
        return tag
    report("building the base image from Debian packages (about 40 s)")
    rootfs, context = scratch / "rootfs", scratch / "base"
    context.mkdir()
    _debootstrap(rootfs)
    _clean(rootfs)
    _archive(rootfs, context / "rootfs.tar")
    shutil.rmtree(rootfs)
    (context / "Containerfile").write_text(_CONTAINERFILE)
    recipe = Build(tag=tag, containerfile=context / "Containerfile", context=context)
    storage.build(recipe, log="base")
    return tag


def find_host_mirror(texts: list[str] | None = None) -> str:
    """Find the Debian mirror in the host's apt sources, else return the public one.

    Args:
        texts: contents of sources files, for tests; None reads the host's.
    """
    for text in _host_sources() if texts is None else texts:
        for pattern in (
            rf"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+{_SUITE}\s+.*\bmain\b",
            rf"^URIs:\s*(\S+)(?=(?:\n(?!\n).*)*?\nSuites:[^\n]*\b{_SUITE}(?:\s|$))",
        ):
            match = re.search(pattern, text, re.MULTILINE)
            if match:
                return match[1]
    return _PUBLIC_MIRROR


def _host_sources() -> list[str]:
    files = [file for pattern in _SOURCES for file in sorted(Path("/").glob(pattern.lstrip("/")))]
    return [file.read_text(errors="replace") for file in files]


def _debootstrap(rootfs: Path) -> None:
    if os.geteuid() != 0:
        raise ImageError("the base image needs root (debootstrap changes root and makes device files)")
    if shutil.which("debootstrap") is None:
        raise ImageError("debootstrap is not installed; on Debian: apt-get install debootstrap")
    include = f"--include={','.join(_PACKAGES)}"
    command = ["debootstrap", "--variant=minbase", include, _SUITE, str(rootfs), find_host_mirror()]
    # A mount namespace of its own: the mounts of debootstrap in the new root end with it.
    result = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )
    if result.returncode:
        output = "\n".join((result.stdout + result.stderr).strip().splitlines()[-15:])
        raise ImageError(f"debootstrap failed ({result.returncode}):\n{output}")


def _clean(rootfs: Path) -> None:
    for pattern in _REMOVED:
        for path in rootfs.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in (rootfs / "usr/share/doc").rglob("*"):
        if path.is_file() and path.name != "copyright":
            path.unlink()
    (rootfs / "etc/apt/sources.list").write_text(f"deb {_PUBLIC_MIRROR} {_SUITE} main\n")
    # debootstrap copies these from the host; its names have no meaning in a container.
    (rootfs / "etc/hostname").write_text("localhost\n")
    (rootfs / "etc/resolv.conf").write_text("")


def _archive(rootfs: Path, archive: Path) -> None:
    options = ["--numeric-owner", "--xattrs", "--one-file-system", "--exclude=./dev/*", "--exclude=./proc/*"]
    subprocess.run(["tar", "-C", str(rootfs), *options, "-cf", str(archive), "."], check=True, capture_output=True)
