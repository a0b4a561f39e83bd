"""Traces of local clusters on the host (links, routes, rules, mounts, groups, processes), and a probe pod's image."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.cluster.state import numbers
from tools.setup import locations

PROBE = Path(__file__).parent / "probe"


def strangers(instance: str) -> frozenset[str]:
    """Words that mark what belongs to other instances, and to image builds, which come and go meanwhile."""
    others = {name: number for name, number in numbers(locations.state()).items() if name != instance}
    words = {f"yard{number}" for number in others.values()} | {f"10.89.{number}." for number in others.values()}
    paths = {f"/{name}/" for name in others} | {f"/modelyard/{name}" for name in others}
    builds = {"buildah", "/containers/storage", tempfile.gettempdir() + "/"}
    return frozenset(words | paths | builds | {f"yard-{name}" for name in others})


@dataclass(frozen=True)
class Snapshot:
    """Everything an instance could leave behind, as sets, so that a difference reads well."""

    links: frozenset[str]
    addresses: frozenset[str]
    routes: frozenset[str]
    rules: frozenset[str]
    namespaces: frozenset[str]
    mounts: frozenset[str]
    groups: frozenset[str]
    folders: frozenset[str]
    settings: frozenset[str]


def snapshot(*, without: frozenset[str] = frozenset()) -> Snapshot:
    """Look at the whole machine; lines that hold one of the words in `without` belong to somebody else."""

    def lines(text):
        return frozenset(line.strip() for line in text.splitlines() if not any(word in line for word in without))

    links = {link["ifname"] for link in json.loads(_output("ip", "-json", "link"))}
    rules = "\n".join(
        line for line in _output("iptables-save").splitlines() if line.startswith("-A") or line[:1] == ":"
    )
    mounts = "\n".join(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    groups = "\n".join(
        str(path)
        for path in Path("/sys/fs/cgroup").glob("*/*")
        if path.is_dir() and path.name in {"modelyard", "k8s.io"}
    )
    pods = "\n".join(str(path) for path in Path("/sys/fs/cgroup").glob("*/modelyard/*") if path.is_dir())
    places = ("/run/netns", "/run/modelyard", "/run/containerd", "/var/log/pods", "/var/log/containers", "/opt")
    folders = [str(path) for place in places for path in (Path(place), *_children(Path(place)))]
    settings = "\n".join(
        f"{name} {Path('/proc/sys', name).read_text().strip()}"
        for name in ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward")
    )
    return Snapshot(
        lines("\n".join(links)),
        lines(_output("ip", "-oneline", "-4", "address")),
        lines(_output("ip", "-4", "route", "show", "table", "all")),
        lines(_strip_counters(rules)),
        lines(_output("ip", "netns", "list")),
        lines(mounts),
        lines(groups + "\n" + pods),
        lines("\n".join(folder for folder in folders if Path(folder).exists())),
        lines(settings),
    )


def new(before: Snapshot, after: Snapshot) -> dict[str, list[str]]:
    """Return what `after` has and `before` had not, by kind; empty if nothing came."""
    added = {name: sorted(getattr(after, name) - getattr(before, name)) for name in Snapshot.__dataclass_fields__}
    return {name: lines for name, lines in added.items() if lines}


def command_lines() -> dict[int, list[str]]:
    """Return the arguments of every process of the machine."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                found[int(process.name)] = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    return found


def processes_of(state: Path) -> list[str]:
    """Return the command lines that mention a state folder: components and container shims."""
    own = {os.getpid(), os.getppid()}
    return [" ".join(line) for pid, line in command_lines().items() if str(state) in " ".join(line) and pid not in own]


def probe_image(folder: Path) -> tuple[str, Path]:
    """Compile the probe and wrap it into an image archive; return its reference and the file."""
    program = folder / "probe"
    subprocess.run(
        ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(program), "."],
        cwd=PROBE,
        env=os.environ
        | {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"},
        check=True,
        timeout=240,
    )
    layer = _tar({"probe": program.read_bytes()})
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": ["/probe"], "User": "1000:1000"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    reference = "localhost/modelyard/test-probe:1"
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]).encode()
    archive = folder / "probe.tar"
    archive.write_bytes(_tar({"manifest.json": manifest, "config.json": config, "layer.tar": layer}))
    return reference, archive


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _strip_counters(rules: str) -> str:
    return "\n".join(line.partition(" [")[0] for line in rules.splitlines())


def _children(place: Path) -> list[Path]:
    return list(place.iterdir()) if place.is_dir() else []


def _output(*argv: str) -> str:
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30, env=os.environ | {"PATH": path})
    return done.stdout
