"""Training text for the local environment: a few megabytes of freely licensed English, without a data hub.

    python -m tools.local_text --output .local/data/text

Takes Debian's package perl-doc (Perl's manual, GPL-1+ or Artistic) through apt, unpacks it without installing it, keeps
the prose, and writes

* ``train.txt`` and ``validation.txt``: whole documents, split by a hash of their names; no paragraph is in both;
* ``SOURCE.json``: package, version, checksums and counts; ``LICENCE``: the package's own copyright file.

The package is kept in the cache, and a folder that is already right is left alone. Only the standard library is used.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.workloads.failure import EXIT_SUCCEEDED, UserError
from modelyard.workloads.preprocess.pod import prose

PACKAGE = "perl-doc"

RECIPE = 1
"""Raised when the same package would give other text."""

TABLES = {"perltoc", "perluniprops", "perlmodlib", "perlcheat", "perlhist"}
"""Documents of perl-doc that are lists, not prose."""

VALIDATION_SHARE = 10
"""One document in so many is held out."""


@dataclass(frozen=True)
class Document:
    """One document's prose."""

    name: str
    paragraphs: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        """Whether the document belongs to the validation text; depends on its name alone."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % VALIDATION_SHARE == 0


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.local_text",
        description="Writes train.txt and validation.txt, a few megabytes of freely licensed English text.",
        epilog="example: %(prog)s --output .local/data/text",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--deb", type=Path, metavar="FILE", help=f"the package {PACKAGE} as a file, instead of apt's")
    parser.add_argument("--quiet", action="store_true", help="say nothing unless it fails")
    options = parser.parse_args(arguments)
    try:
        source = prepare(options.output, deb=options.deb)
    except UserError as wrong:
        sys.stderr.write(f"error: {wrong}\n")
        return wrong.exit_code
    if not options.quiet:
        sys.stdout.write(
            f"{options.output}: {source['train_bytes'] / 1e6:.1f} MB to train on, "
            f"{source['validation_bytes'] / 1e6:.2f} MB held out, from {source['package']} {source['version']}\n"
        )
    return EXIT_SUCCEEDED


def prepare(output: Path, *, deb: Path | None = None) -> dict[str, Any]:
    """Makes `output` hold the text; returns what SOURCE.json says.

    Raises:
        UserError: apt or dpkg-deb is missing, the package cannot be had, or `output` cannot be written.
    """
    version = _version_of(deb) if deb else _candidate(output)
    if version is None or (present := _present(output, version)) is None:
        file = deb or _download(version)
        with tempfile.TemporaryDirectory(prefix="modelyard-text-") as folder:
            _run("dpkg-deb", "-x", str(file), folder)
            documents = read_documents(Path(folder))
            licence = Path(folder, "usr/share/doc", PACKAGE, "copyright").read_bytes()
        present = _write(output, documents, licence, version=version or _version_of(file))
    return present


def read_documents(folder: Path) -> list[Document]:
    """The documents under `folder`, by name; a paragraph that occurs again, anywhere, is kept only the first time.

    So no held-out paragraph can be met in training, and boilerplate does not teach the model to repeat itself.
    """
    seen: set[str] = set()
    documents: list[Document] = []
    for file in sorted(folder.rglob("*.pod"), key=lambda path: path.name):
        if file.stem in TABLES:
            continue
        fresh = [line for line in prose(_decoded(file)) if not (line in seen or seen.add(line))]
        if fresh:
            documents.append(Document(file.stem, tuple(fresh)))
    if not documents:
        raise UserError(f"package {PACKAGE} holds no .pod documents; allowed is Debian's {PACKAGE}")
    return documents


def _decoded(file: Path) -> str:
    """Perl's manual is UTF-8 today; a few old documents declare Latin-1."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _write(output: Path, documents: list[Document], licence: bytes, *, version: str) -> dict[str, Any]:
    train, validation = (
        "\n\n\n".join("\n\n".join(one.paragraphs) for one in documents if one.held_out is held).encode() + b"\n"
        for held in (False, True)
    )
    source = {
        "package": PACKAGE,
        "version": version,
        "recipe": RECIPE,
        "licence": "GPL-1.0-or-later OR Artistic-1.0-Perl",
        "documents": len(documents),
        "documents_held_out": sum(one.held_out for one in documents),
        "train_bytes": len(train),
        "train_sha256": hashlib.sha256(train).hexdigest(),
        "validation_bytes": len(validation),
        "validation_sha256": hashlib.sha256(validation).hexdigest(),
    }
    try:
        output.mkdir(parents=True, exist_ok=True)
        _replace(output / "train.txt", train)
        _replace(output / "validation.txt", validation)
        _replace(output / "LICENCE", licence)
        _replace(output / "SOURCE.json", json.dumps(source, indent=2).encode() + b"\n")
    except OSError as wrong:
        raise UserError(f"{output} cannot be written: {wrong.strerror}; choose another --output") from wrong
    return source


def _replace(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_bytes(content)
    temporary.replace(file)


def _present(output: Path, version: str) -> dict[str, Any] | None:
    """What SOURCE.json says, if it is of this version and recipe and the files are those it names."""
    try:
        source = json.loads((output / "SOURCE.json").read_text())
        right = (source["version"], source["recipe"]) == (version, RECIPE) and all(
            hashlib.sha256((output / f"{part}.txt").read_bytes()).hexdigest() == source[f"{part}_sha256"]
            for part in ("train", "validation")
        )
    except (OSError, ValueError, KeyError):
        return None
    return source if right else None


def _candidate(output: Path) -> str:
    """The version that apt would fetch. Where apt does not know, the version already in `output` stands."""
    if shutil.which("apt-cache") is None or shutil.which("dpkg-deb") is None:
        raise UserError(
            "apt-cache and dpkg-deb are needed to fetch the training text, and are not on PATH; on a machine without "
            f"Debian's tools, give your own text as train_data, or the package {PACKAGE} as --deb FILE"
        )
    shown = _run("apt-cache", "show", "--no-all-versions", PACKAGE, check=False)
    versions = [line.partition(": ")[2] for line in shown.splitlines() if line.startswith("Version: ")]
    if versions:
        return versions[0]
    try:
        return str(json.loads((output / "SOURCE.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        raise UserError(f"apt knows no package {PACKAGE}; run `apt-get update` first, or give --deb FILE") from None


def _download(version: str | None) -> Path:
    cache = Path(os.environ.get("MODELYARD_CACHE") or Path.home() / ".cache/modelyard") / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    # apt writes an epoch's colon as %3a in names of files.
    name = f"{PACKAGE}_{(version or '').replace(':', '%3a')}_all.deb"
    if not (cache / name).is_file():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            # As root, apt would fetch as a user who may not write to the cache.
            _run("apt-get", "-o", "APT::Sandbox::User=root", "-qq", "download", f"{PACKAGE}={version}", folder=folder)
            found = list(Path(folder).glob("*.deb"))
            if not found:
                raise UserError(f"apt-get downloaded no file for {PACKAGE} {version}; run `apt-get update` first")
            found[0].replace(cache / name)
    return cache / name


def _version_of(deb: Path) -> str:
    if not deb.is_file():
        raise UserError(f"there is no file {deb}; --deb takes the package {PACKAGE} as a file")
    return _run("dpkg-deb", "-f", str(deb), "Version").strip()


def _run(*command: str, check: bool = True, folder: str | None = None) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    except FileNotFoundError as missing:
        raise UserError(f"{command[0]} is not on PATH; it comes with Debian's apt and dpkg") from missing
    except subprocess.TimeoutExpired as late:
        raise UserError(f"`{' '.join(command)}` did not end in 300 s; is the package mirror reachable?") from late
    if check and done.returncode:
        raise UserError(f"`{' '.join(command)}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
